/*
 * TLS 1.2 and later under a connection, by OpenSSL: the client's end over a non-blocking socket
 * that somebody else owns. Knows nothing of what is said over it.
 *
 * Records are gathered in memory between OpenSSL and the socket. So what one reading brought is
 * decrypted at once and nothing of it waits unseen, a run of requests leaves in one piece, and the
 * socket is only written to by send with MSG_NOSIGNAL.
 */
#ifndef LEVERET_CLIENT_LIB_TLS_H
#define LEVERET_CLIENT_LIB_TLS_H

#include <sys/types.h>

#include "client/leveret.h"
#include "protocol/bytes.h"

#define TLS_SETTINGS (LEVERET_TLS_NAME + 1)

struct tls;

/* A sentence about what failed. */
struct tls_problem {
    char text[384];
    bool distrust; /* the server's certificate is the reason */
};

/* An end that trusts whom the settings say (each may be NULL), and talks to `host` if none of them
 * says otherwise. NULL with *problem when a file cannot be used. */
MUST_CHECK struct tls *tls_open(char *const settings[TLS_SETTINGS], const char *host,
                                struct tls_problem *problem);

/* Agrees with the server on the socket, and checks its certificate; within `timeout_ms`, 0 for no
 * limit. False with *problem. */
MUST_CHECK bool tls_greet(struct tls *tls, int fd, unsigned timeout_ms,
                          struct tls_problem *problem);

/* As send: how many of the bytes were taken, or -1 and errno. Bytes that were taken may be held
 * back until the socket has room: */
MUST_CHECK ssize_t tls_send(struct tls *tls, int fd, const void *data, size_t len);

/* How many bytes wait for a tls_send, which may be of nothing. */
MUST_CHECK size_t tls_held(const struct tls *tls);

/* As recv of what is there at once, which is appended: 0 when the server said that it ends, also
 * behind bytes that were appended. A connection that was cut off is ECONNRESET, and EPROTO is
 * explained by tls_reason. ENOMEM: no memory. */
MUST_CHECK ssize_t tls_receive(struct tls *tls, int fd, struct buffer *in);

/* Why the latest call answered EPROTO, in few words; NULL when there is nothing to say. Dies with
 * the end. */
const char *tls_reason(const struct tls *tls);

/* Says that this is the end, if there is room for that, and frees. NULL is allowed. */
void tls_close(struct tls *tls, int fd);

#endif
