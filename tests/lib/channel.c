#include "tests/lib/channel.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "tests/lib/deadline.h"

/* Daemons that a test has started, by their ports. A test has few; the last to be noted counts. */
#define MOST 64

static struct {
    int port;
    int secure;
} noted[MOST];
static unsigned noted_count;

const char *channel_certificates(void)
{
    return getenv("LEVERET_TEST_TLS");
}

void channel_note(int port, int secure)
{
    noted[noted_count % MOST].port = port;
    noted[noted_count % MOST].secure = secure;
    noted_count++;
}

int channel_port(int port)
{
    for (unsigned i = noted_count; i > 0 && i + MOST > noted_count; i--)
        if (noted[(i - 1) % MOST].port == port)
            return noted[(i - 1) % MOST].secure;
    return port;
}

/* One for all connections of the test. What it talks to is its own, so it believes everybody. */
static SSL_CTX *context(void)
{
    static SSL_CTX *context;
    if (context != NULL)
        return context;
    context = SSL_CTX_new(TLS_client_method());
    cr_assert(context != NULL);
    SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    signal(SIGPIPE, SIG_IGN); /* OpenSSL writes without MSG_NOSIGNAL */
    return context;
}

static void shake_hands(struct channel *channel)
{
    int64_t deadline = deadline_in(DEADLINE_SECONDS);
    int result;
    while ((result = SSL_connect(channel->ssl)) != 1) {
        int problem = SSL_get_error(channel->ssl, result);
        struct pollfd entry = {.fd = channel->fd,
                               .events = problem == SSL_ERROR_WANT_WRITE ? POLLOUT : POLLIN};
        cr_assert(problem == SSL_ERROR_WANT_READ || problem == SSL_ERROR_WANT_WRITE, "no TLS: %s",
                  ERR_reason_error_string(ERR_peek_error()));
        cr_assert(poll(&entry, 1, deadline_left(deadline)) > 0, "the handshake takes too long");
    }
}

void channel_open(struct channel *channel, int take_fd, bool secure)
{
    *channel = (struct channel){.fd = take_fd};
    cr_assert(fcntl(take_fd, F_SETFL, fcntl(take_fd, F_GETFL) | O_NONBLOCK) == 0);
    if (!secure)
        return;
    channel->ssl = SSL_new(context());
    cr_assert(channel->ssl != NULL && SSL_set_fd(channel->ssl, take_fd) == 1);
    shake_hands(channel);
}

void channel_close(struct channel *channel)
{
    SSL_free(channel->ssl);
    close(channel->fd);
}

/* What an operation that did not succeed means. */
static ssize_t classify(struct channel *channel, int result)
{
    int problem = SSL_get_error(channel->ssl, result);
    bool cut = ERR_GET_REASON(ERR_peek_error()) == SSL_R_UNEXPECTED_EOF_WHILE_READING;
    ERR_clear_error();
    if (problem == SSL_ERROR_WANT_READ || problem == SSL_ERROR_WANT_WRITE)
        return CHANNEL_AGAIN;
    return problem == SSL_ERROR_ZERO_RETURN || cut ? 0 : CHANNEL_BROKEN;
}

static ssize_t plainly(ssize_t result)
{
    if (result >= 0)
        return result;
    return errno == EAGAIN || errno == EINTR ? CHANNEL_AGAIN : CHANNEL_BROKEN;
}

ssize_t channel_recv(struct channel *channel, void *bytes, size_t size)
{
    if (channel->ssl == NULL)
        return plainly(recv(channel->fd, bytes, size, MSG_DONTWAIT));
    int got = SSL_read(channel->ssl, bytes, (int)size);
    return got > 0 ? got : classify(channel, got);
}

ssize_t channel_send(struct channel *channel, struct slice bytes)
{
    if (channel->ssl == NULL)
        return plainly(send(channel->fd, bytes.data, bytes.len, MSG_NOSIGNAL | MSG_DONTWAIT));
    int most = bytes.len < 1 << 20 ? (int)bytes.len : 1 << 20;
    int sent = SSL_write(channel->ssl, bytes.data, most);
    if (sent > 0)
        return sent;
    return classify(channel, sent) == CHANNEL_AGAIN ? CHANNEL_AGAIN : CHANNEL_BROKEN;
}

bool channel_has_more(const struct channel *channel)
{
    return channel->ssl != NULL && SSL_pending(channel->ssl) > 0;
}

bool channel_finish(struct channel *channel)
{
    if (channel->ssl != NULL)
        SSL_shutdown(channel->ssl);
    return shutdown(channel->fd, SHUT_WR) == 0;
}
