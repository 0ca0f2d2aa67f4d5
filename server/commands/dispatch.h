/*
 * From a request to its handler.
 */
#ifndef LEVERET_COMMANDS_DISPATCH_H
#define LEVERET_COMMANDS_DISPATCH_H

#include "commands/call.h"

/* Finds the command that call->argv names, which came in that face, for the functions below. */
void dispatch_find(struct call *call, enum request_face face);

/* True when what was found is a well-formed write that goes to the committer now, so that it can
 * join a run of them. While a batch is open only its COMMIT does. */
bool dispatch_is_write(const struct call *call, enum request_face face);

/* Starts the call for call->argv: runs the handler of what was found, or answers why not. An error
 * spoils the batch that is open. */
MUST_CHECK enum call_result dispatch_start(struct call *call);

/* The next turn of a call that wanted one; errors count likewise. */
MUST_CHECK enum call_result dispatch_resume(struct call *call);

/* Ends the reply of a call in its middle with an error, unless no reply is wanted. */
void dispatch_cut(struct call *call, enum status status, const char *text);

/* Answers every write of a submission that came back from the committer. */
void dispatch_answer_writes(struct call *call, const struct submission *submission);

#endif
