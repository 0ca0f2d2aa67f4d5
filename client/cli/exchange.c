#include "client/cli/exchange.h"

#include <poll.h>
#include <stdlib.h>

#include "client/cli/complain.h"
#include "client/cli/interrupt.h"

enum exit_status exchange_failed(struct leveret *db, enum leveret_status status)
{
    complain_failure(db);
    return exit_from_status(status);
}

static enum exit_status interrupted(struct leveret *db, enum shape shape)
{
    leveret_disconnect(db);
    complain(shape_may_write(shape) ? "interrupted; a write may still have happened"
                                    : "interrupted");
    return EXIT_REFUSED;
}

/* The next line. What has been printed is shown before any wait; a signal ends the wait. */
static enum leveret_status next_line(struct leveret *db, struct output *out,
                                     const struct leveret_answer **answer)
{
    enum leveret_status status = leveret_try_next(db, answer);
    while (status == LEVERET_AGAIN && !interrupt_seen()) {
        (void)output_flush(out);
        struct pollfd poller = {.fd = leveret_poll_fd(db), .events = leveret_poll_events(db)};
        (void)poll(&poller, 1, leveret_poll_timeout(db));
        status = leveret_try_next(db, answer);
    }
    return status;
}

enum exit_status exchange_reply(struct leveret *db, const struct print *print, enum shape shape)
{
    struct print_reply reply = {.shape = shape};
    while (leveret_pending(db) > 0) {
        const struct leveret_answer *answer = NULL;
        enum leveret_status status = next_line(db, print->out, &answer);
        if (interrupt_seen())
            return interrupted(db, shape);
        if (status != LEVERET_OK)
            return exchange_failed(db, status);
        enum exit_status outcome = print_answer(print, &reply, answer);
        if (leveret_pending(db) == 0 || print->out->error != 0)
            return outcome;
    }
    return EXIT_FINE;
}

enum exit_status exchange_words(struct leveret *db, const struct print *print, char *const *words,
                                size_t count)
{
    struct slice *slices = calloc(count, sizeof(*slices));
    struct leveret_bytes *borrowed = calloc(count, sizeof(*borrowed));
    enum leveret_status status = LEVERET_NO_MEMORY;
    enum shape shape = SHAPE_SINGLE;
    if (slices != NULL && borrowed != NULL) {
        for (size_t i = 0; i < count; i++) {
            borrowed[i] = leveret_text(words[i]);
            slices[i] = slice_from_string(words[i]);
        }
        shape = shape_of_words(slices, count);
        status = leveret_request(db, borrowed, count);
    }
    free(slices);
    free(borrowed);
    enum exit_status outcome =
        status == LEVERET_OK ? exchange_reply(db, print, shape) : exchange_failed(db, status);
    return output_flush(print->out) ? outcome : EXIT_REFUSED;
}
