/*
 * The connection as the calls need it: made when there is none, logged in, and inside the prefix
 * of leveret_use before anything else is said on it.
 */
#ifndef LEVERET_CLIENT_LIB_SESSION_H
#define LEVERET_CLIENT_LIB_SESSION_H

#include "client/lib/connection.h"

/* OK, or MISUSE when requests are unanswered, or a scan or a feed is open. */
MUST_CHECK enum leveret_status session_check_idle(struct leveret *db);

/*
 * Makes sure of a connection with room for one more request. What connection_ensure and
 * pipeline_make_room say, and what the server said of the login or the prefix: then the connection
 * has been dropped, and nothing can be queued outside of the prefix.
 */
MUST_CHECK enum leveret_status session_make_way(struct leveret *db);

/* Queues one request. As session_make_way and pipeline_add. */
MUST_CHECK enum leveret_status session_request(struct leveret *db,
                                               const struct leveret_bytes *words, size_t count);

#endif
