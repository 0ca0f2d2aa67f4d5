#include "tests/fault/fault.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "tests/lib/daemon.h"
#include "tests/lib/paths.h"
#include "tests/lib/scratch.h"

/* A call that is made again when it was interrupted is interrupted so often. One that is
 * interrupted for ever gets nowhere, and need not. */
#define INTERRUPTIONS 3

const struct fault_kind fault_kinds[FAULT_CALLS] = {
    [FAULT_WRITE] = {"write",
                     6,
                     {{EIO, 1},
                      {ENOSPC, FAULT_FOR_EVER},
                      {FAULT_SHORT, 1},
                      {EINTR, INTERRUPTIONS},
                      {EIO, FAULT_FOR_EVER},
                      {ENOSPC, 1}}},
    [FAULT_FDATASYNC] = {"fdatasync",
                         5,
                         {{EIO, 1},
                          {EIO, FAULT_FOR_EVER},
                          {ENOSPC, 1},
                          {EINTR, INTERRUPTIONS},
                          {ENOSPC, FAULT_FOR_EVER}}},
    [FAULT_FSYNC] = {"fsync", 3, {{EIO, 1}, {EIO, FAULT_FOR_EVER}, {EINTR, INTERRUPTIONS}}},
    [FAULT_OPEN] =
        {"open",
         5,
         {{EIO, 1}, {EIO, FAULT_FOR_EVER}, {ENOSPC, 1}, {EINTR, 1}, {ENOSPC, FAULT_FOR_EVER}}},
    [FAULT_RENAME] = {"rename", 3, {{EIO, 1}, {EIO, FAULT_FOR_EVER}, {ENOSPC, 1}}},
    [FAULT_UNLINK] = {"unlink", 2, {{EIO, 1}, {EIO, FAULT_FOR_EVER}}},
    [FAULT_FTRUNCATE] = {"ftruncate", 2, {{EIO, 1}, {EIO, FAULT_FOR_EVER}}},
    [FAULT_CLOSE] = {"close", 3, {{EIO, 1}, {EIO, FAULT_FOR_EVER}, {EINTR, INTERRUPTIONS}}},
    [FAULT_READ] = {"read", 3, {{EIO, 1}, {EIO, FAULT_FOR_EVER}, {EINTR, INTERRUPTIONS}}},
    [FAULT_PREAD] = {"pread", 3, {{EIO, 1}, {EIO, FAULT_FOR_EVER}, {EINTR, INTERRUPTIONS}}},
    [FAULT_MMAP] = {"mmap", 3, {{EIO, 1}, {EIO, FAULT_FOR_EVER}, {ENOMEM, 1}}},
};

struct fault *fault_open(struct daemon *daemon)
{
    char *path = scratch_path(daemon_directory(daemon), "fault");
    char *library = scratch_path(paths_build(), "tests/fault/fault.so");
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    cr_assert(fd >= 0 && ftruncate(fd, sizeof(struct fault)) == 0);
    struct fault *fault =
        mmap(NULL, sizeof(struct fault), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    cr_assert(fault != MAP_FAILED);
    close(fd);
    daemon_set_environment(daemon, FAULT_VARIABLE, path);
    daemon_set_environment(daemon, FAULT_DATA_VARIABLE, daemon_data(daemon));
    daemon_set_environment(daemon, "LD_PRELOAD", library);
    free(path);
    free(library);
    return fault;
}

void fault_set(struct fault *fault, enum fault_call call, unsigned first, struct fault_way way)
{
    fault_clear(fault);
    for (unsigned i = 0; i < FAULT_CALLS; i++)
        atomic_store(&fault->calls[i], 0);
    atomic_store(&fault->failed, 0);
    atomic_store(&fault->call, call);
    atomic_store(&fault->count, way.count);
    atomic_store(&fault->error, way.error);
    atomic_store(&fault->first, first); /* last: from now on */
}

unsigned fault_clear(struct fault *fault)
{
    atomic_store(&fault->first, 0);
    return atomic_load(&fault->failed);
}
