/*
 * One request, and the wait for its reply: what is common to the calls that do no more than that.
 */
#ifndef LEVERET_CLIENT_LIB_EXCHANGE_H
#define LEVERET_CLIENT_LIB_EXCHANGE_H

#include "client/lib/connection.h"

/* MISUSE when it is not the turn of such a call. On OK *ending is the reply's last line; rows and
 * remarks before it are passed over. */
MUST_CHECK enum leveret_status exchange_ending(struct leveret *db,
                                               const struct leveret_bytes *words, size_t count,
                                               const struct leveret_answer **ending);

/* The same where only the status counts, and for a request of one word. */
MUST_CHECK enum leveret_status exchange_status(struct leveret *db,
                                               const struct leveret_bytes *words, size_t count);
MUST_CHECK enum leveret_status exchange_word(struct leveret *db, const char *word);

/* The same for a request that answers a value, or a number. OK with anything else in the reply is
 * PROTOCOL. The out parameter may be NULL. */
MUST_CHECK enum leveret_status exchange_value(struct leveret *db, const struct leveret_bytes *words,
                                              size_t count, struct leveret_bytes *value);
MUST_CHECK enum leveret_status exchange_count(struct leveret *db, const struct leveret_bytes *words,
                                              size_t words_count, uint64_t *count);

#endif
