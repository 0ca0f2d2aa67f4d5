/*
 * What a connection of a Redis client keeps from one request to the next, besides the version of
 * the protocol, which is the reply's.
 */
#ifndef LEVERET_COMMANDS_REDIS_CLIENT_H
#define LEVERET_COMMANDS_REDIS_CLIENT_H

#include "commands/redis/transaction.h"

/* What clients say of themselves. */
enum client_text { CLIENT_NAME, CLIENT_LIBRARY, CLIENT_LIBRARY_VERSION, CLIENT_TEXTS };

/* What CLIENT REPLY asked for. */
enum client_replies {
    CLIENT_REPLIES,
    CLIENT_SKIPS_NEXT, /* the next request gets no reply */
    CLIENT_SKIPS,      /* this one gets none */
    CLIENT_SILENT,     /* none gets one */
};

/* All zeroes is a new connection. */
struct client {
    struct transaction transaction;
    char *texts[CLIENT_TEXTS]; /* owned; NULL for none */
    enum client_replies replies;
    bool no_evict; /* these two change nothing here, but CLIENT LIST shows them */
    bool no_touch;
};

void client_fini(struct client *client);

/* Forgets all but what it says of its library: that stays what it is. */
void client_reset(struct client *client);

/* Longest text that a client may say of itself, in bytes: each connection keeps its own. */
#define CLIENT_LONGEST ((size_t)1024)

/* True when the text may be said: no spaces, no control characters, only ASCII. */
MUST_CHECK bool client_accepts(struct slice text);

/* Keeps an accepted text of at most CLIENT_LONGEST; an empty one is none. False when there is no
 * memory. */
MUST_CHECK bool client_keep(struct client *client, enum client_text which, struct slice text);

/* A request begins. */
void client_begin(struct client *client);

/* True when it gets no reply. */
bool client_is_silent(const struct client *client);

#endif
