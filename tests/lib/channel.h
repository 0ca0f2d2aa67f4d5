/*
 * A channel: bytes to and from a daemon over a socket, without blocking. They are encrypted when
 * the tests run over TLS, which LEVERET_TEST_TLS says: a directory that holds cert.pem and key.pem.
 * Then a daemon listens with TLS besides, and a channel to its port goes to that one.
 */
#ifndef LEVERET_TESTS_LIB_CHANNEL_H
#define LEVERET_TESTS_LIB_CHANNEL_H

#include <sys/types.h>

#include "protocol/bytes.h"

struct ssl_st;

struct channel {
    int fd;
    struct ssl_st *ssl; /* NULL: plain */
};

/* That directory; NULL when the tests do not run over TLS. */
const char *channel_certificates(void);

/* The daemon that listens at `port` does so with TLS at `secure`. */
void channel_note(int port, int secure);

/* Where to connect for what listens at the port: there, or where it listens with TLS. */
int channel_port(int port);

/* Takes over a connected socket; over TLS, after channel_port gave another port, it shakes hands.
 * What goes wrong there ends the test. */
void channel_open(struct channel *channel, int take_fd, bool secure);
void channel_close(struct channel *channel);

/* How many bytes; 0 at the end; or one of these. */
#define CHANNEL_AGAIN (-1)
#define CHANNEL_BROKEN (-2)
ssize_t channel_recv(struct channel *channel, void *bytes, size_t size);
ssize_t channel_send(struct channel *channel, struct slice bytes);

/* True when there are bytes that no event of the socket will tell of. */
bool channel_has_more(const struct channel *channel);

/* Says that no more will be sent. False with errno set. */
MUST_CHECK bool channel_finish(struct channel *channel);

#endif
