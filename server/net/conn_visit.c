/*
 * What others are told of a connection.
 */
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "net/address.h"
#include "net/conn.h"
#include "ops/clock.h"
#include "ops/log.h"

_Static_assert(PEER_ADDRESS >= ADDRESS_TEXT, "an address fits");

int64_t conn_idle_ms(const struct conn *conn)
{
    if (conn->call.turn_began == 0)
        return clock_ms() - conn->opened;
    return (clock_us() - conn->call.turn_began) / 1000;
}

static void read_addresses(const struct conn *conn, struct peer *peer)
{
    struct sockaddr_storage remote = {0};
    struct sockaddr_storage local = {0};
    socklen_t remote_size = sizeof(remote);
    socklen_t local_size = sizeof(local);
    if (getpeername(conn->transport.fd, (struct sockaddr *)&remote, &remote_size) == 0)
        address_format(&remote, peer->address);
    if (getsockname(conn->transport.fd, (struct sockaddr *)&local, &local_size) == 0)
        address_format(&local, peer->local);
}

void conn_log(const struct conn *conn)
{
    struct peer peer = {0};
    if (!log_is_verbose())
        return;
    read_addresses(conn, &peer);
    log_debug("connection %llu is from %s", (unsigned long long)conn->call.connection,
              peer.address);
}

void conn_locate(const struct call *call, char *text, size_t size)
{
    const struct conn *conn =
        (const struct conn *)((const char *)call - offsetof(struct conn, call));
    struct peer peer = {0};
    read_addresses(conn, &peer);
    snprintf(text, size, "%s", strcmp(peer.address, "unix:") == 0 ? peer.local : peer.address);
}

/* All is said, and what the peer still sends is passed over: nobody is there any more. */
static bool has_ended(const struct conn *conn)
{
    return conn->state == CONN_DRAINING && conn->out.len == 0;
}

void conn_visit(struct conn *conn, struct census *census)
{
    if (has_ended(conn))
        return;
    int64_t age = (clock_ms() - conn->opened) / 1000;
    struct peer peer = {
        .call = &conn->call,
        .fd = conn->transport.fd,
        .age = age,
        .idle = conn_idle_ms(conn) / 1000,
        .unread = conn->in.len,
        .unsent = conn->out.len - conn->out_sent,
        .held = conn_held(conn),
    };
    read_addresses(conn, &peer);
    if (census->visit(census, &peer))
        conn_close(conn);
}
