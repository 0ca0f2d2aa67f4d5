/*
 * Notices: stands in for the service manager, at the socket that a daemon tells how it is.
 */
#ifndef LEVERET_TESTS_SYSTEM_NOTICES_H
#define LEVERET_TESTS_SYSTEM_NOTICES_H

#include "tests/lib/daemon.h"

/* Opens the socket for a daemon that was not started yet; the caller closes it. */
int notices_open(struct daemon *daemon);

/* Waits for the next notice that contains the text, and passes over those before it. The notice, a
 * static string that dies with the next call. */
const char *notices_await(int notices, const char *text);

/* Whether a notice that contains the text comes within so many milliseconds; passes over others. */
bool notices_has(int notices, const char *text, int patience_ms);

#endif
