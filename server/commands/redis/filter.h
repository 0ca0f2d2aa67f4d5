/*
 * A filter: which connections CLIENT LIST and CLIENT KILL are about.
 */
#ifndef LEVERET_COMMANDS_REDIS_FILTER_H
#define LEVERET_COMMANDS_REDIS_FILTER_H

#include "commands/census.h"

/* All zeroes takes every connection. */
struct filter {
    bool only_self; /* the connection that asks */
    bool skip_self; /* or all but that */
    bool nobody;    /* a type is asked for that no connection here is of */
    bool by_id;
    int64_t *ids; /* owned, sorted */
    size_t id_count;
    char *address; /* owned; NULL for any */
    char *local;   /* likewise */
};

void filter_fini(struct filter *filter);

/* Read the words behind CLIENT LIST and CLIENT KILL. False after saying what is wrong with them. */
MUST_CHECK bool filter_read_list(struct filter *filter, struct call *call);
MUST_CHECK bool filter_read_kill(struct filter *filter, struct call *call);

/* `self`: it is the connection that asks. */
MUST_CHECK bool filter_takes(const struct filter *filter, const struct peer *peer, bool self);

#endif
