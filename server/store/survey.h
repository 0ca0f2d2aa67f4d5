/*
 * Survey: how much of a log or manifest is whole records, and what lies behind that. Reads one
 * file, a block at a time, and writes none.
 *
 * Where the records stop, one of two things happened. Either a crash cut short the last thing that
 * was written: then nothing follows but pieces of it, for one write is finished before the next
 * begins. Or something damaged the file later: then, unless it struck the last record, another
 * record begins somewhere behind. It is looked for at every byte, because the damaged bytes do not
 * tell where they end. The pieces of a record that has no beginning prove nothing: pages of one
 * write reach the disk in any order.
 */
#ifndef LEVERET_STORE_SURVEY_H
#define LEVERET_STORE_SURVEY_H

#include "protocol/bytes.h"

struct survey {
    uint64_t size;    /* of the file */
    uint64_t sound;   /* so many bytes from its start are whole records */
    uint64_t records; /* in them */
    bool goes_on;     /* behind what is no whole record, another one begins */
    uint64_t later;   /* here */
};

/* What is wanted of the records, and what is known of them. */
struct survey_reader {
    const char *name; /* of the file, for the log when it takes long */
    size_t keep;      /* so many bytes of each record are handed on */

    /* Takes the start of the next whole record. False: it is none that belongs here, and the
     * survey stops before it. */
    bool (*take)(void *arg, struct slice start, uint64_t at);

    /* Whether something that starts so, `skipped` bytes behind the whole records, may be a record
     * of this file. A value may hold any bytes, those of another log among them. */
    bool (*is_likely)(void *arg, struct slice start, uint64_t skipped);
    void *arg;
};

/* Surveys the file from its start. False with errno set when it cannot be read, or there is no
 * memory for a record. */
MUST_CHECK bool survey_run(int fd, const struct survey_reader *reader, struct survey *survey);

#endif
