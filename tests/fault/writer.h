/*
 * Writer: a client that changes keys of its own by puts, deletes and batches, in the words of one
 * of the two faces, and keeps a ledger of it. Knows no socket.
 *
 * Keys and values are printable and need no escapes. A value tells whose it is and its number in
 * the ledger, and is of any length up to WRITER_VALUE_MOST.
 */
#ifndef LEVERET_TESTS_FAULT_WRITER_H
#define LEVERET_TESTS_FAULT_WRITER_H

#include "protocol/bytes.h"
#include "tests/fault/ledger.h"
#include "tests/lib/chance.h"

#define WRITER_VALUE_MOST 1200

/* Steps asked for and not answered yet, at most. */
#define WRITER_DEPTH 64

struct writer {
    unsigned number;
    bool resp; /* its face */
    struct chance chance;
    uint32_t last_value;
    struct ledger ledger;
    /* The lines of the answers to come, of each step not yet answered, oldest first. */
    unsigned lines[WRITER_DEPTH];
    unsigned first;
    unsigned waiting;
};

void writer_init(struct writer *writer, unsigned number, uint64_t seed);
void writer_fini(struct writer *writer);

/* The store is anew, or the daemon: it holds these contents, and no answer is to come. */
void writer_begin(struct writer *writer, const struct ledger_contents *contents);

/* Appends the requests of a step. Not with WRITER_DEPTH steps waiting. */
void writer_ask(struct writer *writer, struct buffer *requests);

enum writer_news {
    WRITER_NONE,         /* part of an answer */
    WRITER_ACKNOWLEDGED, /* the oldest step that waited is done */
    WRITER_REFUSED,      /* an error came: this step and those behind it will not be answered */
};

/* Takes a line of the answers. */
enum writer_news writer_hear(struct writer *writer, struct slice line);

/* Whose row it is: the number of the writer, the key, the number of the value. False for a row that
 * no writer wrote so. */
bool writer_read_row(struct slice row, unsigned *number, unsigned *key, uint32_t *value);

#endif
