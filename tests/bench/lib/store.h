/*
 * A LevelDB directory opened by the program itself, to fill one quickly and to compare the daemon
 * with what one process does. Opened with the daemon's own sizes, so that both read with the same
 * means. Trouble ends the program.
 */
#ifndef LEVERET_TESTS_BENCH_LIB_STORE_H
#define LEVERET_TESTS_BENCH_LIB_STORE_H

#include <stddef.h>
#include <stdint.h>

struct store;

/* Opens `directory/name`, made if it is missing. End with store_close. */
struct store *store_open(const char *directory, const char *name);
void store_close(struct store *store);

/* Writes a row without waiting for the disk. */
void store_put(struct store *store, const char *key, const char *value);

/* Rows a second of an iterator that looks at every key and value; *rows is how many it met. */
double store_iterate(struct store *store, uint64_t *rows);

/* Compacts `directory/data`, which nobody serves, and copies it to `directory/copy`. Without the
 * compaction the daemon and the copy would each be at some point of their own, and the one with
 * fewer levels to merge would win. */
void store_copy(const char *directory);

/* Bytes of all files in `directory/name`. */
double store_bytes(const char *directory, const char *name);

#endif
