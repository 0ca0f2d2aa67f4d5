/*
 * Recording: what a daemon did to the files of its data directory, call by call, and between the
 * calls what its client asked for and was told. All of it is in one file in one order: each side
 * notes a thing when it is done, and before it begins what must not be taken for done too early.
 *
 * The daemon is started with recorder.so preloaded. Files are told apart by their inodes; a new
 * file may get the inode of one that is gone.
 */
#ifndef LEVERET_TESTS_FAULT_RECORDING_H
#define LEVERET_TESTS_FAULT_RECORDING_H

#include <stdint.h>

/* The environment variables that tell the preloaded side where to note, and of which directory. */
#define RECORDING_VARIABLE "LEVERET_TEST_RECORDING"
#define RECORDING_DIRECTORY "LEVERET_TEST_RECORDED"

enum recording_kind {
    RECORDING_CREATE = 1,   /* name, file */
    RECORDING_WRITE,        /* file, number: the offset; the bytes follow */
    RECORDING_TRUNCATE,     /* file, number: the size */
    RECORDING_SYNC_BEGIN,   /* file, number: which sync */
    RECORDING_SYNC_END,     /* number */
    RECORDING_NAMES_BEGIN,  /* number; likewise for the directory */
    RECORDING_NAMES_END,    /* number */
    RECORDING_RENAME,       /* name to other */
    RECORDING_UNLINK,       /* name */
    RECORDING_ASKED,        /* number: so many steps were sent in all */
    RECORDING_ACKNOWLEDGED, /* number: so many were answered in all */
    RECORDING_BARRIER,      /* number: so many were answered before a SYNC that was, too */
};

#define RECORDING_NAME 32

/* One record, in the machine's own order of bytes. */
struct recording_head {
    uint32_t kind;
    uint32_t length; /* of the bytes behind it */
    uint64_t file;
    uint64_t number;
    char name[RECORDING_NAME];
    char other[RECORDING_NAME];
};

#endif
