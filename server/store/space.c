#include "store/space.h"

#include <sys/statvfs.h>

#include "ops/clock.h"
#include "ops/log.h"

/* Others fill the disk too: what the system said is good for so long, and for so much written. */
#define GOOD_FOR_MS 50
#define GOOD_FOR_BYTES ((uint64_t)1024 * 1024)

/* A store at the edge changes its mind often; the log need not hear it each time. */
#define QUIET_MS 10000

uint64_t space_free(int directory)
{
    struct statvfs about;
    if (fstatvfs(directory, &about) != 0)
        return UINT64_MAX;
    return (uint64_t)about.f_bavail * about.f_frsize;
}

static void look(struct space *space)
{
    int64_t now = clock_ms();
    if (space->looked_at != 0 && now - space->looked_at < GOOD_FOR_MS &&
        space->written < GOOD_FOR_BYTES)
        return;
    space->left = space_free(space->directory);
    space->looked_at = now;
    space->written = 0;
}

static void tell(struct space *space, bool full)
{
    int64_t now = clock_ms();
    if (full == space->told_full || (space->told_at != 0 && now - space->told_at < QUIET_MS))
        return;
    space->told_full = full;
    space->told_at = now;
    if (full)
        log_error("the disk has %llu KiB free, less than --min-free: writes are refused",
                  (unsigned long long)space->left / 1024);
    else
        log_info("the disk has room again: writes are taken");
}

enum space_room space_room(struct space *space, uint64_t staged)
{
    if (space->min_free == 0)
        return SPACE_FOR_ALL;
    look(space);
    uint64_t taken = space->written + staged;
    uint64_t free = space->left > taken ? space->left - taken : 0;
    tell(space, free < space->min_free);
    if (free >= space->min_free)
        return SPACE_FOR_ALL;
    return free >= space->min_free / 2 ? SPACE_FOR_DELETIONS : SPACE_FOR_NOTHING;
}

void space_wrote(struct space *space, uint64_t bytes)
{
    space->written += bytes;
}
