/*
 * Player: a client that reads, writes and changes the keys of a match on a condition, one request
 * at a time, in the words of one of the two faces, and has the match told how each came out. Knows
 * no socket.
 */
#ifndef LEVERET_TESTS_FAULT_PLAYER_H
#define LEVERET_TESTS_FAULT_PLAYER_H

#include "protocol/bytes.h"
#include "tests/fault/match.h"
#include "tests/lib/chance.h"

/* Rows that only make a scan longer than what is sent in one turn. */
#define PLAYER_FILLERS 120
#define PLAYER_FILLER_SIZE 3000

struct player;

enum player_outcome {
    PLAYER_DONE,
    PLAYER_REFUSED, /* the condition did not hold */
    PLAYER_UNKNOWN, /* it may have happened */
    PLAYER_STRANGE, /* nothing that a match expects */
};

/* One kind of request, and what its answer means to the match. */
struct player_move {
    /* Appends the request; the number of lines of its answer, rows left out. */
    unsigned (*ask)(struct player *player, struct buffer *requests);
    /* It was done, or refused; the match's clock stands at the end of it. */
    void (*done)(struct player *player, enum player_outcome outcome);
    bool changes; /* a key or the twins, so that it matters when its answer is lost */
};

struct player {
    struct match *match;
    unsigned number; /* below LADDER_WRITERS */
    bool resp;
    struct chance chance;
    /* A count may be on its way still and come behind the next one; so there is none. */
    bool count_lost;

    /* The request that waits for its answer; NULL when none does. */
    const struct player_move *move;
    unsigned key;
    uint32_t value;    /* it writes */
    uint32_t expected; /* its condition */
    struct ladder_scan scan;
    uint64_t begin;

    /* Its answer so far. */
    unsigned lines; /* to come; rows are not counted */
    bool in_data;   /* the next line is a bulk string */
    unsigned found_count;
    uint32_t found[MATCH_TWINS];
    struct match_view view;
    char status[64];
};

void player_init(struct player *player, struct match *match, unsigned number, uint64_t seed);

/* Appends the request for the rows that make scans long, and the pairs that belong to no player. */
void player_fill(struct buffer *requests);

/* Appends a request. */
void player_ask(struct player *player, struct buffer *requests);

/* Takes a line of the answer; true with the last one. An error that is none of the match is its
 * problem. */
bool player_hear(struct player *player, struct slice line);

/* Nobody will hear the answer: what was asked for may happen. */
void player_lose(struct player *player);

/* The daemon is a new one: what was lost before does not come any more. */
void player_renew(struct player *player);

/* player_moves.c ------------------------------------------------------------ */

/* Any of the moves that the player's face has. */
const struct player_move *player_choose_move(struct player *player);

/* Whether it writes the player's counter; whether it is done only if the key holds what the player
 * expects. */
bool player_is_count(const struct player_move *move);
bool player_has_condition(const struct player_move *move);

#endif
