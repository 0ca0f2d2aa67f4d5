/*
 * Scratch: directories of a test's own, and the small chores on files in them.
 *
 * Every call ends the test when the system refuses.
 */
#ifndef LEVERET_TESTS_LIB_SCRATCH_H
#define LEVERET_TESTS_LIB_SCRATCH_H

#include "protocol/bytes.h"

/* A new empty directory below $TMPDIR; its path, to be given to scratch_remove. */
char *scratch_new(void);

/* Removes the directory with all it holds, and frees the path. */
void scratch_remove(char *path);

/* The path `directory/name`, which the caller frees. */
char *scratch_path(const char *directory, const char *name);

/* Creates or replaces a file. */
void scratch_write(const char *path, struct slice bytes);

/* The bytes of a file; end with buffer_fini. */
struct buffer scratch_read(const char *path);

/* Waits until the file is there and contains the text. */
void scratch_await(const char *path, const char *text);

/* The bytes of all files in a directory, those in directories below it left out. Files may come and
 * go meanwhile. */
uint64_t scratch_bytes(const char *path);

/*
 * Every entry of a directory with its size, mode and modification time, sorted by name, as text.
 * Two equal listings: nothing was touched in between. The directory itself is part of it.
 */
struct buffer scratch_listing(const char *path);

#endif
