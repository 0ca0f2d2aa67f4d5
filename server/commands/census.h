/*
 * A census: a look at every connection of the server, for those that list or close them.
 *
 *     a handler --> worker 0 --> worker 1 --> ... --> over
 *
 * Each worker shows its own connections, on its own thread, one worker after the other: nobody
 * touches the connection of another thread, and what the census collects needs no lock. It is no
 * picture of one moment: connections come and go while it is taken.
 */
#ifndef LEVERET_COMMANDS_CENSUS_H
#define LEVERET_COMMANDS_CENSUS_H

#include "commands/call.h"

/* Longest text of an address, with its NUL. */
#define PEER_ADDRESS 160

/* One connection; dies when the visit returns. */
struct peer {
    const struct call *call; /* its number, what it keeps, what it asked for last */
    int fd;
    char address[PEER_ADDRESS]; /* of the peer; "unix:" when it has no name */
    char local[PEER_ADDRESS];   /* of our side */
    int64_t age;                /* seconds since it was opened */
    int64_t idle;               /* seconds since it last asked for something or was answered */
    size_t unread;              /* bytes of a request that has not all arrived */
    size_t unsent;              /* bytes of replies that the peer has not taken */
    size_t held;                /* bytes of the budget, with what its call keeps */
};

/* Embedded in what the census is for. Not to be freed before `over`. */
struct census {
    /* True: close this connection now, whatever it is about. Never say so of the one whose call
     * takes the census. */
    bool (*visit)(struct census *census, const struct peer *peer);
    /* All have been visited. On any thread; the census may be freed here. */
    void (*over)(struct census *census);
};

#endif
