/*
 * The rows that every contestant holds: so many keys as redis-benchmark and `leveret bench` ask
 * for them, each with 100 bytes of which LevelDB's compression saves about half.
 */
#ifndef LEVERET_TESTS_BENCH_LIB_ROWS_H
#define LEVERET_TESTS_BENCH_LIB_ROWS_H

#include <stdint.h>

#define ROWS_KEY_LEN 16
#define ROWS_VALUE_LEN 100

/* key:000000000042; no NUL. */
void rows_key(char key[ROWS_KEY_LEN], uint64_t number);

/* The value of that row, without anything that a line would escape; no NUL. */
void rows_value(char value[ROWS_VALUE_LEN], uint64_t number);

/* Xorshift, for keys drawn by the program itself. *state is not 0. */
uint64_t rows_random(uint64_t *state);

/* Makes `directory/data`, a compacted LevelDB of that many rows. `directory` is made. */
void rows_write(const char *directory, uint64_t count);

/* Puts as many into the Redis server at that port of 127.0.0.1. */
void rows_send(int port, uint64_t count);

#endif
