/*
 * Disk: a directory as a disk may hold it when the machine goes down, worked out from a recording.
 *
 * What was synced is there. Of the rest of a file there may be nothing, a part up to any byte, or
 * any of its pages, with zeroes where others are missing. Of names that were made, changed or
 * removed since the directory was synced there may be any first part, as on file systems with a
 * journal; or any part at all, in which later changes are there and earlier ones are not.
 */
#ifndef LEVERET_TESTS_FAULT_DISK_H
#define LEVERET_TESTS_FAULT_DISK_H

#include "protocol/bytes.h"
#include "tests/fault/recording.h"
#include "tests/lib/chance.h"

enum disk_names {
    DISK_NAMES_IN_ORDER,
    DISK_NAMES_IN_ANY,
};

struct disk;

struct disk *disk_new(void);
void disk_free(struct disk *disk);

/* Does what the record says; those of the client change nothing. */
void disk_apply(struct disk *disk, const struct recording_head *head, const char *bytes);

/* Makes the directory, which must not exist, as it may be now. */
void disk_image(const struct disk *disk, enum disk_names names, struct chance *chance,
                const char *path);

#endif
