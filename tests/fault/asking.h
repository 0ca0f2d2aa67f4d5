/*
 * Asking: what one client of a throng says, and how the answer reads, on either face. Knows no
 * socket.
 */
#ifndef LEVERET_TESTS_FAULT_ASKING_H
#define LEVERET_TESTS_FAULT_ASKING_H

#include "protocol/bytes.h"
#include "protocol/status.h"

enum asking {
    ASKING_PUT,    /* all keys of a group at once: PUT, MPUT, SET, MSET */
    ASKING_BATCH,  /* the same as a batch: BEGIN PUT... COMMIT, MULTI SET... EXEC */
    ASKING_DELETE, /* all keys of a group at once */
    ASKING_READ,   /* one key of it */
    ASKING_SYNC,
};

/* Appends the request. `number` is that of the write, or of a read the key in its group. */
void asking_append(struct buffer *out, bool resp, enum asking kind, unsigned group,
                   unsigned number);

struct answered {
    enum status status;
    struct slice value; /* of a read with STATUS_OK; no data otherwise; dies with the input */
};

/* The answer at the start of `input`, which may be one of several replies; how many bytes it has,
 * or 0 when it is not whole. One that may not be ends the test. */
size_t asking_read(struct slice input, bool resp, enum asking kind, unsigned group,
                   struct answered *answer);

#endif
