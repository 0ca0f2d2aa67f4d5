/*
 * A connection's greeting: who the peer of an encrypted one is, once its handshake has ended.
 */
#include "commands/login.h"
#include "net/conn.h"
#include "ops/log.h"
#include "ops/users.h"

/* Peers that fail are many when they do it on purpose. */
#define COMPLAINT_MS (10 * 1000)

static atomic_int_least64_t complained;

void conn_turn_away(struct conn *conn)
{
    const char *problem = transport_bare(&conn->transport);
    if (problem != NULL && log_is_due(&complained, COMPLAINT_MS))
        log_error("connection %llu: the TLS handshake failed: %s",
                  (unsigned long long)conn->call.connection, problem);
    conn_set_state(conn, CONN_DRAINING);
    conn_arrange(conn, false);
}

void conn_meet(struct conn *conn)
{
    struct buffer name = {0};
    const struct user *user = NULL;
    bool is_named = transport_peer_name(&conn->transport, &name);
    if (is_named)
        user = users_find(buffer_slice(&name));
    buffer_fini(&name);
    if (user != NULL) {
        conn->call.certified = strdup(user->name); /* without memory RESET makes it nobody's */
        (void)login_become(&conn->call, user);
    }
    if (is_named && user == NULL)
        conn_give_up(conn, STATUS_DENIED, "the common name of your certificate is no user here");
    else
        conn_arrange(conn, false);
}
