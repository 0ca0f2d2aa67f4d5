/*
 * The daemon's own threads, told from those that libraries start, and how they share the
 * processors.
 */
#ifndef LEVERET_OPS_THREAD_H
#define LEVERET_OPS_THREAD_H

#include <stdbool.h>

/* To be called first by each thread of the daemon but the main one. The name, of at most 15 bytes,
 * is what lists of threads show. */
void thread_begin(const char *name);

/* Whether the calling thread has. */
bool thread_is_own(void);

/* From now on the calling thread, when it is woken, takes no processor from a thread that runs: it
 * takes an idle one, or waits for its share, which stays as large. So do threads that it starts.
 * Does nothing where the system refuses, and to a daemon that was started under another policy than
 * the usual. */
void thread_be_patient(void);

#endif
