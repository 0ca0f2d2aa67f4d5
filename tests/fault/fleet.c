#include "tests/fault/fleet.h"

#include <criterion/criterion.h>
#include <stdio.h>

#include "tests/lib/daemon.h"

/* A writer that pipelines asks no more while so much is not even sent. */
#define UNSENT_MOST ((size_t)64 * 1024)

static bool pipelines(unsigned client)
{
    return client % 4 < 2;
}

/* Keeps the client as busy as its kind is. */
static void keep_busy(struct fleet *fleet, unsigned client)
{
    struct writer *writer = &fleet->writers[client];
    struct buffer requests = {0};
    unsigned depth = pipelines(client) ? WRITER_DEPTH : 1;
    if (fleet->leaving || fleet->refused[client] || !crowd_has(fleet->crowd, client))
        return;
    while (writer->waiting < depth &&
           crowd_unsent(fleet->crowd, client) + requests.len < UNSENT_MOST)
        writer_ask(writer, &requests);
    crowd_say(fleet->crowd, client, buffer_slice(&requests));
    buffer_fini(&requests);
}

static void refuse(struct fleet *fleet, unsigned client, struct slice line)
{
    fleet->refused[client] = true;
    fleet->refusals++;
    bool stopping = memmem(line.data, line.len, "SHUTDOWN", 8) != NULL;
    if (!stopping && fleet->strange[0] == '\0')
        snprintf(fleet->strange, sizeof(fleet->strange), "%.*s", (int)line.len, line.data);
}

static void on_line(void *arg, unsigned client, struct slice line)
{
    struct fleet *fleet = arg;
    if (fleet->refused[client])
        return;
    switch (writer_hear(&fleet->writers[client], line)) {
    case WRITER_NONE:
        break;
    case WRITER_ACKNOWLEDGED:
        fleet->acknowledged++;
        keep_busy(fleet, client);
        break;
    case WRITER_REFUSED:
        refuse(fleet, client, line);
        break;
    }
}

static void on_end(void *arg, unsigned client)
{
    (void)arg;
    (void)client;
}

void fleet_init(struct fleet *fleet, uint64_t seed)
{
    struct chance chance = {seed};
    *fleet = (struct fleet){0};
    fleet->crowd = crowd_new(&(struct crowd_ears){.line = on_line, .end = on_end, .arg = fleet});
    for (unsigned i = 0; i < CROWD_SIZE; i++)
        writer_init(&fleet->writers[i], i, chance_next(&chance));
}

void fleet_fini(struct fleet *fleet)
{
    crowd_free(fleet->crowd);
    for (unsigned i = 0; i < CROWD_SIZE; i++)
        writer_fini(&fleet->writers[i]);
}

void fleet_forget(struct fleet *fleet)
{
    static const struct ledger_contents nothing;
    for (unsigned i = 0; i < CROWD_SIZE; i++)
        writer_begin(&fleet->writers[i], &nothing);
}

void fleet_join(struct fleet *fleet, const struct daemon *daemon)
{
    fleet->leaving = false;
    for (unsigned i = 0; i < CROWD_SIZE; i++) {
        fleet->refused[i] = false;
        crowd_join(fleet->crowd, i, daemon_port(daemon));
        keep_busy(fleet, i);
    }
}

void fleet_write(struct fleet *fleet, int ms)
{
    crowd_run(fleet->crowd, ms);
}

bool fleet_leave(struct fleet *fleet, int ms)
{
    fleet->leaving = true;
    crowd_run(fleet->crowd, ms);
    bool ended = crowd_count(fleet->crowd) == 0;
    for (unsigned i = 0; i < CROWD_SIZE; i++)
        crowd_leave(fleet->crowd, i);
    return ended;
}

/* Checks ------------------------------------------------------------------- */

static void note(struct fleet_tally *tally, const char *what, unsigned client, struct slice more)
{
    if (tally->first[0] == '\0')
        snprintf(tally->first, sizeof(tally->first), "writer %u: %s %.*s", client, what,
                 (int)(more.len < 100 ? more.len : 100), more.data);
}

static void read_all(const struct daemon *daemon, struct ledger_contents *found,
                     struct fleet_tally *tally)
{
    struct wire *wire = daemon_connect(daemon);
    wire_say(wire, "SCAN ''\n");
    for (;;) {
        struct slice line = wire_line(wire);
        unsigned number = 0;
        unsigned key = 0;
        uint32_t value = 0;
        line.len--;
        if (line.data[0] != '"') {
            cr_assert(slice_has_prefix(line, SLICE("OK ")), "%.*s", (int)line.len, line.data);
            break;
        }
        if (writer_read_row(line, &number, &key, &value) && number < CROWD_SIZE) {
            found[number].values[key] = value;
        } else {
            tally->invented++;
            note(tally, "nobody wrote the row", number, line);
        }
    }
    wire_close(wire);
}

static void judge(struct fleet *fleet, unsigned client, const struct ledger_contents *found,
                  struct fleet_tally *tally)
{
    switch (ledger_judge(&fleet->writers[client].ledger, found)) {
    case LEDGER_TRUE:
        return;
    case LEDGER_LOST:
        tally->lost++;
        note(tally, "an acknowledged write was lost", client, SLICE(""));
        return;
    case LEDGER_HALF:
        tally->half++;
        note(tally, "a step was done in part", client, SLICE(""));
        return;
    case LEDGER_INVENTED:
        tally->invented++;
        note(tally, "a key holds what it was never given", client, SLICE(""));
        return;
    }
}

void fleet_check(struct fleet *fleet, const struct daemon *daemon, struct fleet_tally *tally)
{
    struct ledger_contents found[CROWD_SIZE] = {0};
    read_all(daemon, found, tally);
    for (unsigned i = 0; i < CROWD_SIZE; i++) {
        judge(fleet, i, &found[i], tally);
        writer_begin(&fleet->writers[i], &found[i]);
    }
}
