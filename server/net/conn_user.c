/*
 * A connection's user: what changes when another table of users comes into force, and what those
 * get who have not logged in.
 */
#include "commands/login.h"
#include "net/conn.h"
#include "ops/allowed.h"
#include "ops/clock.h"
#include "ops/users.h"

/* Takes the user as the table in force has it. True when it may do something else now. */
static bool renew(struct conn *conn)
{
    unsigned generation = users_generation();
    if (conn->users == generation)
        return false;
    conn->users = generation; /* read before the table, so a newer one is seen the next time */
    return login_become(&conn->call, users_renew(conn->call.user));
}

static const char changed_text[] = "the users have changed; log in again";

/* A login that goes on is not ended for what those may do who did not log in, if that is the same
 * as before. */
bool conn_heed_users(struct conn *conn)
{
    bool runs = conn->state == CONN_STREAMING;
    if (renew(conn) && runs) {
        conn_cut(conn, STATUS_NOAUTH, changed_text);
        conn_set_state(conn, CONN_DRAINING);
        return false;
    }
    conn->loop->limits =
        conn->call.user->role == ROLE_NOBODY ? allowed_before_login() : allowed_limits();
    conn->call.reply.most = conn->loop->limits.output;
    return true;
}

/* One who was somebody, and is not after RESET or a reload, has the whole time again. */
static void tick_login(struct conn *conn)
{
    int64_t patience =
        allowed.request_ms < ALLOWED_LOGIN_MS ? allowed.request_ms : ALLOWED_LOGIN_MS;
    if (conn->call.user->role != ROLE_NOBODY)
        conn->known = clock_ms();
    else if (conn->state == CONN_READING && clock_ms() - conn->known >= patience)
        conn_give_up(conn, STATUS_TIMEOUT, "nobody logged in in time");
}

void conn_tick_user(struct conn *conn)
{
    bool runs = conn->state == CONN_STREAMING || conn->state == CONN_FOLLOWING;
    if (runs && renew(conn)) {
        conn_give_up(conn, STATUS_NOAUTH, changed_text);
        return;
    }
    tick_login(conn);
}
