/*
 * Ctrl-C at the prompt: it stops what is running and not the program. Elsewhere the signal keeps
 * its usual meaning.
 */
#ifndef LEVERET_CLIENT_CLI_INTERRUPT_H
#define LEVERET_CLIENT_CLI_INTERRUPT_H

#include <stdbool.h>

/* From now on SIGINT is noted, and ends a blocking system call with EINTR. */
void interrupt_catch(void);

/* Whether SIGINT came since the last call to interrupt_clear. */
bool interrupt_seen(void);

void interrupt_clear(void);

#endif
