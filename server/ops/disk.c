#include "ops/disk.h"

#include "ops/metrics.h"

static _Thread_local int64_t spent;

void disk_synced(int64_t took)
{
    spent += took;
    histogram_add(&metrics.fdatasync, (uint64_t)took);
}

int64_t disk_spent(void)
{
    return spent;
}
