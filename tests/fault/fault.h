/*
 * Fault: makes system calls of the daemon on files below its data directory fail, chosen ones or
 * from a chosen one on.
 *
 * The daemon is started with fault.so preloaded; both sides map the same small file, so a fault can
 * be set before the daemon starts and while it runs.
 */
#ifndef LEVERET_TESTS_FAULT_FAULT_H
#define LEVERET_TESTS_FAULT_FAULT_H

#include <stdatomic.h>
#include <stddef.h>

/* The environment variables that tell the preloaded side where the file and the data are. */
#define FAULT_VARIABLE "LEVERET_TEST_FAULT"
#define FAULT_DATA_VARIABLE "LEVERET_TEST_FAULT_DATA"

enum fault_call {
    FAULT_WRITE,
    FAULT_FDATASYNC,
    FAULT_FSYNC,
    FAULT_OPEN, /* also openat, fopen, opendir */
    FAULT_RENAME,
    FAULT_UNLINK,
    FAULT_FTRUNCATE,
    FAULT_CLOSE,
    FAULT_READ,
    FAULT_PREAD,
    FAULT_MMAP,
    FAULT_CALLS,
};

/* In place of an errno: a write writes half of what it should, and says so. */
#define FAULT_SHORT (-1)

struct fault {
    atomic_uint calls[FAULT_CALLS]; /* so far, since fault_set */
    atomic_uint call;               /* enum fault_call: those that fail */
    atomic_uint first;              /* the first that fails, 1 or more; 0: none does */
    atomic_uint count;              /* how many fail from there on */
    atomic_int error;               /* with what: an errno or FAULT_SHORT */
    atomic_uint failed;             /* calls that failed, since fault_set */
};

/* One way of failing: with what error, and how many calls from the first on. */
struct fault_way {
    int error;
    unsigned count;
};

#define FAULT_FOR_EVER 1000000000u
#define FAULT_WAYS 6

/* How calls of a kind fail, in the order of their names above. */
struct fault_kind {
    const char *name;
    size_t count; /* of its ways */
    struct fault_way ways[FAULT_WAYS];
};

extern const struct fault_kind fault_kinds[FAULT_CALLS];

struct daemon;

/* Puts it before a daemon that was not started yet and whose data directory is settled; nothing
 * fails. Mapped until the test ends. */
struct fault *fault_open(struct daemon *daemon);

/* Counts anew; from the `first` call of that kind on, as many fail as that way says. */
void fault_set(struct fault *fault, enum fault_call call, unsigned first, struct fault_way way);

/* Nothing fails any more. How many calls failed. */
unsigned fault_clear(struct fault *fault);

#endif
