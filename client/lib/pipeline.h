/*
 * Requests out and reply lines in, in order and any number at once, over a connection that stands.
 * Makes no connection, and does not ask whose turn it is: see session.h.
 */
#ifndef LEVERET_CLIENT_LIB_PIPELINE_H
#define LEVERET_CLIENT_LIB_PIPELINE_H

#include "client/lib/connection.h"

/* Brings what waits to be sent below its mark, absorbing what arrives meanwhile. OK, FULL, LOST,
 * TIMEOUT or NO_MEMORY. */
MUST_CHECK enum leveret_status pipeline_make_room(struct leveret *db);

/* Sends everything that waits. As pipeline_make_room. */
MUST_CHECK enum leveret_status pipeline_flush(struct leveret *db);

/* Queues a request of words, or of one line without its ending. OK, MISUSE for one that the
 * protocol does not allow, or NO_MEMORY; but for OK nothing is queued. */
MUST_CHECK enum leveret_status pipeline_add(struct leveret *db, const struct leveret_bytes *words,
                                            size_t count);
MUST_CHECK enum leveret_status pipeline_add_line(struct leveret *db, struct slice line);

/* The next line of a reply: leveret_next and leveret_try_next, whatever is open. */
MUST_CHECK enum leveret_status pipeline_next(struct leveret *db,
                                             const struct leveret_answer **answer);
MUST_CHECK enum leveret_status pipeline_try_next(struct leveret *db,
                                                 const struct leveret_answer **answer);

/* Of an ending: its status; of an ERR also keeps code and message for leveret_error_text. */
enum leveret_status pipeline_conclude(struct leveret *db, const struct leveret_answer *ending);

/* PROTOCOL, and the connection dropped: the reply is none to this request. */
enum leveret_status pipeline_unexpected(struct leveret *db);

#endif
