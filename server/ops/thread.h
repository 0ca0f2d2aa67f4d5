/*
 * The daemon's own threads, told from those that libraries start.
 */
#ifndef LEVERET_OPS_THREAD_H
#define LEVERET_OPS_THREAD_H

#include <stdbool.h>

/* To be called first by each thread of the daemon but the main one. The name, of at most 15 bytes,
 * is what lists of threads show. */
void thread_begin(const char *name);

/* Whether the calling thread has. */
bool thread_is_own(void);

#endif
