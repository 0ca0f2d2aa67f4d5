#include "net/transport.h"

#include <errno.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

static enum transport_result classify(void)
{
    return errno == EAGAIN || errno == EWOULDBLOCK ? TRANSPORT_AGAIN : TRANSPORT_LOST;
}

enum transport_result transport_recv(struct transport *transport, void *bytes, size_t size,
                                     size_t *count)
{
    ssize_t got;
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
    int count = 0;
    return ioctl(transport->fd, FIONREAD, &count) == 0 && count > 0 ? (uint32_t)count : 0;
}

enum transport_result transport_send(struct transport *transport, struct slice bytes, size_t *count)
{
    ssize_t sent;
    do
        sent = send(transport->fd, bytes.data, bytes.len, MSG_NOSIGNAL);
    while (sent < 0 && errno == EINTR);
    if (sent < 0)
        return classify();
    *count = (size_t)sent;
    return TRANSPORT_OK;
}

void transport_finish(struct transport *transport)
{
    shutdown(transport->fd, SHUT_WR);
}

void transport_abandon(struct transport *transport)
{
    struct linger none = {.l_onoff = 1};
    setsockopt(transport->fd, SOL_SOCKET, SO_LINGER, &none, sizeof(none));
}

void transport_close(struct transport *transport)
{
    if (transport->fd >= 0)
        close(transport->fd);
    transport->fd = -1;
}
