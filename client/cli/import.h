/*
 * `leveret import`: rows of a file into the store, pipelined and counted.
 */
#ifndef LEVERET_CLIENT_CLI_IMPORT_H
#define LEVERET_CLIENT_CLI_IMPORT_H

#include "client/cli/exit.h"

/*
 * Stores every row of the file (NULL or "-": standard input). Stops at the first line that is no
 * row, before anything behind it is sent, and at the first row that the server refuses; then says
 * which line that was and how many rows are in.
 */
enum exit_status import_run(struct leveret *db, const char *path);

#endif
