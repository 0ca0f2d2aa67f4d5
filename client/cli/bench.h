/*
 * `leveret bench`: how fast a server answers many connections.
 */
#ifndef LEVERET_CLIENT_CLI_BENCH_H
#define LEVERET_CLIENT_CLI_BENCH_H

#include "client/cli/options.h"
#include "client/cli/target.h"

/* Its usage behind the word bench, what it does, and the options that it takes. */
extern const char bench_usage[];
extern const char bench_help[];
extern const struct option_row bench_rows[];

/* Runs what the words of the command line ask for, and prints what came of it. A reply that was
 * ERR makes EXIT_REFUSED; a key that is not there is counted and no failure. */
MUST_CHECK enum exit_status bench_run(const struct options *options, const struct target *target,
                                      struct output *out);

#endif
