/*
 * Activation: listening sockets that whoever started the daemon opened for it, as systemd does for
 * a service with a socket unit. In a build without libsystemd there are none.
 */
#ifndef LEVERET_OPS_ACTIVATION_H
#define LEVERET_OPS_ACTIVATION_H

#include "protocol/bytes.h"

/* More are refused. */
#define ACTIVATION_MOST 32

struct activation {
    size_t count;
    struct activation_socket {
        int fd;   /* the caller's; does not block, and no program that is started inherits it */
        bool tls; /* it is named `tls` (FileDescriptorName=), for peers that speak TLS */
    } sockets[ACTIVATION_MOST];
};

/* What is wrong, as a sentence. */
struct activation_error {
    char text[256];
};

/* Takes the sockets, once: from then on the environment tells nobody of them. False with *error
 * when one is no listening stream socket of TCP or Unix. */
MUST_CHECK bool activation_take(struct activation *activation, struct activation_error *error);

#endif
