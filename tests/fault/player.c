#include "tests/fault/player.h"

#include <stdio.h>
#include <stdlib.h>

void player_init(struct player *player, struct match *match, unsigned number, uint64_t seed)
{
    *player = (struct player){
        .match = match, .number = number, .resp = number % 2 == 1, .chance = {seed}};
}

void player_fill(struct buffer *requests)
{
    char name[32];
    for (unsigned i = 0; i < PLAYER_FILLERS; i++) {
        snprintf(name, sizeof(name), "PUT m:%03u ", i);
        buffer_append_string(requests, name);
        for (unsigned n = 0; n < PLAYER_FILLER_SIZE; n++)
            buffer_append_byte(requests, 'f');
        buffer_append_byte(requests, '\n');
    }
}

void player_ask(struct player *player, struct buffer *requests)
{
    player->begin = match_time(player->match);
    player->in_data = false;
    player->found_count = 0;
    player->view = (struct match_view){0};
    do
        player->move = player_choose_move(player);
    while (player_is_count(player->move) && player->count_lost);
    player->lines = player->move->ask(player, requests);
}

/* Answers ------------------------------------------------------------------ */

static enum player_outcome outcome_of(const struct player *player)
{
    static const struct {
        const char *head;
        enum player_outcome outcome;
    } heads[] = {
        {"OK", PLAYER_DONE},
        {"+OK", PLAYER_DONE},
        {":", PLAYER_DONE},
        {"value", PLAYER_DONE},
        {"NOT_FOUND", PLAYER_DONE},
        {"CONFLICT ", PLAYER_REFUSED},
        {"$-1", PLAYER_REFUSED},
        {"-CONFLICT ", PLAYER_REFUSED},
        {"ERR UNKNOWN ", PLAYER_UNKNOWN},
        {"-UNKNOWN ", PLAYER_UNKNOWN},
        {"ERR SHUTDOWN ", PLAYER_UNKNOWN},
    };
    for (size_t i = 0; i < sizeof(heads) / sizeof(heads[0]); i++)
        if (strncmp(player->status, heads[i].head, strlen(heads[i].head)) == 0)
            return heads[i].outcome;
    return PLAYER_STRANGE;
}

static void keep_status(struct player *player, struct slice line)
{
    snprintf(player->status, sizeof(player->status), "%.*s", (int)line.len, line.data);
}

static void find(struct player *player, struct slice data)
{
    char text[16];
    snprintf(text, sizeof(text), "%.*s", (int)data.len, data.data);
    if (player->found_count < MATCH_TWINS)
        player->found[player->found_count++] = (uint32_t)strtoul(text, NULL, 10);
}

static void hear_resp(struct player *player, struct slice line)
{
    char head = line.len == 0 ? '\0' : line.data[0];
    bool ends = true;
    if (player->in_data) {
        find(player, line);
        player->in_data = false;
        keep_status(player, SLICE("value"));
    } else if (head == '*' && line.len > 1) {
        player->lines += (unsigned)atoi(line.data + 1);
    } else if (head == '$' && !slice_equal(line, SLICE("$-1"))) {
        player->in_data = true;
        ends = false;
    } else {
        if (head == '$')
            find(player, SLICE("0"));
        keep_status(player, line);
    }
    player->lines -= ends;
}

static void hear_line(struct player *player, struct slice line)
{
    bool is_row = line.len > 0 && line.data[0] == '"';
    if (is_row && !match_read_row(line, &player->view))
        player->match->problem = "a scan shows a row that nobody wrote";
    if (is_row)
        return;
    keep_status(player, line);
    player->lines--;
}

bool player_hear(struct player *player, struct slice line)
{
    if (player->move == NULL) {
        player->match->problem = "an answer came to nothing";
        return false;
    }
    if (player->resp)
        hear_resp(player, line);
    else
        hear_line(player, line);
    if (player->lines > 0)
        return false;
    enum player_outcome outcome = outcome_of(player);
    match_time(player->match);
    if (outcome == PLAYER_UNKNOWN) {
        player_lose(player);
        return true;
    }
    if (outcome == PLAYER_STRANGE)
        player->match->problem = player->status;
    else
        player->move->done(player, outcome);
    player->move = NULL;
    return true;
}

void player_renew(struct player *player)
{
    player->count_lost = false;
}

void player_lose(struct player *player)
{
    const struct player_move *move = player->move;
    player->move = NULL;
    player->count_lost |= move != NULL && player_is_count(move);
    if (move == NULL || !move->changes)
        return;
    history_add(&player->match->histories[player->key],
                &(struct history_operation){
                    .begin = player->begin,
                    .end = HISTORY_OPEN,
                    .needs = player_has_condition(move) ? HISTORY_IS : HISTORY_ANY,
                    .value = player->expected,
                    .sets = true,
                    .to = player->value,
                    .maybe = true,
                });
}
