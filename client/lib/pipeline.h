/*
 * Requests out and reply lines in, in order and any number at once. The public calls check that
 * no scan is open; scans themselves come in here.
 */
#ifndef LEVERET_CLIENT_LIB_PIPELINE_H
#define LEVERET_CLIENT_LIB_PIPELINE_H

#include "client/lib/connection.h"

/* leveret_request, also while a scan is open. */
MUST_CHECK enum leveret_status pipeline_request(struct leveret *db,
                                                const struct leveret_bytes *words, size_t count);

/* leveret_next, also while a scan is open. */
MUST_CHECK enum leveret_status pipeline_next(struct leveret *db,
                                             const struct leveret_answer **answer);

/* Of an ending: its status; of an ERR also keeps code and message for leveret_error_text. */
enum leveret_status pipeline_conclude(struct leveret *db, const struct leveret_answer *ending);

#endif
