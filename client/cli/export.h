/*
 * `leveret export`: the rows under a prefix as lines of PUT.
 */
#ifndef LEVERET_CLIENT_CLI_EXPORT_H
#define LEVERET_CLIENT_CLI_EXPORT_H

#include "client/cli/exit.h"
#include "client/cli/output.h"

/*
 * Writes every row whose key begins with the prefix as `PUT "key" "value"`, which import, netcat
 * and standard input of `leveret` take back byte for byte. Anything but FINE, and a complaint,
 * when not every row that the server counted was written.
 */
enum exit_status export_run(struct leveret *db, struct output *out, const char *prefix);

#endif
