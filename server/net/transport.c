#include "net/transport.h"

#include <errno.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/channel.h"

/* What a channel may have received and not handed out: one record. */
#define MOST_INSIDE (17 * 1024)

bool transport_open(struct transport *transport, int fd, bool secure)
{
    *transport = (struct transport){.fd = fd, .opening = secure};
    if (!secure)
        return true;
    transport->channel = channel_new(fd);
    if (transport->channel == NULL)
        transport_close(transport);
    return transport->channel != NULL;
}

static enum transport_result classify(void)
{
    return errno == EAGAIN || errno == EWOULDBLOCK ? TRANSPORT_AGAIN : TRANSPORT_LOST;
}

enum transport_result transport_recv(struct transport *transport, void *bytes, size_t size,
                                     size_t *count)
{
    ssize_t got;
    if (transport->channel != NULL)
        return channel_recv(transport, bytes, size, count);
    do
        got = recv(transport->fd, bytes, size, 0);
    while (got < 0 && errno == EINTR);
    if (got < 0)
        return classify();
    *count = (size_t)got;
    return got == 0 ? TRANSPORT_END : TRANSPORT_OK;
}

uint32_t transport_waiting(const struct transport *transport)
{
    uint32_t inside = transport->channel == NULL ? 0 : MOST_INSIDE;
    int count = 0;
    return inside +
           (ioctl(transport->fd, FIONREAD, &count) == 0 && count > 0 ? (uint32_t)count : 0);
}

enum transport_result transport_send(struct transport *transport, struct slice bytes, size_t *count)
{
    ssize_t sent;
    if (transport->channel != NULL)
        return channel_send(transport, bytes, count);
    do
        sent = send(transport->fd, bytes.data, bytes.len, MSG_NOSIGNAL);
    while (sent < 0 && errno == EINTR);
    if (sent < 0)
        return classify();
    *count = (size_t)sent;
    return TRANSPORT_OK;
}

enum transport_result transport_finish(struct transport *transport)
{
    if (transport->channel != NULL && channel_finish(transport) == TRANSPORT_AGAIN)
        return TRANSPORT_AGAIN;
    shutdown(transport->fd, SHUT_WR);
    return TRANSPORT_OK;
}

bool transport_peer_name(const struct transport *transport, struct buffer *name)
{
    return transport->channel != NULL && channel_peer_name(transport->channel, name);
}

const char *transport_bare(struct transport *transport)
{
    const char *problem = channel_problem(transport->channel);
    channel_free(transport->channel);
    *transport = (struct transport){.fd = transport->fd};
    return problem;
}

void transport_abandon(struct transport *transport)
{
    struct linger none = {.l_onoff = 1};
    setsockopt(transport->fd, SOL_SOCKET, SO_LINGER, &none, sizeof(none));
}

void transport_close(struct transport *transport)
{
    channel_free(transport->channel);
    transport->channel = NULL;
    if (transport->fd >= 0)
        close(transport->fd);
    transport->fd = -1;
}
