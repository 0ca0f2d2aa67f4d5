/*
 * Requests from standard input, pipelined: lines go out and replies come in at the same time, in
 * bounded memory, and the replies are printed in order.
 */
#ifndef LEVERET_CLIENT_CLI_PIPE_H
#define LEVERET_CLIENT_CLI_PIPE_H

#include "client/cli/print.h"

/* Runs every line of the descriptor `input` as a request. The worst outcome of any of them. */
enum exit_status pipe_run(struct leveret *db, const struct print *print, int input);

#endif
