/*
 * Files that administrators write, read whole.
 */
#ifndef LEVERET_OPS_FILE_H
#define LEVERET_OPS_FILE_H

#include <sys/stat.h>

#include "protocol/bytes.h"

/* Reads all of the file at `path`, up to `most` bytes, behind what *text has; *status tells of the
 * file that was read. False with errno set, EFBIG when there is more. */
MUST_CHECK bool file_read(const char *path, size_t most, struct buffer *text, struct stat *status);

#endif
