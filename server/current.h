/*
 * The current configuration: that of the start, with what reloads have changed of it since. There
 * is one in the process.
 */
#ifndef LEVERET_CURRENT_H
#define LEVERET_CURRENT_H

#include "config.h"

/* The one of the start, which stays where it is. Before other threads start. */
void current_begin(const struct config *start);

/* What is in force, for whoever tells of it; nobody replaces it before current_return, so that must
 * come soon. Any thread. */
const struct config *current_borrow(void);
void current_return(void);

/* Another comes into force, as current_merge made it, and its texts with it. On the main thread. */
void current_replace(const struct config *take_merged);

/* The one of the start with everything of `next` that a reload may change. On the main thread. */
struct config current_merge(const struct config *next);

/* The one of the start. */
const struct config *current_start(void);

#endif
