/*
 * Report: bytes shown to the person who reads a failure.
 */
#ifndef LEVERET_TESTS_LIB_REPORT_H
#define LEVERET_TESTS_LIB_REPORT_H

#include "protocol/bytes.h"

/* Ends the test unless both are equal. The message shows where they part, and both from there,
 * with escapes and cut to a readable length. `what` names the thing compared. */
void report_equal(const char *what, struct slice got, struct slice expected);

/* The bytes with escapes and quotes, cut to a readable length. A static string that dies with the
 * fourth next call. */
const char *report_show(struct slice bytes);

#endif
