/*
 * The facts that INFO tells: sections of rows of name and value.
 */
#ifndef LEVERET_FACTS_H
#define LEVERET_FACTS_H

#include "config.h"
#include "protocol/reply.h"
#include "store/store.h"

struct facts {
    const struct config *config;
    struct store *store;
    int64_t started; /* clock_ms */
};

/* The sections, for people: "server, clients, ...". */
extern const char facts_sections[];

/* Replies the rows of the section, or of all when it is empty, and counts them. False when there
 * is no such section. `facts` is a struct facts; any thread. */
MUST_CHECK bool facts_tell(void *facts, struct slice section, struct reply *reply, uint64_t *rows);

#endif
