/*
 * Wire: a client that knows sockets and bytes, and of the protocol only which line ends a reply.
 * A test that uses it shows the bytes that are sent and the bytes that must come.
 *
 * Every wait ends after DEADLINE_SECONDS. What does not come out as promised ends the test with
 * a message that shows what was expected and what came.
 */
#ifndef LEVERET_TESTS_LIB_WIRE_H
#define LEVERET_TESTS_LIB_WIRE_H

#include "protocol/bytes.h"

struct wire;

/* `host` is a numeric address of either family. */
struct wire *wire_open_tcp(const char *host, int port);
struct wire *wire_open_unix(const char *path);

/* Closes at once, whatever waits to be read, and frees. NULL is allowed. */
void wire_close(struct wire *wire);

/* Closes so that the peer gets a reset (TCP only), and frees. */
void wire_reset(struct wire *wire);

/* Sends all bytes. What arrives meanwhile is kept, so that a long pipeline cannot get stuck. */
void wire_send(struct wire *wire, struct slice bytes);
void wire_say(struct wire *wire, const char *text);

/* Sends without ever reading, as much as the peer takes; ends when it took nothing for
 * `patience_ms`, or when the connection broke. The number of bytes taken. */
size_t wire_push(struct wire *wire, struct slice bytes, int patience_ms);

/* No more will be sent: half-close, unless the peer has reset the connection. */
void wire_finish(struct wire *wire);

/* The next bytes must be exactly these. */
void wire_expect(struct wire *wire, const char *text);
void wire_expect_bytes(struct wire *wire, struct slice bytes);

/* The peer must close, in order, before it sends another byte. */
void wire_expect_close(struct wire *wire);

/* The peer must close, in order or by a reset; what it sends before is passed over. */
void wire_expect_gone(struct wire *wire);

/* wire_say and wire_expect. */
void wire_ask(struct wire *wire, const char *request, const char *reply);

/* The next line with its line ending; dies with the next call on this wire. */
struct slice wire_line(struct wire *wire);

/* The next so many bytes; they die with the next call on this wire. */
struct slice wire_take(struct wire *wire, size_t count);

/* Waits for a whole line or the end of the stream; false at the end, whatever half a line there
 * is. */
bool wire_has_line(struct wire *wire);

/* The next whole reply, from its first row to its ending; dies with the next call on this wire. */
struct slice wire_reply(struct wire *wire);

/* Reads one reply without keeping it; how many rows it had. *ending is its last line, without the
 * line ending, and dies with the next call on this wire. */
uint64_t wire_skip_reply(struct wire *wire, struct slice *ending);

/* The next bytes, as many as `measure` says of all that waits; it is asked again whenever more
 * came, until its answer is not 0. Empty when the stream ended before. Dies with the next call on
 * this wire. */
struct slice wire_measured(struct wire *wire, size_t (*measure)(struct slice waiting));

/* All that comes until the stream ends, in order or by a reset; likewise. */
struct slice wire_rest(struct wire *wire);

/* True when a byte or the end of the stream can be read at once. */
bool wire_ready(struct wire *wire);

#endif
