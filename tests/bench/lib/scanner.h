/*
 * Scans as a program reads them that does nothing with the rows.
 */
#ifndef LEVERET_TESTS_BENCH_LIB_SCANNER_H
#define LEVERET_TESTS_BENCH_LIB_SCANNER_H

#include <stdint.h>

/* Seconds from sending `SCAN prefix` to the first byte of the reply; the rest is not read. */
double scanner_first(int port, const char *prefix);

/* Rows a second of the whole of it, which must be so many rows. */
double scanner_read(int port, const char *prefix, uint64_t rows);

#endif
