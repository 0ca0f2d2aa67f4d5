/*
 * The measurements. Each starts its own daemon over a directory of its own below `directory`,
 * prints its figures, and stops the daemon. Nothing is asserted: a missed target is printed.
 */
#ifndef LEVERET_TESTS_BENCH_BENCH_H
#define LEVERET_TESTS_BENCH_BENCH_H

/* How fast a million rows stream, beside an iterator in one process. */
void scan_measure(const char *directory);

/* What LIST, COUNT and DELPREFIX cost over a million rows. */
void ranges_measure(const char *directory);

/* What a scan of 1 GB costs the server in memory, and another client in patience. */
void memory_measure(const char *directory);

/* How many writes one fdatasync serves. */
void commit_measure(const char *directory);

/* What a connection costs that does nothing. */
void idle_measure(const char *directory);

#endif
