#include "tests/lib/count.h"

#include <criterion/criterion.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>

#include "tests/lib/deadline.h"

/* Between two looks, in milliseconds. */
#define PAUSE 10

uint64_t count_ask(struct wire *wire, const char *name)
{
    char row[64];
    uint64_t number = 0;
    bool found = false;
    int len = snprintf(row, sizeof(row), "\"%s\" \"", name);
    wire_say(wire, "INFO\n");
    struct slice line = wire_line(wire);
    for (; line.data[0] == '"'; line = wire_line(wire))
        if (slice_has_prefix(line, slice_of(row, (size_t)len)))
            found = sscanf(line.data + len, "%" SCNu64, &number) == 1;
    cr_assert(found, "INFO has no number named %s", name);
    return number;
}

void count_await(struct wire *wire, const char *name, uint64_t expected)
{
    int64_t deadline = deadline_in(DEADLINE_SECONDS);
    uint64_t number = 0;
    while ((number = count_ask(wire, name)) != expected) {
        cr_assert(deadline_left(deadline) > 0, "%s stays %" PRIu64 " and does not become %" PRIu64,
                  name, number, expected);
        poll(NULL, 0, PAUSE);
    }
}
