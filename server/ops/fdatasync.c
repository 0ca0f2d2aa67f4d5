/*
 * The daemon's fdatasync, which every caller in the process finds first, LevelDB's code too: it
 * measures the system's, or that of a library that was preloaded. Part of the program and not of
 * the library that tests link, because it is there for everybody.
 */
#include <dlfcn.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "ops/clock.h"
#include "ops/disk.h"

typedef int sync_fn(int fd);

/* What fdatasync would be without this one; found once, or twice by two threads at a time. */
static sync_fn *find_next(void)
{
    static _Atomic(sync_fn *) next;
    sync_fn *found = atomic_load_explicit(&next, memory_order_relaxed);
    if (found != NULL)
        return found;
    void *symbol = dlsym(RTLD_NEXT, "fdatasync");
    memcpy(&found, &symbol, sizeof(found)); /* ISO C casts no object to a function */
    atomic_store_explicit(&next, found, memory_order_relaxed);
    return found;
}

int fdatasync(int fd)
{
    sync_fn *next = find_next();
    int64_t began = clock_us();
    int result = next != NULL ? next(fd) : (int)syscall(SYS_fdatasync, fd);
    disk_synced(clock_us() - began);
    return result;
}
