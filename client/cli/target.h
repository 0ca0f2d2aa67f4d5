/*
 * Target: the server that the command line talks to, and who it is there; from which any number of
 * connections can be made.
 */
#ifndef LEVERET_CLIENT_CLI_TARGET_H
#define LEVERET_CLIENT_CLI_TARGET_H

#include "client/leveret.h"

struct target {
    const char *address;             /* as leveret_new takes it */
    unsigned connect_ms;             /* as leveret_set_timeouts takes them; */
    unsigned quiet_ms;               /* 0: no limit */
    const char *const *tls_settings; /* by enum leveret_tls; NULL: none */
    const char *user;                /* NULL: nobody */
    const char *password;            /* the user's */
};

/* An object for that server that is not connected yet; leveret_free ends it. NULL when there is no
 * memory. */
LEVERET_MUST_CHECK struct leveret *target_open(const struct target *target);

#endif
