/*
 * Standard output: bytes gathered and written in large pieces, with every failure noticed.
 */
#ifndef LEVERET_CLIENT_CLI_OUTPUT_H
#define LEVERET_CLIENT_CLI_OUTPUT_H

#include "protocol/bytes.h"

struct output {
    int fd;
    struct buffer bytes; /* append here, then call output_settle */
    int error;           /* errno of the first failure; 0 while all is well */
};

void output_init(struct output *output, int fd);
void output_fini(struct output *output);

/* After appending: writes when enough has gathered. False once writing has failed, which has been
 * complained about once. */
bool output_settle(struct output *output);

/* Writes everything now. False as above. */
bool output_flush(struct output *output);

#endif
