/*
 * Model: what a store should answer, in the simplest way: a sorted array and a walk over all of it.
 */
#ifndef LEVERET_TESTS_SYSTEM_MODEL_H
#define LEVERET_TESTS_SYSTEM_MODEL_H

#include "protocol/bytes.h"

struct model_row {
    struct buffer key;
    struct buffer value;
};

/* All zeroes is an empty model; end with model_fini. */
struct model {
    struct model_row *rows; /* in order of keys */
    size_t count;
};

void model_fini(struct model *model);
void model_put(struct model *model, struct slice key, struct slice value);

/* True when the key was there. */
bool model_delete(struct model *model, struct slice key);

/* The row of the key, or NULL. Dies with the next change. */
const struct model_row *model_find(const struct model *model, struct slice key);

/* Makes `to`, all zeroes before, hold what `from` holds now. */
void model_copy(struct model *to, const struct model *from);

/* What a range command asks for. */
struct model_query {
    struct slice within; /* only keys that begin with it are there, and they are seen without it */
    struct slice prefix;
    const char *low_word; /* FROM, AFTER or NULL */
    struct slice low;
    const char *high_word; /* TO, THROUGH or NULL */
    struct slice high;
    bool reverse;
    uint64_t limit;   /* rows; 0: no limit */
    uint64_t bytes;   /* of the parts that are sent, likewise */
    const char *part; /* KEYS, VALUES or NULL */
};

/* The key as the query sees it: without `within`. False when it is not in the query's range. */
bool model_sees(const struct model_query *query, struct slice stored, struct slice *key);

/* Appends the request line for the command of that name. */
void model_request(struct buffer *out, const char *command, const struct model_query *query);

/* Append the whole reply that SCAN, and COUNT, must give. */
void model_scan(const struct model *model, const struct model_query *query, struct buffer *out);
void model_count(const struct model *model, const struct model_query *query, struct buffer *out);

#endif
