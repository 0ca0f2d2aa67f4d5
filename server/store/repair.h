/*
 * Repair: makes a damaged directory one that can be opened again, offline. What cannot be read is
 * lost; what is not used any more is set aside in DIRECTORY/lost, not removed.
 */
#ifndef LEVERET_STORE_REPAIR_H
#define LEVERET_STORE_REPAIR_H

#include "store/inventory.h"
#include "store/store.h"

/* What a repair did. */
struct repair {
    size_t tables;  /* kept, or made from logs */
    uint64_t bytes; /* in them */
    size_t damaged_logs;
    struct inventory lost; /* what DIRECTORY/lost holds now */
};

/*
 * Repairs the directory that the options name, and opens it once. False with *error when the
 * directory is refused, and then it is untouched (see directory_check_offline), or when the repair
 * fails or is interrupted, and then it is marked (see marker.h) and has to be tried again. Takes as
 * long as it takes to read and write all of it, and as much free space as it holds.
 */
MUST_CHECK bool repair_run(const struct store_options *options, struct repair *repair,
                           struct store_error *error);

#endif
