/*
 * A version: which tables and logs a store consists of, by the edits that its manifest lists
 * (db/version_edit.cc in LevelDB's source). Pure; touches no file.
 */
#ifndef LEVERET_STORE_VERSION_H
#define LEVERET_STORE_VERSION_H

#include "protocol/bytes.h"

struct version_table {
    uint64_t number;
    uint64_t size; /* bytes */
    bool gone;     /* it was, and is no more */
};

/* All zeroes is the version before the first edit. */
struct version {
    struct version_table *tables; /* owned; by number */
    size_t count;
    size_t room;
    uint64_t log;          /* the lowest number of a log that is needed, */
    uint64_t previous;     /* and another one; 0 is none */
    uint64_t sequence;     /* of the newest write when the last edit was made, or lower */
    uint64_t log_sequence; /* likewise when `log` was first named: no later than the log's end, and
                              not before its beginning */
    bool has_log;
    bool has_next_file;
    bool has_sequence;
};

void version_fini(struct version *version);

/* Applies an edit. False when it is none, and then the version is good for nothing more, or when
 * there is no memory. */
MUST_CHECK bool version_apply(struct version *version, struct slice edit);

/* Whether an edit may start so. */
MUST_CHECK bool version_is_start(struct slice edit);

/* Whether the edits told all that an engine must know. */
MUST_CHECK bool version_is_whole(const struct version *version);

#endif
