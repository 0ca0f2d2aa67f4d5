/*
 * CLIENTS and KILL: the connections of all workers, for people who administer.
 */
#include <stdio.h>
#include <stdlib.h>

#include "commands/handlers.h"
#include "commands/inquiry.h"
#include "protocol/number.h"

/* Longest fact of one that names its address. */
#define FACT_TEXT (PEER_ADDRESS + 256)

struct roll {
    struct inquiry inquiry;
    struct buffer rows; /* number, NUL, facts, NUL, of each */
    uint64_t wanted;    /* of KILL */
    bool found;
    bool found_self;
};

static void roll_free(void *state)
{
    struct roll *roll = state;
    buffer_fini(&roll->rows);
    free(roll);
}

static const char *or_dash(const char *text)
{
    return text == NULL || text[0] == '\0' ? "-" : text;
}

/* CLIENTS -------------------------------------------------------------------- */

/* On the peer's thread. The address comes last, because a path may hold spaces. */
static bool note(struct census *census, const struct peer *peer)
{
    struct roll *roll = (struct roll *)census;
    const struct call *call = peer->call;
    char text[FACT_TEXT];
    buffer_append_u64(&roll->rows, call->connection);
    buffer_append_byte(&roll->rows, '\0');
    snprintf(text, sizeof(text),
             "user=%s age=%lld idle=%lld command=%s%s%s unread=%zu unsent=%zu held=%zu address=%s",
             or_dash(call->user->name), (long long)peer->age, (long long)peer->idle,
             or_dash(call->last), call->last_part == NULL ? "" : "|",
             call->last_part == NULL ? "" : call->last_part, peer->unread, peer->unsent, peer->held,
             strcmp(peer->address, "unix:") == 0 ? peer->local : peer->address);
    buffer_append_string(&roll->rows, text);
    buffer_append_byte(&roll->rows, '\0');
    return false;
}

static enum call_result say_rows(struct call *call)
{
    const struct roll *roll = call->state;
    const char *at = roll->rows.data;
    uint64_t count = 0;
    if (roll->rows.failed)
        return call_no_memory(call);
    for (const char *end = at + roll->rows.len; at < end; count++) {
        struct slice number = slice_from_string(at);
        struct slice text = slice_from_string(at + number.len + 1);
        reply_row(&call->reply, number, text);
        at += number.len + 1 + text.len + 1;
    }
    reply_count(&call->reply, count);
    return CALL_DONE;
}

enum call_result clients_list(struct call *call)
{
    struct roll *roll = calloc(1, sizeof(*roll));
    if (roll == NULL)
        return call_no_memory(call);
    return inquiry_begin(&roll->inquiry, call, note, say_rows, roll_free);
}

/* KILL ----------------------------------------------------------------------- */

/* On the peer's thread. The one who asks is not closed here: it has a reply to send first. */
static bool is_wanted(struct census *census, const struct peer *peer)
{
    struct roll *roll = (struct roll *)census;
    if (peer->call->connection != roll->wanted)
        return false;
    roll->found = true;
    roll->found_self = peer->call == roll->inquiry.call;
    return !roll->found_self;
}

static enum call_result say_killed(struct call *call)
{
    const struct roll *roll = call->state;
    bool self = roll->found_self;
    if (roll->found)
        reply_ok(&call->reply);
    else
        reply_not_found(&call->reply);
    return self ? CALL_CLOSE : CALL_DONE;
}

enum call_result clients_kill(struct call *call)
{
    uint64_t wanted = 0;
    if (!number_read(call_argument(call, 0), INT64_MAX, &wanted)) {
        reply_error(&call->reply, STATUS_BADARG, "KILL takes the number of a client; see CLIENTS");
        return CALL_DONE;
    }
    struct roll *roll = calloc(1, sizeof(*roll));
    if (roll == NULL)
        return call_no_memory(call);
    roll->wanted = wanted;
    return inquiry_begin(&roll->inquiry, call, is_wanted, say_killed, roll_free);
}
