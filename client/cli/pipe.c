#include "client/cli/pipe.h"

#include <inttypes.h>
#include <stdlib.h>

#include "client/cli/complain.h"
#include "client/cli/exchange.h"
#include "client/cli/source.h"

/* Requests in flight. Enough to fill a server's group commit, small enough to remember each. */
#define WINDOW ((size_t)16384)

struct pipe {
    struct leveret *db;
    const struct print *print;
    struct source source;
    struct print_reply *flight; /* a ring of WINDOW: what is known of each unanswered request */
    size_t oldest;
    enum exit_status worst;
    bool stopped; /* nothing more is read: QUIT, a line too long, or a failure */
    bool held;    /* `line` could not be queued yet */
    bool broken;  /* the connection or the output is of no more use */
    struct slice line;
};

static void worsen(struct pipe *pipe, enum exit_status outcome)
{
    pipe->worst = exit_worse(pipe->worst, outcome);
}

static void lose(struct pipe *pipe, enum leveret_status status)
{
    complain("line %" PRIu64 ": %s", pipe->flight[pipe->oldest].line, leveret_error_text(pipe->db));
    worsen(pipe, exit_from_status(status));
    pipe->broken = true;
}

static bool is_quit(struct slice line)
{
    while (line.len > 0 && line.data[line.len - 1] == ' ')
        line.len--;
    while (line.len > 0 && line.data[0] == ' ')
        line = slice_of(line.data + 1, line.len - 1);
    return slice_equal_fold(line, SLICE("QUIT"));
}

/* Queues the line at hand. False when it must wait for replies to be taken. */
static bool queue_line(struct pipe *pipe)
{
    size_t before = leveret_pending(pipe->db);
    enum leveret_status status =
        leveret_line(pipe->db, leveret_bytes(pipe->line.data, pipe->line.len));
    /* A connection that broke under earlier requests: their replies that came are printed first,
     * and taking the next one tells how it ended. */
    pipe->held = status == LEVERET_FULL || (status == LEVERET_LOST && before > 0);
    if (pipe->held)
        return false;
    if (status != LEVERET_OK) {
        worsen(pipe, exchange_failed(pipe->db, status));
        pipe->broken = true;
        return false;
    }
    if (leveret_pending(pipe->db) == before)
        return true; /* an empty line or a remark */
    pipe->flight[(pipe->oldest + before) % WINDOW] =
        (struct print_reply){.shape = shape_of_line(pipe->line), .line = pipe->source.line};
    pipe->stopped = is_quit(pipe->line);
    return true;
}

static void stop_too_long(struct pipe *pipe)
{
    complain("line %" PRIu64 ": longer than a server takes; nothing after it was run",
             pipe->source.line);
    worsen(pipe, EXIT_REFUSED);
    pipe->stopped = true;
}

static void queue_lines(struct pipe *pipe)
{
    if (pipe->held && !queue_line(pipe))
        return;
    while (!pipe->stopped && !pipe->broken && leveret_pending(pipe->db) < WINDOW) {
        enum source_result result = source_next(&pipe->source, &pipe->line);
        if (result == SOURCE_TOO_LONG)
            stop_too_long(pipe);
        if (result == SOURCE_END)
            pipe->stopped = true;
        if (result != SOURCE_LINE || !queue_line(pipe))
            return;
    }
}

/* Prints every line of replies that is there. */
static void take_replies(struct pipe *pipe)
{
    while (!pipe->broken && leveret_pending(pipe->db) > 0) {
        const struct leveret_answer *answer = NULL;
        enum leveret_status status = leveret_try_next(pipe->db, &answer);
        if (status == LEVERET_AGAIN)
            return;
        if (status != LEVERET_OK) {
            lose(pipe, status);
            return;
        }
        worsen(pipe, print_answer(pipe->print, &pipe->flight[pipe->oldest], answer));
        if (leveret_answer_kind(answer) == LEVERET_ENDING)
            pipe->oldest = (pipe->oldest + 1) % WINDOW;
        pipe->broken = pipe->print->out->error != 0;
    }
}

/* What was printed is shown before any wait: the reader may be waiting for it to write on. */
static void wait_for_work(struct pipe *pipe)
{
    if (!output_flush(pipe->print->out)) {
        worsen(pipe, EXIT_REFUSED);
        pipe->broken = true;
        return;
    }
    bool reads = !pipe->stopped && !pipe->held && leveret_pending(pipe->db) < WINDOW;
    if (source_wait(reads ? &pipe->source : NULL, pipe->db))
        (void)source_fill(&pipe->source);
}

static void pump(struct pipe *pipe)
{
    for (;;) {
        queue_lines(pipe);
        bool was_full = leveret_pending(pipe->db) == WINDOW;
        take_replies(pipe);
        if (pipe->broken)
            return;
        if (pipe->held || (was_full && leveret_pending(pipe->db) < WINDOW))
            continue; /* replies were taken, so there is room for lines that are here */
        if (pipe->stopped && leveret_pending(pipe->db) == 0)
            return;
        wait_for_work(pipe);
    }
}

enum exit_status pipe_run(struct leveret *db, const struct print *print, int input)
{
    struct pipe pipe = {.db = db, .print = print};
    enum leveret_status status = leveret_connect(db); /* to say so before anything is read */
    if (status != LEVERET_OK)
        return exchange_failed(db, status);
    pipe.flight = calloc(WINDOW, sizeof(*pipe.flight));
    if (pipe.flight == NULL) {
        complain("no memory");
        return EXIT_REFUSED;
    }
    source_init(&pipe.source, input);
    pump(&pipe);
    if (pipe.source.error != 0) {
        complain("standard input: %s", strerror(pipe.source.error));
        worsen(&pipe, EXIT_REFUSED);
    }
    if (!output_flush(print->out))
        worsen(&pipe, EXIT_REFUSED);
    source_fini(&pipe.source);
    free(pipe.flight);
    return pipe.worst;
}
