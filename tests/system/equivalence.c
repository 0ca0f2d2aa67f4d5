/*
 * The daemon against its twin: a long run of random requests over several connections, pipelined,
 * cut into odd pieces, with restarts between and kills inside, and every reply compared.
 *
 * Each run has another seed and says which. To see a failure again, and then to make it small:
 *
 *     LEVERET_SEED=n           the same requests again
 *     LEVERET_OPERATIONS=n     only so many of them (also to run longer than usual)
 *     LEVERET_SKIP=n           leave out the first n bursts: what a burst asks depends on the seed
 *                              and its own number, and on others only for what the store holds.
 *                              Raise it while the run still fails.
 *     LEVERET_TRACE=FILE       write every request to the file, to try the last ones by hand
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "protocol/number.h"
#include "tests/lib/daemon.h"
#include "tests/lib/report.h"
#include "tests/lib/scratch.h"
#include "tests/system/questions.h"
#include "tests/system/twin.h"

#define OPERATIONS 200000
#define LARGEST_BURST 60
#define RESTARTS 8
#define SYNCED 4 /* the restart after which writes wait for fdatasync, which takes its time */

TestSuite(equivalence, .timeout = 280);

/* A request on its way, and the reply that must come. */
struct pending {
    struct buffer line;
    struct buffer reply;
    bool crlf;
};

struct run {
    uint64_t seed;
    uint64_t operations; /* to be asked */
    uint64_t skip;       /* bursts to leave out */
    FILE *trace;         /* or NULL */

    uint64_t asked;
    uint64_t burst;
    struct daemon *server;
    struct wire *wires[TWIN_SESSIONS];
    struct twin twin;
    struct ask ask;
    struct pending pending[LARGEST_BURST];
    size_t count;
    struct buffer bytes;
    bool keep; /* the state behind each of them, in `states` */
    struct model states[LARGEST_BURST + 1];

    bool met[16]; /* of `kinds` */
    bool more;
};

/* The daemon --------------------------------------------------------------- */

/* A connection that has asked a line already: until then PING and CRLF is answered as Redis does.
 */
static struct wire *connect_lines(struct daemon *server)
{
    struct wire *wire = daemon_connect(server);
    wire_send(wire, SLICE("PING\n"));
    report_equal("PING", wire_reply(wire), SLICE("OK \"PONG\"\n"));
    return wire;
}

/* The smallest write buffer, so that tables, levels and compactions take part. */
static void start(struct run *run, bool sync)
{
    daemon_start(run->server, "--write-buffer", "64K", "--max-snapshots", TWIN_OPEN_SNAPSHOTS_TEXT,
                 "--sync", sync ? "always" : "never", NULL);
    for (size_t i = 0; i < TWIN_SESSIONS; i++)
        run->wires[i] = connect_lines(run->server);
}

static void end(struct run *run, bool kill)
{
    if (kill)
        daemon_kill(run->server);
    for (size_t i = 0; i < TWIN_SESSIONS; i++)
        wire_close(run->wires[i]);
    if (!kill)
        daemon_stop(run->server);
}

/* Comparing ---------------------------------------------------------------- */

/* The reply without remarks, and with LF where the line ending is the promised one. */
static struct slice plain(struct slice reply, bool crlf)
{
    static struct buffer text;
    buffer_clear(&text);
    while (reply.len > 0) {
        const char *lf = memchr(reply.data, '\n', reply.len);
        size_t len = (size_t)(lf - reply.data);
        bool right = (len > 0 && reply.data[len - 1] == '\r') == crlf;
        if (reply.data[0] != '#') {
            buffer_append(&text, reply.data, right && crlf ? len - 1 : len);
            buffer_append_string(&text, right ? "\n" : "<the wrong line ending>\n");
        }
        reply = slice_of(lf + 1, reply.len - len - 1);
    }
    return buffer_slice(&text);
}

/* `OK "digits"`: the id of a new snapshot, for the twin. */
static bool learn(struct run *run, struct slice got)
{
    uint64_t number = 0;
    if (got.len < 7 || !slice_has_prefix(got, SLICE("OK \"")))
        return false;
    struct slice id = slice_of(got.data + 4, got.len - 6);
    if (!number_read(id, UINT64_MAX, &number))
        return false;
    twin_learn(&run->twin, id);
    return true;
}

/* Of an error only the code is promised; behind it stands a sentence. */
static bool agrees(struct run *run, struct slice got, struct slice expected)
{
    if (slice_equal(expected, SLICE("?\n")))
        return learn(run, got);
    if (!slice_has_prefix(expected, SLICE("ERR ")))
        return slice_equal(got, expected);
    return slice_has_prefix(got, expected) && got.len > expected.len + 2 &&
           slice_equal(slice_of(got.data + got.len - 2, 2), SLICE("\"\n"));
}

