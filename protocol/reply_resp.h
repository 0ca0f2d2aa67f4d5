/*
 * The RESP face, in Redis's own types. Commands of Redis's vocabulary say exactly which of them
 * they answer; everybody else says what reply.h offers and comes out as the types named there:
 *
 *     ok               +OK                       value       bulk string
 *     not found        null                      conflict    error CONFLICT key
 *     count            integer; behind reply_begin_rows an array of two: the key
 *                      to resume after or null, and an array of all parts of all rows
 *     error            error: its code, its text
 *     remark           nothing
 *
 * RESP2 unless reply->resp3 is set, which HELLO does. Formats:
 * https://redis.io/docs/latest/develop/reference/protocol-spec/
 */
#ifndef LEVERET_PROTOCOL_REPLY_RESP_H
#define LEVERET_PROTOCOL_REPLY_RESP_H

#include "protocol/reply.h"

extern const struct reply_face reply_resp;

/* One value each. An aggregate is followed by its parts; a map has a key and a value a part. */
void reply_simple(struct reply *reply, const char *text);
void reply_integer(struct reply *reply, int64_t number);
void reply_bulk(struct reply *reply, struct slice bytes);
void reply_text(struct reply *reply, const char *text);      /* a bulk string */
void reply_null(struct reply *reply);                        /* where a bulk string could be */
void reply_null_array(struct reply *reply);                  /* where an array could be */
void reply_double(struct reply *reply, double number);       /* RESP2: a bulk string */
void reply_boolean(struct reply *reply, bool truth);         /* RESP2: 1 or 0 */
void reply_verbatim(struct reply *reply, struct slice text); /* RESP2: a bulk string */
void reply_array(struct reply *reply, size_t parts);
void reply_set(struct reply *reply, size_t parts); /* RESP2: an array */
void reply_map(struct reply *reply, size_t parts); /* RESP2: an array of twice as many */

/* An error in Redis's words, its code first, such as "ERR syntax error"; printf. Line endings in it
 * become spaces. */
void reply_fail(struct reply *reply, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Bytes of a reply that was formatted by these functions before. */
void reply_formatted(struct reply *reply, struct slice bytes);

#endif
