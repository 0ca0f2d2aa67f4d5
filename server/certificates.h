/*
 * Certificates: the TLS that the configuration asks for, looked at before it comes into force.
 *
 * All on the main thread.
 */
#ifndef LEVERET_CERTIFICATES_H
#define LEVERET_CERTIFICATES_H

#include "config.h"

/* Reads the files and keeps what is in them aside. False with *error, and nothing kept, when they
 * are wrong. The configuration may go after this. */
MUST_CHECK bool certificates_prepare(const struct config *config, struct config_error *error);

/* Puts that in force for connections that come from now on. Where no certificate is named any more,
 * the one before stays, for sockets that were passed to speak TLS. */
void certificates_commit(void);

/* Drops it. */
void certificates_cancel(void);

#endif
