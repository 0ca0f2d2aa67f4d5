/*
 * Distrust: why a server's certificate was not accepted, as a sentence for people.
 */
#ifndef LEVERET_CLIENT_LIB_DISTRUST_H
#define LEVERET_CLIENT_LIB_DISTRUST_H

#include <openssl/ssl.h>

struct distrust {
    const char *name; /* whom the certificate should be for; borrowed while it is watched */
    char text[256];   /* "" while nothing is wrong */
};

/* Has the certificate checked on that connection, and notes in *distrust, which must live as long,
 * what is wrong first. */
void distrust_watch(struct distrust *distrust, SSL *ssl, const char *name);

#endif
