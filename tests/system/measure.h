/*
 * Measure: how long the reply is that some bytes begin with; 0 when it is not whole. Fit for
 * wire_measured.
 */
#ifndef LEVERET_TESTS_SYSTEM_MEASURE_H
#define LEVERET_TESTS_SYSTEM_MEASURE_H

#include "protocol/bytes.h"

/* Of the line face: all lines up to its status. */
size_t measure_line(struct slice waiting);

/* Of the RESP face, in version 2 or 3. */
size_t measure_resp(struct slice waiting);

#endif
