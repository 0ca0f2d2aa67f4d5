/*
 * From a request to its handler.
 */
#ifndef LEVERET_COMMANDS_DISPATCH_H
#define LEVERET_COMMANDS_DISPATCH_H

#include "commands/call.h"

/* True when the request is a well-formed write, so that it can join a run of them. */
bool dispatch_is_write(const struct tokens *argv);

/* Starts the call for call->argv: finds the handler and runs it, or answers why not. */
MUST_CHECK enum call_result dispatch_start(struct call *call);

/* Answers every write of a submission that came back from the committer. */
void dispatch_answer_writes(struct reply *reply, const struct submission *submission);

#endif
