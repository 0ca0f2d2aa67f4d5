/*
 * The preloaded side of gate.h: an fdatasync that waits while the gate is closed, and fails while
 * it is broken, an fsync that is counted and can fail, and a realloc that fails while memory is
 * scarce.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tests/system/gate.h"

static struct gate *gate;

__attribute__((constructor)) static void map_gate(void)
{
    const char *path = getenv(GATE_VARIABLE);
    int fd = path == NULL ? -1 : open(path, O_RDWR | O_CLOEXEC);
    if (fd < 0)
        return;
    void *mapped = mmap(NULL, sizeof(struct gate), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    close(fd);
    gate = mapped == MAP_FAILED ? NULL : mapped;
}

/* Puts the name of the descriptor's file, without its directories, into `name`. */
static void find_name(int fd, char *name)
{
    char link[64];
    char path[4096];
    snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
    ssize_t len = readlink(link, path, sizeof(path) - 1);
    path[len < 0 ? 0 : len] = '\0';
    const char *slash = strrchr(path, '/');
    snprintf(name, GATE_NAME, "%.*s", GATE_NAME - 1, slash == NULL ? path : slash + 1);
}

static bool is_held_back(unsigned number, const char *name)
{
    unsigned closed = atomic_load(&gate->closed);
    if (number < atomic_load(&gate->through))
        return false;
    return closed == GATE_CLOSED ||
           (closed == GATE_CLOSED_TO_TABLES && strstr(name, ".ldb") != NULL);
}

int fdatasync(int fd)
{
    char name[GATE_NAME];
    if (gate != NULL) {
        find_name(fd, name);
        unsigned number = atomic_fetch_add(&gate->arrived, 1);
        if (number < GATE_RECORDS)
            memcpy(gate->names[number], name, GATE_NAME);
        for (unsigned waits = 0; is_held_back(number, name); waits++)
            poll(NULL, 0, waits < 1000 ? 1 : 20); /* who is held for long must look idle */
        if (atomic_load(&gate->broken) != 0) {
            errno = EIO;
            return -1;
        }
    }
    return (int)syscall(SYS_fdatasync, fd);
}

int fsync(int fd)
{
    if (gate != NULL) {
        atomic_fetch_add(&gate->named, 1);
        if (atomic_load(&gate->nameless) != 0) {
            errno = EIO;
            return -1;
        }
    }
    return (int)syscall(SYS_fsync, fd);
}

void *realloc(void *memory, size_t size)
{
    static _Atomic(void *) found; /* the one behind this, which may be a sanitizer's */
    void *next = atomic_load(&found);
    if (gate != NULL) {
        unsigned scarce = atomic_load(&gate->scarce);
        unsigned endless = atomic_load(&gate->endless);
        while (endless != 0 && size >= endless)
            pause();
        if (scarce != 0 && size >= scarce)
            return NULL;
    }
    if (next == NULL) {
        next = dlsym(RTLD_NEXT, "realloc");
        atomic_store(&found, next);
    }
    void *(*function)(void *, size_t);
    memcpy(&function, &next, sizeof(function)); /* C knows no cast from one to the other */
    return function(memory, size);
}
