/*
 * Trial: a daemon whose system calls can be made to fail, and a throng that talks to it. Its data
 * lies in memory where that is allowed: what is tried here does not depend on a disk, and takes as
 * many runs as there are calls.
 */
#ifndef LEVERET_TESTS_FAULT_TRIAL_H
#define LEVERET_TESTS_FAULT_TRIAL_H

#include "tests/fault/fault.h"
#include "tests/fault/throng.h"
#include "tests/fault/volume.h"

/* Writes go on within this after the disk is well, in milliseconds: the store's promise. */
#define TRIAL_SOON_MS 5000

/* What fails. */
struct trial_fault {
    enum fault_call call;
    unsigned first;
    struct fault_way way;
};

struct trial {
    struct trial_fault wanted;
    struct volume *volume; /* NULL: it lies in the scratch directory */
    struct daemon *server;
    struct fault *fault;
    struct throng *throng;
};

/* What came of many trials. */
struct trial_sum {
    uint64_t trials;
    unsigned reached; /* the last call that failed in any */
    uint64_t refused; /* writes, and those of unknown fate, and reads that failed */
    uint64_t unknown;
    uint64_t unread;
    struct tally_verdict verdict;
};

/* Nothing runs yet, and nothing fails. */
void trial_begin(struct trial *trial, struct trial_fault wanted);

/* Adds to the sum. */
void trial_end(struct trial *trial, struct trial_sum *sum);

/* Starts the daemon, and waits until it serves or does not. */
void trial_start(struct trial *trial);
void trial_spawn(struct trial *trial);

/* From now on the wanted calls fail. */
void trial_break(struct trial *trial);

/* The throng writes so much. The daemon must live. */
void trial_write(struct trial *trial, uint64_t writes);

/* Turns until a write is acknowledged, which must be soon. */
void trial_await_writing(struct trial *trial);

/* Holds the daemon to all that was acknowledged, and ends the test if something is amiss. */
void trial_judge(struct trial *trial, struct trial_sum *sum);

/* What failed, and the end of what the daemon said: a static string, for people. */
const char *trial_describe(struct trial *trial);

/* Tries each call of the kind, from the first on, until nothing fails any more: at length in every
 * way, in short runs each in one way, in turns. `once` tells whether something failed. */
typedef bool trial_fn(struct trial_fault wanted, struct trial_sum *sum);
void trial_each(const char *name, enum fault_call call, trial_fn *once);

#endif
