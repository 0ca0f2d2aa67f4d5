/*
 * Pages: what the HTTP listener shows, and whether the server is ready. Knows no HTTP but its
 * statuses.
 *
 *     STARTING --pages_serve: the data are open--> SERVING --pages_stop--> STOPPING
 *
 * Pages are written on the listener's thread, the state is changed by the main one. While it is not
 * SERVING nothing of the server is looked at.
 */
#ifndef LEVERET_PAGES_H
#define LEVERET_PAGES_H

#include <pthread.h>

#include "facts.h"

enum pages_state {
    PAGES_STARTING,
    PAGES_SERVING,
    PAGES_STOPPING,
};

struct pages {
    _Atomic enum pages_state state;
    const struct facts *facts;
    pthread_mutex_t writing; /* held while a page looks at the facts */
};

/* What is answered. */
struct pages_answer {
    int status;       /* of HTTP */
    const char *type; /* of the text */
    struct buffer text;
};

void pages_init(struct pages *pages);

/* From now on the facts may be looked at. */
void pages_serve(struct pages *pages, const struct facts *facts);

/* From now on no page begins to look at them. */
void pages_stop(struct pages *pages);

/* Waits until no page looks at them any more; false when that takes until `deadline` (clock_ms). */
MUST_CHECK bool pages_settle(struct pages *pages, int64_t deadline);

/* Answers what the path names. The listener's thread; the caller frees the text. */
void pages_answer(struct pages *pages, const char *path, struct pages_answer *answer);

#endif
