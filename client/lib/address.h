/*
 * Addresses as people write them: HOST:PORT, HOST, [V6]:PORT, [V6], unix:PATH, and
 * tls: before one of the first four. Knows no socket.
 */
#ifndef LEVERET_CLIENT_LIB_ADDRESS_H
#define LEVERET_CLIENT_LIB_ADDRESS_H

#include <stdbool.h>

/* Either a path, or a host and a port; the rest is empty. */
struct address {
    char *path; /* of a Unix socket; NULL for TCP */
    char *host; /* a name or a number, without brackets */
    char *port; /* digits */
    bool tls;   /* to be spoken over TLS */
};

enum address_result {
    ADDRESS_OK,
    ADDRESS_BAD, /* *problem says why, as a sentence; a static string */
    ADDRESS_NO_MEMORY,
};

/* Reads `text` into *address, which address_fini ends whatever this returns. */
__attribute__((warn_unused_result)) enum address_result
address_read(struct address *address, const char *text, const char **problem);

void address_fini(struct address *address);

#endif
