#include "client/cli/import.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "client/cli/complain.h"
#include "client/cli/exchange.h"
#include "client/cli/progress.h"
#include "client/cli/row.h"
#include "client/cli/source.h"

/* Rows in flight: enough that the server never waits for the next one. */
#define WINDOW ((size_t)16384)

struct flight {
    uint64_t line;
    uint64_t bytes;
};

struct import {
    struct leveret *db;
    const char *name; /* of the input, for complaints */
    struct source source;
    struct row row;
    struct flight *flights; /* a ring of WINDOW: what is unanswered */
    size_t oldest;
    struct progress progress;
    bool held;    /* `row` could not be queued yet */
    bool stopped; /* nothing more is read */
    bool broken;  /* the connection is of no more use */

    /* Why it stopped; the first reason counts. */
    enum exit_status outcome;
    uint64_t problem_line;
    char problem[512];
};

static void stop(struct import *import, enum exit_status outcome, uint64_t line,
                 const char *problem)
{
    import->stopped = true;
    if (import->outcome != EXIT_FINE)
        return;
    import->outcome = outcome;
    import->problem_line = line;
    size_t len = strnlen(problem, sizeof(import->problem) - 1);
    memcpy(import->problem, problem, len);
    import->problem[len] = '\0';
}

/* Queues the row at hand. False when it must wait for replies to be taken. */
static bool queue_row(struct import *import)
{
    const struct row *row = &import->row;
    size_t before = leveret_pending(import->db);
    struct leveret_bytes words[] = {leveret_text("PUT"), leveret_bytes(row->key.data, row->key.len),
                                    leveret_bytes(row->value.data, row->value.len)};
    enum leveret_status status = leveret_request(import->db, words, 3);
    /* After an end under earlier rows, taking their replies tells what became of them. */
    import->held = status == LEVERET_FULL || (status == LEVERET_LOST && before > 0);
    if (import->held)
        return false;
    if (status != LEVERET_OK) {
        stop(import, exit_from_status(status), import->source.line, leveret_error_text(import->db));
        return false;
    }
    import->flights[(import->oldest + before) % WINDOW] =
        (struct flight){import->source.line, row->key.len + row->value.len};
    return true;
}

/* Reads one line and queues its row. False when no more can be done now. */
static bool next_row(struct import *import)
{
    struct slice line;
    const char *problem = NULL;
    switch (source_next(&import->source, &line)) {
    case SOURCE_MORE:
        return false;
    case SOURCE_END:
        import->stopped = true;
        return false;
    case SOURCE_TOO_LONG:
        stop(import, EXIT_REFUSED, import->source.line, "the line is longer than a row can be");
        return false;
    case SOURCE_LINE:
        break;
    }
    switch (row_read(&import->row, line, &problem)) {
    case ROW_NONE:
        return true;
    case ROW_BAD:
        stop(import, EXIT_REFUSED, import->source.line, problem);
        return false;
    case ROW_OK:
        break;
    }
    return queue_row(import);
}

static void queue_rows(struct import *import)
{
    if (import->held && (import->stopped || !queue_row(import)))
        return;
    while (!import->stopped && leveret_pending(import->db) < WINDOW)
        if (!next_row(import))
            return;
}

static void settle(struct import *import, const struct leveret_answer *ending)
{
    const struct flight *flight = &import->flights[import->oldest];
    import->oldest = (import->oldest + 1) % WINDOW;
    enum leveret_status status = leveret_answer_status(ending);
    if (status == LEVERET_OK) {
        progress_add(&import->progress, 1, flight->bytes);
        return;
    }
    struct leveret_bytes code = leveret_answer_code(ending);
    struct leveret_bytes text = leveret_answer_text(ending);
    char problem[512];
    snprintf(problem, sizeof(problem), "%.*s: %.*s", (int)code.len, (const char *)code.data,
             (int)text.len, (const char *)text.data);
    stop(import, exit_from_status(status), flight->line, problem);
}

static void take_replies(struct import *import)
{
    while (leveret_pending(import->db) > 0) {
        const struct leveret_answer *answer = NULL;
        enum leveret_status status = leveret_try_next(import->db, &answer);
        if (status == LEVERET_AGAIN)
            return;
        if (status != LEVERET_OK) {
            import->broken = true;
            stop(import, exit_from_status(status), import->flights[import->oldest].line,
                 leveret_error_text(import->db));
            return;
        }
        if (leveret_answer_kind(answer) == LEVERET_ENDING)
            settle(import, answer);
    }
}

static void pump(struct import *import)
{
    for (;;) {
        queue_rows(import);
        bool was_full = leveret_pending(import->db) == WINDOW;
        take_replies(import);
        if (import->broken || (import->stopped && leveret_pending(import->db) == 0))
            return;
        bool has_room = leveret_pending(import->db) < WINDOW;
        if (!import->stopped && (import->held || (was_full && has_room)))
            continue; /* replies were taken, so there is room for rows that are here */
        bool reads = !import->stopped && has_room;
        if (source_wait(reads ? &import->source : NULL, import->db))
            (void)source_fill(&import->source);
    }
}

/* Line 0 is the input as a whole. */
static void explain(const struct import *import)
{
    char line[24] = "";
    uint64_t rows = import->progress.rows;
    if (import->problem_line > 0)
        snprintf(line, sizeof(line), ":%" PRIu64, import->problem_line);
    complain("%s%s: %s; %" PRIu64 " row%s in%s", import->name, line, import->problem, rows,
             rows == 1 ? " is" : "s are", import->broken ? ", and some after them may be" : "");
}

static void report(struct import *import)
{
    progress_end(&import->progress);
    if (import->source.error != 0)
        stop(import, EXIT_REFUSED, import->source.line, strerror(import->source.error));
    if (import->outcome != EXIT_FINE)
        explain(import);
}

static enum exit_status run(struct leveret *db, const char *name, int fd)
{
    struct import import = {.db = db, .name = name};
    import.flights = calloc(WINDOW, sizeof(*import.flights));
    if (import.flights == NULL) {
        complain("no memory");
        return EXIT_REFUSED;
    }
    source_init(&import.source, fd);
    progress_start(&import.progress, isatty(STDERR_FILENO) == 1);
    pump(&import);
    report(&import);
    row_fini(&import.row);
    source_fini(&import.source);
    free(import.flights);
    return import.outcome;
}

enum exit_status import_run(struct leveret *db, const char *path)
{
    bool standard = path == NULL || strcmp(path, "-") == 0;
    int fd = standard ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        complain("%s: %s", path, strerror(errno));
        return EXIT_REFUSED;
    }
    enum leveret_status status = leveret_connect(db);
    enum exit_status outcome = status == LEVERET_OK
                                   ? run(db, standard ? "standard input" : path, fd)
                                   : exchange_failed(db, status);
    if (!standard)
        close(fd);
    return outcome;
}
