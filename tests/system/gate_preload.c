/*
 * The preloaded side of gate.h: an fdatasync that waits while the gate is closed, and fails while
 * it is broken.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
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

int fdatasync(int fd)
{
    if (gate != NULL) {
        atomic_fetch_add(&gate->arrived, 1);
        while (atomic_load(&gate->closed) != 0)
            poll(NULL, 0, 1);
        if (atomic_load(&gate->broken) != 0) {
            errno = EIO;
            return -1;
        }
    }
    return (int)syscall(SYS_fdatasync, fd);
}
