/*
 * A LevelDB directory opened by the program itself, to fill one quickly and to compare the daemon
 * with what one process does. Opened with the daemon's own options, so that both work with the same
 * means. Trouble ends the program.
 */
#ifndef LEVERET_TESTS_BENCH_LIB_STORE_H
#define LEVERET_TESTS_BENCH_LIB_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct store;

/* From now on stores are opened with the options of LevelDB that the daemon at this port shows. */
void store_adopt(int port);

/* Opens `directory/name`, made if it is missing. End with store_close. */
struct store *store_open(const char *directory, const char *name);
void store_close(struct store *store);

/* Writes a row without waiting for the disk. */
void store_put(struct store *store, const char *key, const char *value);

/* The length of the value under a key, which must be there. */
size_t store_get(struct store *store, const char *key, size_t len);

/* Writes gathered and written at once, waiting for the disk or not. */
void store_gather(struct store *store, const char *key, size_t key_len, const char *value,
                  size_t value_len);
void store_write(struct store *store, bool synced);

/* Compacts all of it. */
void store_compact(struct store *store);

/* Rows a second of an iterator that looks at every key and value; *rows is how many it met. */
double store_iterate(struct store *store, uint64_t *rows);

/* Compacts `directory/data`, which nobody serves, and copies it to `directory/copy`. Without the
 * compaction the daemon and the copy would each be at some point of their own, and the one with
 * fewer levels to merge would win. */
void store_copy(const char *directory);

/* Copies `from/data`, which nobody serves, to `to/data`; `to` is made. */
void store_clone(const char *from, const char *to);

/* Bytes of all files in `directory/name`. */
double store_bytes(const char *directory, const char *name);

#endif
