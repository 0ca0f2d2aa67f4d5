#include "tests/system/gate.h"

#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "tests/lib/daemon.h"
#include "tests/lib/deadline.h"
#include "tests/lib/paths.h"
#include "tests/lib/scratch.h"

struct gate *gate_open(struct daemon *server)
{
    char *path = scratch_path(daemon_directory(server), "gate");
    char *library = scratch_path(paths_build(), "tests/system/gate.so");
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    cr_assert(fd >= 0 && ftruncate(fd, sizeof(struct gate)) == 0);
    struct gate *gate = mmap(NULL, sizeof(struct gate), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    cr_assert(gate != MAP_FAILED);
    close(fd);
    daemon_set_environment(server, GATE_VARIABLE, path);
    daemon_set_environment(server, "LD_PRELOAD", library);
    free(path);
    free(library);
    return gate;
}

unsigned gate_count(const struct gate *gate, unsigned from, const char *name)
{
    unsigned count = 0;
    unsigned arrived = atomic_load(&gate->arrived);
    cr_assert(arrived <= GATE_RECORDS, "more calls than are remembered");
    for (unsigned i = from; i < arrived; i++)
        count += strncmp(gate->names[i], name, GATE_NAME) == 0;
    return count;
}

void gate_await(struct gate *gate, unsigned arrivals)
{
    int64_t deadline = deadline_in(DEADLINE_SECONDS);
    while (atomic_load(&gate->arrived) < arrivals) {
        cr_assert(deadline_left(deadline) > 0, "%u calls of fdatasync came, not %u",
                  atomic_load(&gate->arrived), arrivals);
        poll(NULL, 0, 1);
    }
}
