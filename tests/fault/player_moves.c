/*
 * A player's moves: the requests in the words of both faces, and what became of them.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/fault/player.h"

/* Words -------------------------------------------------------------------- */

/* Appends a request of words without spaces, in the spelling of the face. */
static void say(struct buffer *requests, bool resp, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static void say(struct buffer *requests, bool resp, const char *format, ...)
{
    char text[256];
    char head[32];
    unsigned words = 1;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    if (!resp) {
        buffer_append_string(requests, text);
        buffer_append_byte(requests, '\n');
        return;
    }
    for (const char *at = text; *at != '\0'; at++)
        words += *at == ' ';
    snprintf(head, sizeof(head), "*%u\r\n", words);
    buffer_append_string(requests, head);
    for (char *word = text; words > 0; words--) {
        size_t len = strcspn(word, " ");
        snprintf(head, sizeof(head), "$%zu\r\n", len);
        buffer_append_string(requests, head);
        buffer_append(requests, word, len);
        buffer_append_string(requests, "\r\n");
        word += len + 1;
    }
}

/* Single keys -------------------------------------------------------------- */

static void choose_key(struct player *player)
{
    player->key = (unsigned)chance_below(&player->chance, MATCH_KEYS);
    player->value = match_value(player->match);
    player->expected = player->match->seen[player->key];
}

/* The key's operation as it came out. */
static void add(struct player *player, enum history_needs needs, uint32_t value, bool sets)
{
    struct match *match = player->match;
    if (sets)
        match->seen[player->key] = player->value;
    history_add(&match->histories[player->key], &(struct history_operation){.begin = player->begin,
                                                                            .end = match->clock,
                                                                            .needs = needs,
                                                                            .value = value,
                                                                            .sets = sets,
                                                                            .to = player->value});
}

static unsigned ask_get(struct player *player, struct buffer *requests)
{
    choose_key(player);
    say(requests, player->resp, "GET %s", match_keys[player->key]);
    return 1;
}

static void got(struct player *player, enum player_outcome outcome)
{
    unsigned value = player->found[0];
    (void)outcome;
    if (!player->resp && sscanf(player->status, "OK \"%u\"", &value) != 1)
        value = 0; /* NOT_FOUND */
    match_add_read(player->match, player->key, player->begin, value);
}

static unsigned ask_put(struct player *player, struct buffer *requests)
{
    choose_key(player);
    say(requests, player->resp, "%s %s %" PRIu32, player->resp ? "SET" : "PUT",
        match_keys[player->key], player->value);
    return 1;
}

static void put(struct player *player, enum player_outcome outcome)
{
    (void)outcome;
    add(player, HISTORY_ANY, 0, true);
}

static unsigned ask_insert(struct player *player, struct buffer *requests)
{
    choose_key(player);
    player->expected = 0;
    say(requests, player->resp, "%s %s %" PRIu32 " NX", player->resp ? "SET" : "PUT",
        match_keys[player->key], player->value);
    return 1;
}

static unsigned ask_change(struct player *player, struct buffer *requests)
{
    choose_key(player);
    if (player->expected == 0)
        player->expected = player->value; /* no value is like an absent key: it will conflict */
    say(requests, player->resp, "%s %s %" PRIu32 " IFEQ %" PRIu32,
        player->resp ? "LEVERET.PUT" : "PUT", match_keys[player->key], player->value,
        player->expected);
    return 1;
}

static unsigned ask_delete_if(struct player *player, struct buffer *requests)
{
    choose_key(player);
    if (player->expected == 0)
        player->expected = player->value;
    player->value = 0;
    say(requests, player->resp, "%s %s %" PRIu32, player->resp ? "LEVERET.DELIFEQ" : "DELIFEQ",
        match_keys[player->key], player->expected);
    return 1;
}

/* With a condition on what the key held. */
static void changed(struct player *player, enum player_outcome outcome)
{
    bool sets = outcome == PLAYER_DONE;
    add(player, sets ? HISTORY_IS : HISTORY_IS_NOT, player->expected, sets);
}

static unsigned ask_delete(struct player *player, struct buffer *requests)
{
    choose_key(player);
    player->value = 0;
    say(requests, player->resp, "DEL %s", match_keys[player->key]);
    return 1;
}

/* How many keys a DEL says that it found. */
static unsigned found_keys(const struct player *player)
{
    return (unsigned)atoi(player->status + (player->resp ? 1 : strlen("OK ")));
}

static void deleted(struct player *player, enum player_outcome outcome)
{
    (void)outcome;
    add(player, found_keys(player) == 0 ? HISTORY_IS : HISTORY_IS_NOT, 0, true);
}

/* The twins ---------------------------------------------------------------- */

static void choose_twins(struct player *player)
{
    player->key = MATCH_TWIN;
    player->value = match_value(player->match);
    player->expected = player->match->seen[MATCH_TWIN];
}

static void say_twins(const struct player *player, struct buffer *requests)
{
    say(requests, player->resp, "%s %s %" PRIu32 " %s %" PRIu32 " %s %" PRIu32,
        player->resp ? "MSET" : "MPUT", match_twins[0], player->value, match_twins[1],
        player->value, match_twins[2], player->value);
}

static unsigned ask_put_twins(struct player *player, struct buffer *requests)
{
    choose_twins(player);
    say_twins(player, requests);
    return 1;
}

/* Redis answers what stands in a transaction twice; the second time in the array, which counts
 * itself. */
static unsigned ask_batch(struct player *player, struct buffer *requests)
{
    choose_twins(player);
    say(requests, player->resp, "%s", player->resp ? "MULTI" : "BEGIN");
    for (unsigned i = 0; i < MATCH_TWINS; i++)
        say(requests, player->resp, "%s %s %" PRIu32, player->resp ? "SET" : "PUT", match_twins[i],
            player->value);
    say(requests, player->resp, "%s", player->resp ? "EXEC" : "COMMIT");
    return 2 + MATCH_TWINS;
}

static unsigned ask_checked_batch(struct player *player, struct buffer *requests)
{
    choose_twins(player);
    say(requests, false, "BEGIN");
    if (player->expected == 0)
        say(requests, false, "CHECK %s ABSENT", match_twins[1]);
    else
        say(requests, false, "CHECK %s %" PRIu32, match_twins[1], player->expected);
    say_twins(player, requests);
    say(requests, false, "COMMIT");
    return 4;
}

static unsigned ask_delete_twins(struct player *player, struct buffer *requests)
{
    choose_twins(player);
    player->value = 0;
    say(requests, player->resp, "DEL %s %s %s", match_twins[0], match_twins[1], match_twins[2]);
    return 1;
}

static void deleted_twins(struct player *player, enum player_outcome outcome)
{
    unsigned found = found_keys(player);
    (void)outcome;
    if (found != 0 && found != MATCH_TWINS)
        player->match->problem = "some of the twins were there, and some were not";
    deleted(player, outcome);
}

/* MGET of the line face looks at one key after the other; that of Redis at all at one moment. */
static unsigned ask_twins(struct player *player, struct buffer *requests)
{
    choose_twins(player);
    say(requests, true, "MGET %s %s %s", match_twins[0], match_twins[1], match_twins[2]);
    return 1;
}

static void got_twins(struct player *player, enum player_outcome outcome)
{
    (void)outcome;
    match_add_read(player->match, MATCH_TWIN, player->begin,
                   match_read_twins(player->match, player->found));
}

/* Everything --------------------------------------------------------------- */

static unsigned ask_scan(struct player *player, struct buffer *requests)
{
    bool reverse = chance_below(&player->chance, 2) == 0;
    ladder_begin_scan(&player->match->ladder, &player->scan, player->begin);
    say(requests, false, reverse ? "SCAN '' REVERSE" : "SCAN ''");
    return 1;
}

static void scanned(struct player *player, enum player_outcome outcome)
{
    (void)outcome;
    match_add_scan(player->match, &player->scan, &player->view);
}

static unsigned ask_count(struct player *player, struct buffer *requests)
{
    player->value = ladder_ask(&player->match->ladder, player->number);
    say(requests, player->resp, "%s %c%02u %" PRIu32, player->resp ? "SET" : "PUT",
        player->number % 4 < 2 ? 'c' : 'x', player->number % 100, player->value);
    return 1;
}

static void counted(struct player *player, enum player_outcome outcome)
{
    (void)outcome;
    ladder_acknowledge(&player->match->ladder, player->number, player->value);
}

/* As often as they stand here. */
static const struct player_move line_moves[] = {
    {ask_get, got, false},
    {ask_get, got, false},
    {ask_put, put, true},
    {ask_insert, changed, true},
    {ask_change, changed, true},
    {ask_change, changed, true},
    {ask_delete, deleted, true},
    {ask_delete_if, changed, true},
    {ask_put_twins, put, true},
    {ask_batch, put, true},
    {ask_checked_batch, changed, true},
    {ask_delete_twins, deleted_twins, true},
    {ask_scan, scanned, false},
    {ask_scan, scanned, false},
    {ask_scan, scanned, false},
    {ask_count, counted, false},
    {ask_count, counted, false},
    {ask_count, counted, false},
};

static const struct player_move resp_moves[] = {
    {ask_get, got, false},
    {ask_get, got, false},
    {ask_put, put, true},
    {ask_insert, changed, true},
    {ask_change, changed, true},
    {ask_change, changed, true},
    {ask_delete, deleted, true},
    {ask_delete_if, changed, true},
    {ask_put_twins, put, true},
    {ask_batch, put, true},
    {ask_twins, got_twins, false},
    {ask_twins, got_twins, false},
    {ask_delete_twins, deleted_twins, true},
    {ask_count, counted, false},
    {ask_count, counted, false},
    {ask_count, counted, false},
};

#define COUNT(moves) (sizeof(moves) / sizeof((moves)[0]))

const struct player_move *player_choose_move(struct player *player)
{
    return player->resp ? &resp_moves[chance_below(&player->chance, COUNT(resp_moves))]
                        : &line_moves[chance_below(&player->chance, COUNT(line_moves))];
}

bool player_is_count(const struct player_move *move)
{
    return move->ask == ask_count;
}

bool player_has_condition(const struct player_move *move)
{
    return move->done == changed;
}
