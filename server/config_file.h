/*
 * The configuration file: a line `name = value` for each setting, read by inih. Knows what a line
 * is, and no setting.
 *
 * A line that begins with # or ; is a remark, and so is what stands behind a blank and a ;. There
 * are no sections, and no line goes on in the next.
 */
#ifndef LEVERET_CONFIG_FILE_H
#define LEVERET_CONFIG_FILE_H

#include "config.h"

/* The longest line, in bytes: what inih reads at once. */
#define CONFIG_FILE_LINE 198

/* The largest file. One with every setting and its reasons has a hundredth of it. */
#define CONFIG_FILE_MOST ((size_t)1024 * 1024)

/* Takes one setting; the texts die when it returns. False with *error when it is wrong. */
typedef bool config_file_fn(void *arg, unsigned line, const char *name, const char *value,
                            struct config_error *error);

/* Gives every setting of the file to `take`, up to the first that is wrong. False with *error,
 * which names the file and the line. */
MUST_CHECK bool config_file_read(const char *path, config_file_fn *take, void *arg,
                                 struct config_error *error);

#endif
