/*
 * Closed: the files of a store that nobody has open, in memory, and what its live log holds.
 */
#ifndef LEVERET_TESTS_FAULT_CLOSED_H
#define LEVERET_TESTS_FAULT_CLOSED_H

#include "protocol/bytes.h"
#include "server/store/filename.h"

#define CLOSED_FILES 64
#define CLOSED_RECORDS 4096

struct closed_file {
    char *name;
    enum filename_kind kind;
    struct buffer bytes;
};

/* A log's records: where each ends, and how many operations there are up to its end. */
struct closed_log {
    size_t ends[CLOSED_RECORDS];
    size_t operations[CLOSED_RECORDS];
    size_t count;
};

struct closed {
    struct closed_file files[CLOSED_FILES]; /* CURRENT, manifests, logs and tables */
    size_t count;
    size_t live_file; /* the newest log; one before it may be there, whose table was not finished */
    struct closed_log live;
};

/* Reads the directory, all of whose logs are whole. All zeroes is one that was forgotten. */
void closed_read(struct closed *closed, const char *path);
void closed_forget(struct closed *closed);

#endif
