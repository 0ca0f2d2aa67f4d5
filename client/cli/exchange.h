/*
 * One exchange: the reply to the one request that was queued, printed as it comes.
 */
#ifndef LEVERET_CLIENT_CLI_EXCHANGE_H
#define LEVERET_CLIENT_CLI_EXCHANGE_H

#include "client/cli/print.h"

/* Sends one request given as words, and prints its reply. */
enum exit_status exchange_words(struct leveret *db, const struct print *print, char *const *words,
                                size_t count);

/*
 * Prints the reply to the request that is pending on `db`, whose reply has `shape`, in constant
 * memory. A Ctrl-C that is caught (see interrupt.h) drops the connection and with it the rest.
 */
enum exit_status exchange_reply(struct leveret *db, const struct print *print, enum shape shape);

/* Complains about a call that failed; what it means for the exit status. */
enum exit_status exchange_failed(struct leveret *db, enum leveret_status status);

#endif