static void complain(const struct run *run, const struct pending *pending, struct slice got)
{
    char what[2048];
    snprintf(what, sizeof(what),
             "LEVERET_SEED=%llu LEVERET_SKIP=%llu, burst %llu, about operation %llu: %s",
             (unsigned long long)run->seed, (unsigned long long)run->skip,
             (unsigned long long)run->burst, (unsigned long long)run->asked,
             report_show(buffer_slice(&pending->line)));
    report_equal(what, got, buffer_slice(&pending->reply));
    cr_assert_fail("%s: got %s", what, report_show(got));
}

/* Endings that a run must have met, or its questions were too tame. */
static const char *const kinds[] = {
    "NOT_FOUND", "CONFLICT",     "ERR SYNTAX",     "ERR UNKNOWN_COMMAND",
    "ERR ARGS",  "ERR BADARG",   "ERR NOT_NUMBER", "ERR OVERFLOW",
    "ERR BATCH", "ERR SNAPSHOT", "ERR LIMIT",
};

#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

static void note_kind(struct run *run, struct slice reply)
{
    for (size_t i = 0; i < KINDS; i++)
        run->met[i] |= slice_has_prefix(reply, slice_from_string(kinds[i]));
    run->more |= reply.len > 0 && memmem(reply.data, reply.len, " MORE \"", 7) != NULL;
}

/* Asking ------------------------------------------------------------------- */

/* Adds a request and the reply it must get; false when the next one has to wait for the reply. */
static bool add(struct run *run, struct chance *chance, size_t session)
{
    struct pending *pending = &run->pending[run->count++];
    buffer_clear(&pending->line);
    buffer_clear(&pending->reply);
    ask_append(&run->ask, chance, &pending->line);
    pending->crlf = chance_below(chance, 8) == 0;
    twin_answer(&run->twin, session, &run->ask, &pending->reply);
    if (run->keep)
        model_copy(&run->states[run->count], &run->twin.model);
    if (chance_below(chance, 50) == 0)
        buffer_append_string(&run->bytes, "\r\n# nobody answers this\n");
    buffer_append_slice(&run->bytes, buffer_slice(&pending->line));
    buffer_append_string(&run->bytes, pending->crlf ? "\r\n" : "\n");
    return !slice_equal(buffer_slice(&pending->reply), SLICE("?\n"));
}

/* Sends what was gathered in pieces that end anywhere. */
static void send_cut(struct run *run, struct chance *chance, size_t session)
{
    struct wire *wire = run->wires[session];
    size_t largest = (size_t)1 << (3 + chance_below(chance, 14));
    if (run->trace != NULL) {
        fprintf(run->trace, "# connection %zu\n", session);
        fwrite(run->bytes.data, 1, run->bytes.len, run->trace);
    }
    for (size_t at = 0; at < run->bytes.len;) {
        size_t len = 1 + chance_below(chance, largest);
        if (len > run->bytes.len - at)
            len = run->bytes.len - at;
        wire_send(wire, slice_of(run->bytes.data + at, len));
        at += len;
    }
}

/* Takes so many of the replies; the others are not waited for. */
static void settle(struct run *run, size_t session, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct pending *pending = &run->pending[i];
        struct slice got = plain(wire_reply(run->wires[session]), pending->crlf);
        if (!agrees(run, got, buffer_slice(&pending->reply)))
            complain(run, pending, got);
        note_kind(run, got);
    }
    run->asked += run->count;
    run->count = 0;
    buffer_clear(&run->bytes);
}

/* Sends a pipeline of requests on one connection; which. */
static size_t send_burst(struct run *run, struct chance *chance)
{
    *chance = (struct chance){run->seed + run->burst * 0x2545f4914f6cdd1d};
    size_t session = chance_below(chance, TWIN_SESSIONS);
    size_t most = 1 + chance_below(chance, LARGEST_BURST);
    do
        questions_make(&run->ask, chance, &run->twin, session);
    while (add(run, chance, session) && run->count < most);
    send_cut(run, chance, session);
    return session;
}

static void burst(struct run *run)
{
    struct chance chance;
    size_t session = send_burst(run, &chance);
    settle(run, session, run->count);
    run->burst++;
}

/* Restarts ----------------------------------------------------------------- */

