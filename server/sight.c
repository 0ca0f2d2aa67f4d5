#include "sight.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "ops/budget.h"

static double seconds_of(struct timeval time)
{
    return (double)time.tv_sec + (double)time.tv_usec / 1e6;
}

static uint64_t count_descriptors(void)
{
    DIR *directory = opendir("/proc/self/fd");
    uint64_t count = 0;
    if (directory == NULL)
        return 0;
    for (struct dirent *entry; (entry = readdir(directory)) != NULL;)
        count += entry->d_name[0] != '.';
    closedir(directory);
    return count - 1; /* the one that was looked with */
}

static uint64_t read_resident(void)
{
    unsigned long long pages = 0;
    FILE *file = fopen("/proc/self/statm", "re");
    if (file == NULL)
        return 0;
    if (fscanf(file, "%*u %llu", &pages) != 1)
        pages = 0;
    fclose(file);
    return pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

/* Of /proc/self/stat the 22nd: clock ticks from the start of the system. The second field is a name
 * in parentheses that may hold anything. */
static double read_start(void)
{
    char text[1024] = "";
    unsigned long long ticks = 0;
    struct timespec now;
    struct timespec up;
    FILE *file = fopen("/proc/self/stat", "re");
    if (file == NULL)
        return 0;
    size_t len = fread(text, 1, sizeof(text) - 1, file);
    fclose(file);
    text[len] = '\0';
    const char *at = strrchr(text, ')');
    for (unsigned field = 2; at != NULL && field < 22; field++)
        at = strchr(at + 1, ' ');
    if (at == NULL || sscanf(at, "%llu", &ticks) != 1)
        return 0;
    clock_gettime(CLOCK_REALTIME, &now);
    clock_gettime(CLOCK_BOOTTIME, &up);
    return (double)(now.tv_sec - up.tv_sec) + (double)(now.tv_nsec - up.tv_nsec) / 1e9 +
           (double)ticks / (double)sysconf(_SC_CLK_TCK);
}

static void see_process(struct sight *sight)
{
    struct rusage used = {0};
    struct rlimit limit = {0};
    getrusage(RUSAGE_SELF, &used);
    getrlimit(RLIMIT_NOFILE, &limit);
    sight->process.started = read_start();
    sight->process.cpu = seconds_of(used.ru_utime) + seconds_of(used.ru_stime);
    sight->process.resident = read_resident();
    sight->process.descriptors = count_descriptors();
    sight->process.most_descriptors = limit.rlim_cur;
}

/* Oldest first. */
static void see_snapshot(void *arg, uint64_t id, uint64_t age, uint64_t left)
{
    struct sight *sight = arg;
    (void)id;
    (void)left;
    if (sight->snapshots++ == 0)
        sight->oldest_snapshot = age;
}

bool sight_take(struct sight *sight, const struct facts *facts)
{
    struct store *store = facts->store;
    size_t scans = 0;
    *sight = (struct sight){.facts = facts, .totals = meter_total()};
    if (sight->totals == NULL)
        return false;
    see_process(sight);
    store_tell_health(store, &sight->health);
    (void)!store_tell_levels(store, &sight->levels);
    store_tell_hot(store, &sight->hot);
    if (!store_feed_facts(store, &sight->feed))
        sight->feed = (struct store_feed_facts){0};
    store_tell_compactions(store, &sight->compaction);
    store_each_snapshot(store, see_snapshot, sight);
    scans_tell(facts->scans, &scans, &sight->oldest_scan);
    sight->scans = scans;
    sight->buffered = budget_held();
    return true;
}

void sight_end(struct sight *sight)
{
    free(sight->totals);
}
