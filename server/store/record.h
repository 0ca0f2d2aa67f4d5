/*
 * The records of LevelDB's logs and manifests (doc/log_format.md in its source). A file is blocks
 * of 32 KiB, the last one shorter; a block is records, and what is too short for one at its end:
 *
 *     checksum 4 | length 2 | type 1 | that many bytes
 *
 * What is longer than the rest of a block goes on in the next, as a first, middle and last record.
 * Pure functions over the bytes of one block.
 */
#ifndef LEVERET_STORE_RECORD_H
#define LEVERET_STORE_RECORD_H

#include "protocol/bytes.h"

#define RECORD_BLOCK ((size_t)32768)

enum record_kind {
    RECORD_FULL = 1, /* all of what was written at once */
    RECORD_FIRST,    /* its first piece, which fills the block */
    RECORD_MIDDLE,
    RECORD_LAST,
};

struct record {
    enum record_kind kind;
    size_t size; /* with its header */
    struct slice content;
};

#define RECORD_HEADER ((size_t)7)

/* What a record that begins at that byte of the block would be. False when none of a known kind
 * fits there. */
MUST_CHECK bool record_peek(struct slice block, size_t at, struct record *record);

/* Whether its checksum says that it is one. */
MUST_CHECK bool record_is_sound(const struct record *record);

/* The content of the record that begins the block; no data when there is none, or a damaged one. */
struct slice record_first(struct slice block);

/*
 * Makes the block safe for a reader that does not look at checksums: from the first damaged record
 * to its end, it becomes one record of a type that no reader knows, and so is passed over. True
 * when there was one. A record that only ends too late is left; every reader sees that.
 */
MUST_CHECK bool record_mask_damage(char *block, size_t len);

#endif
