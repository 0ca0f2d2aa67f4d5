/*
 * Complaints: one line each on standard error, `leveret: ...`, safe to show on a terminal.
 */
#ifndef LEVERET_CLIENT_CLI_COMPLAIN_H
#define LEVERET_CLIENT_CLI_COMPLAIN_H

#include <stdint.h>

#include "client/leveret.h"

/* A printf line without its ending. */
void complain(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* An ERR of the server: `leveret: CODE: message`, behind `line N: ` unless `line` is 0. */
void complain_error(const struct leveret_answer *error, uint64_t line);

/* The latest failure of a call, with the server's code if it has one. */
void complain_failure(const struct leveret *db);

/* How far the server says it has come. */
void complain_progress(struct leveret_bytes text);

/* That a new connection took the place of one that had ended, and the prefix in use there. */
void complain_again(struct leveret_bytes prefix);

/* NOT_FOUND, or CONFLICT and the key that it names; NULL for none. */
void complain_absent(const char *word, const struct leveret_bytes *key);

/* A hint that rows remain after `key`: `leveret: more rows after "key"`; and that a feed can be
 * taken up: `leveret: follow on with FROM "sequence"`. */
void complain_more(struct leveret_bytes key);
void complain_resume(struct leveret_bytes sequence);

#endif
