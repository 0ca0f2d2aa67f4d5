/*
 * A sight: all facts that /metrics shows, seen at about one moment.
 */
#ifndef LEVERET_SIGHT_H
#define LEVERET_SIGHT_H

#include "facts.h"

struct sight {
    const struct facts *facts;
    struct meter_totals *totals;
    struct {
        double started; /* seconds since 1970 */
        double cpu;     /* seconds */
        uint64_t resident;
        uint64_t descriptors;
        uint64_t most_descriptors;
    } process;
    struct store_health health;
    struct store_levels levels;
    struct store_hot_facts hot;
    struct store_feed_facts feed;
    struct compaction_facts compaction;
    uint64_t buffered;
    uint64_t scans;
    uint64_t oldest_scan;
    uint64_t snapshots;
    uint64_t oldest_snapshot;
};

/* Looks, which may take as long as the disk does: on the thread of the pages. False when there is
 * no memory; then there is nothing to end. */
MUST_CHECK bool sight_take(struct sight *sight, const struct facts *facts);
void sight_end(struct sight *sight);

#endif