/* The whole store, row by row, on a connection that has nothing open. */
static void compare_all(struct run *run)
{
    struct chance chance = {run->seed};
    ask_begin(&run->ask, "SCAN");
    ask_word(&run->ask, "");
    add(run, &chance, 0);
    send_cut(run, &chance, 0);
    settle(run, 0, 1);
}

/* The store is as it was behind one of the requests of the last burst, from `first` to `last`; from
 * here on so is the twin. */
static void find_state(struct run *run, size_t first, size_t last)
{
    static const struct model_query all;
    struct buffer expected = {0};
    wire_say(run->wires[0], "SCAN \"\"\n");
    struct slice got = wire_reply(run->wires[0]);
    bool found = false;
    for (size_t i = first; i <= last && !found; i++) {
        buffer_clear(&expected);
        model_scan(&run->states[i], &all, &expected);
        found = slice_equal(got, buffer_slice(&expected));
        if (found) {
            model_fini(&run->twin.model);
            model_copy(&run->twin.model, &run->states[i]);
        }
    }
    cr_assert(found,
              "LEVERET_SEED=%llu, burst %llu: %zu of %zu requests were answered before a kill, and "
              "the store is as behind none of the others: %s",
              (unsigned long long)run->seed, (unsigned long long)run->burst, first, last,
              report_show(got));
    buffer_fini(&expected);
}

/* A kill in the middle of a pipeline: what was answered is there, and of the rest some beginning.
 */
static void kill_inside(struct run *run)
{
    struct chance chance;
    run->keep = true;
    model_copy(&run->states[0], &run->twin.model);
    size_t session = send_burst(run, &chance);
    size_t count = run->count;
    size_t answered = chance_below(&chance, count + 1);
    settle(run, session, answered);
    end(run, true);
    twin_restart(&run->twin);
    start(run, false);
    find_state(run, answered, count);
    for (size_t i = 0; i <= count; i++)
        model_fini(&run->states[i]);
    run->keep = false;
    run->burst++;
}

static void restart(struct run *run, unsigned times)
{
    if (times % 2 == 0)
        kill_inside(run);
    end(run, times % 4 == 3);
    twin_restart(&run->twin);
    start(run, times == SYNCED);
    compare_all(run);
}

/* The run ------------------------------------------------------------------ */

static uint64_t number_from(const char *name, uint64_t otherwise)
{
    const char *text = getenv(name);
    uint64_t number = otherwise;
    if (text != NULL)
        cr_assert(number_read(slice_from_string(text), UINT64_MAX, &number), "%s=%s", name, text);
    return number;
}

static void open_run(struct run *run)
{
    const char *trace = getenv("LEVERET_TRACE");
    run->seed = number_from("LEVERET_SEED", (uint64_t)time(NULL));
    run->operations = number_from("LEVERET_OPERATIONS", OPERATIONS);
    run->skip = number_from("LEVERET_SKIP", 0);
    run->trace = trace == NULL ? NULL : fopen(trace, "w");
    run->burst = run->skip;
    run->server = daemon_new();
    fprintf(stderr, "LEVERET_SEED=%llu LEVERET_OPERATIONS=%llu LEVERET_SKIP=%llu\n",
            (unsigned long long)run->seed, (unsigned long long)run->operations,
            (unsigned long long)run->skip);
    start(run, false);
}

static void close_run(struct run *run)
{
    end(run, false);
    daemon_free(run->server);
    twin_fini(&run->twin);
    ask_fini(&run->ask);
    for (size_t i = 0; i < LARGEST_BURST; i++) {
        buffer_fini(&run->pending[i].line);
        buffer_fini(&run->pending[i].reply);
    }
    buffer_fini(&run->bytes);
    if (run->trace != NULL)
        fclose(run->trace);
}

/* Of a run that was not shortened: it met every kind of reply, and the disk took part. */
static void expect_variety(const struct run *run)
{
    struct buffer files = scratch_listing(daemon_data(run->server));
    cr_assert(memmem(files.data, files.len, ".ldb", 4) != NULL, "no table was written");
    buffer_fini(&files);
    cr_assert(run->more);
    for (size_t i = 0; i < KINDS; i++)
        cr_assert(run->met[i], "nothing was answered with %s", kinds[i]);
}

Test(equivalence, of_the_daemon_and_a_model_over_random_requests)
{
    static struct run run;
    unsigned restarts = 0;
    open_run(&run);
    while (run.asked < run.operations) {
        burst(&run);
        if (run.asked >= (restarts + 1) * (run.operations / (RESTARTS + 1)) &&
            run.asked < run.operations)
            restart(&run, restarts++);
    }
    restart(&run, 0);
    if (run.operations >= OPERATIONS)
        expect_variety(&run);
    close_run(&run);
}
