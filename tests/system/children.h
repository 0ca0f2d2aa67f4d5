/*
 * Children: what LIST should answer over a model, in the simplest way: a walk over all its rows.
 */
#ifndef LEVERET_TESTS_SYSTEM_CHILDREN_H
#define LEVERET_TESTS_SYSTEM_CHILDREN_H

#include "tests/system/model.h"

/* What one LIST asks for. */
struct children_query {
    struct slice within; /* as in struct model_query */
    struct slice prefix;
    struct slice delim;
    const struct slice *after; /* NULL: from the start */
    uint64_t limit;            /* 0: none */
};

/* Appends the request line. */
void children_request(struct buffer *out, const struct children_query *query);

/* The child to come behind `last` (no data: the first), or no data. *at is the row to look at
 * first, 0 at the start, and is moved on. Children come in the order of their keys. */
struct slice children_next(const struct model *model, const struct children_query *query,
                           size_t *at, struct slice last);

/* Appends the whole reply. */
void children_answer(const struct model *model, const struct children_query *query,
                     struct buffer *out);

#endif
