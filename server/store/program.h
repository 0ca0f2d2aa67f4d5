/*
 * Programs: writes that read before they write. A submission brings a function and its arguments
 * along, and the committer runs it at its place in the order of all writes: it sees everything
 * before it, and nothing comes in between.
 *
 *     submission --run--> decision: program_get, program_put, program_delete ... --> staged, or not
 *
 * A write may hold several programs; they see one another's changes, and are written together or
 * not at all. What they say goes back to the worker as it is.
 */
#ifndef LEVERET_STORE_PROGRAM_H
#define LEVERET_STORE_PROGRAM_H

#include "protocol/bytes.h"

/* What a program may use while it runs, on the committer's thread. */
struct program;

/* `flavour` is whatever the submitter gave. Must not block. */
typedef void program_fn(struct program *program, const struct slice *argv, size_t argc,
                        unsigned flavour);

/* False when the key is not there. The value dies with the next get. When the engine or memory
 * fails, nothing is there, and the whole write fails when its programs have ended. */
MUST_CHECK bool program_get(struct program *program, struct slice key, struct slice *value);

/* Bytes are copied. */
void program_put(struct program *program, struct slice key, struct slice value);
void program_delete(struct program *program, struct slice key);

/* Where the program says something. */
struct buffer *program_reply(struct program *program);

#endif
