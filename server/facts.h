/*
 * Facts: what the server tells of itself, as names and values.
 */
#ifndef LEVERET_FACTS_H
#define LEVERET_FACTS_H

#include "commands/call.h"
#include "config.h"
#include "store/store.h"

/* Redis names a run of a server by so many digits, base 16. */
#define FACTS_RUN_ID 40

struct facts {
    const struct config *config; /* that of the start; in a teller, the one in force */
    struct store *store;
    struct scans *scans;
    int64_t started; /* clock_ms */
    unsigned port;   /* the first that is listened on; 0 for none */
    char run_id[FACTS_RUN_ID + 1];
};

void facts_init(struct facts *facts, const struct config *config, struct store *store,
                struct scans *scans, unsigned port);

/* The sections, for people: "server, clients, ...". */
extern const char facts_sections[];

/* Tells the facts of the section, or of all when it is empty: those of them that one of that role
 * may know, who is told no paths unless it is an administrator. `facts` is a struct facts; any
 * thread, likewise below. */
enum told facts_tell(void *facts, struct slice section, enum role role, fact_fn *fact, void *sink);

/* facts_redis.c: a section of Redis's INFO; false when there is no such section. What Leveret has
 * no equal of is left out, so that no figure is made up. */
MUST_CHECK bool facts_tell_redis(void *facts, struct slice section, fact_fn *fact, void *sink);

/* The settings that Redis clients look for. */
void facts_tell_settings(void *facts, fact_fn *fact, void *sink);

#endif
