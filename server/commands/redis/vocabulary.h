/*
 * Redis's vocabulary: from a request of the RESP face to what serves it.
 *
 *     Redis's command      redis.def      a function on a keyspace, or a handler
 *     LEVERET.NAME         commands.def   the handler of the line face, where its flags allow it
 */
#ifndef LEVERET_COMMANDS_REDIS_VOCABULARY_H
#define LEVERET_COMMANDS_REDIS_VOCABULARY_H

#include "commands/call.h"

/* What a request of that name asks for. */
struct found vocabulary_find(struct slice name);

/* True when call->argv is a well-formed write, or an EXEC that can run, of Redis's: it goes to the
 * committer now. */
bool vocabulary_is_write(const struct call *call);

/* Takes LEVERET. off the name of such a request. False when it stands in a transaction, which has
 * no place for it: the error is said and the transaction spoiled. */
MUST_CHECK bool vocabulary_enter_own(struct call *call);

/* Serves call->argv, which is not LEVERET.NAME. */
enum call_result vocabulary_deny(struct call *call);
enum call_result vocabulary_start(struct call *call);

/* Says what the programs of the write said, or why they did not run. */
void vocabulary_answer(struct call *call, const struct submission *submission,
                       const struct write *write);

#endif
