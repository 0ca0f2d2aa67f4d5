#include "ops/metrics.h"

/* A batch goes into the log and into memory at least this fast, in bytes a microsecond. */
#define SLOWEST 100

struct metrics metrics;

void metrics_commit(uint64_t operations, int64_t took, bool synced)
{
    metrics_add(&metrics.commits, 1);
    metrics_add(&metrics.committed_operations, operations);
    histogram_add(&metrics.operations, operations * HISTOGRAM_COUNT_SCALE);
    histogram_add(synced ? &metrics.commits_synced : &metrics.commits_unsynced, (uint64_t)took);
}

void metrics_batch(uint64_t bytes, int64_t took)
{
    if (took < METRICS_STALL_US + (int64_t)(bytes / SLOWEST))
        return;
    metrics_add(&metrics.stalls, 1);
    metrics_add(&metrics.stalled_us, (uint64_t)took);
}
