/*
 * The measurements. Each starts its own daemon over a directory of its own below `directory`,
 * prints its figures, and stops the daemon. Nothing is asserted: a missed target is printed. What
 * is promised goes to the file $RESULTS as well.
 */
#ifndef LEVERET_TESTS_BENCH_BENCH_H
#define LEVERET_TESTS_BENCH_BENCH_H

/* How fast a million rows stream, beside an iterator in one process. */
void scan_measure(const char *directory);

/* What LIST, COUNT and DELPREFIX cost over a million rows. */
void ranges_measure(const char *directory);

/* What a scan of 1 GB costs the server in memory, and another client in patience. */
void memory_measure(const char *directory);

/* The part of it that is about readers who stop: `directory/data` holds the rows already. */
void stalls_measure(const char *directory);

/* How many writes one fdatasync serves. */
void commit_measure(const char *directory);

/* What a connection costs that does nothing. */
void idle_measure(const char *directory);

/* What TLS costs GET, SET, a scan and a new connection. */
void tls_measure(const char *directory);

/*
 * Beside Redis, and beside LevelDB in one process:
 */

/* GET: unpipelined, of hot keys, of all keys. */
void gets_measure(const char *directory);

/* SET: acknowledged from the disk, and with a disk that is asked once a second. */
void sets_measure(const char *directory);

/* A scan of a million rows as the bundled client and netcat get it. */
void streams_measure(const char *directory);

/* What ten million rows cost more than a hundred thousand. */
void growth_measure(const char *directory);

/* What GET feels of others who write. */
void tail_measure(const char *directory);

#endif
