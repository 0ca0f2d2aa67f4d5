/*
 * The mark of a repair that is not through: the file REPAIRING in the directory, which LevelDB
 * passes over. Until its last step LevelDB's repair leaves a store that opens and answers with
 * values that were replaced.
 */
#ifndef LEVERET_STORE_MARKER_H
#define LEVERET_STORE_MARKER_H

#include "protocol/bytes.h"

/* Its name in the directory. */
extern const char marker_name[];

/* Puts the mark there, if it is not; it is on disk when this returns. False with errno set. */
MUST_CHECK bool marker_set(const char *path);

/* Takes it away, if it is there; likewise. */
MUST_CHECK bool marker_remove(const char *path);

MUST_CHECK bool marker_is_set(const char *path);

#endif
