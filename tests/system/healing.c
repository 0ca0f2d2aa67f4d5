#include "tests/system/healing.h"

#include <criterion/criterion.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/lib/daemon.h"
#include "tests/lib/deadline.h"
#include "tests/lib/report.h"
#include "tests/lib/scratch.h"
#include "tests/system/gate.h"

void healing_await(struct daemon *server)
{
    int64_t deadline = deadline_in(DEADLINE_SECONDS);
    struct wire *wire = daemon_connect(server);
    for (;;) {
        wire_say(wire, "INFO store\n");
        struct slice reply = wire_reply(wire);
        if (slice_has_prefix(reply, SLICE("\"writable\" \"yes\"\n")))
            break;
        cr_assert(deadline_left(deadline) > 0, "the store stays read-only: %s", report_show(reply));
        poll(NULL, 0, 5);
    }
    wire_close(wire);
}

void healing_reopen(struct daemon *server, struct gate *gate, struct wire *wire)
{
    atomic_store(&gate->broken, 1);
    wire_say(wire, "PUT failed 1\n");
    struct slice reply = wire_reply(wire);
    /* A table that was being made may have met the fault first, and then the write was not tried.
     */
    cr_assert(slice_has_prefix(reply, SLICE("ERR UNKNOWN \"")) ||
                  slice_has_prefix(reply, SLICE("ERR IO \"")),
              "%s", report_show(reply));
    atomic_store(&gate->broken, 0);
    healing_await(server);
}

void healing_hide_current(struct daemon *server, bool hide)
{
    char *current = scratch_path(daemon_data(server), "CURRENT");
    char *hidden = scratch_path(daemon_directory(server), "hidden");
    cr_assert_eq(hide ? rename(current, hidden) : rename(hidden, current), 0);
    free(current);
    free(hidden);
}
