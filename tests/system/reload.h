/*
 * Reload: has a daemon of a test read its configuration anew, by SIGHUP, while it serves.
 *
 * The first line of each file is a remark, so what a test writes begins in the second.
 */
#ifndef LEVERET_TESTS_SYSTEM_RELOAD_H
#define LEVERET_TESTS_SYSTEM_RELOAD_H

#include "tests/lib/daemon.h"

/* The file says that and nothing else; it is made if missing. */
void reload_write(const char *file, const char *text);

/* Sends the signal and waits for the end of the reload, good or bad; what the log says of it. Dies
 * with the next look at the log. The daemon has a --config. */
const char *reload_run(struct daemon *daemon);

/* What a reload said must contain the text. */
void reload_expect(const char *said, const char *text);

/* Changes the file to that, which must come into force. */
void reload_change(struct daemon *daemon, const char *file, const char *text);

#endif
