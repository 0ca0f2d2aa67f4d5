/*
 * TLS as the administrator set it up: the server's certificate and key, and whose certificates its
 * clients may show. One set is in force at a time; another can replace it while peers are served,
 * and those who are connected keep the one they began with. Knows no connection; see channel.h.
 *
 * Versions 1.2 and 1.3, with the ciphers that OpenSSL has at its security level 2, in the server's
 * order. Nothing is compressed or negotiated anew, and no session is resumed: a connection to a
 * database lasts, and what a client may do is looked at each time it comes.
 *
 * Any thread.
 */
#ifndef LEVERET_NET_TLS_H
#define LEVERET_NET_TLS_H

#include "protocol/bytes.h"

struct ssl_st;
struct tls;

/* Bounds on a file of certificates, in bytes: several hundred of them. */
#define TLS_FILE ((size_t)1024 * 1024)

/* Files are in the PEM format. */
struct tls_options {
    const char *certificate; /* the server's own, then those that lead from it to a known one */
    const char *key;         /* belongs to it; nobody but the owner may have rights on the file */
    const char *client_ca;   /* who signs the certificates of clients; NULL: they are not asked */
    bool client_required;    /* a client without a certificate is not served */
    bool names_users;        /* the common name of a client's certificate is that of a user */
};

/* What is wrong, as a sentence that names the file. */
struct tls_error {
    char text[512];
};

/* Makes a set that is not in force. NULL with *error. */
struct tls *tls_load(const struct tls_options *options, struct tls_error *error);

/* Frees a set that will not come into force. NULL is allowed. */
void tls_discard(struct tls *tls);

/* Puts it in force for connections that come from now on. NULL: for none. */
void tls_install(struct tls *take_tls);

/* The server's end of a new connection under the set in force, for SSL_free; NULL when there is no
 * set or no memory. *names_users is as in the options. */
struct ssl_st *tls_begin(bool *names_users);

#endif
