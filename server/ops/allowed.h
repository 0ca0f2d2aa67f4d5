/*
 * What the administrator allows, of what protocol/limits.h would: set once at the start, before
 * there is a second thread, and only read after. In a process that sets nothing it is the defaults.
 */
#ifndef LEVERET_OPS_ALLOWED_H
#define LEVERET_OPS_ALLOWED_H

#include "protocol/limits.h"

extern struct limits allowed;

#endif
