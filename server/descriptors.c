#include "descriptors.h"

#include <sys/resource.h>

#include "http.h"
#include "net/doorstep.h"
#include "ops/log.h"

/*
 * What the daemon holds or may open at any moment besides: the three standard streams, the log and
 * its successor while it is reopened, the pid file, both ends of the signals' socket, the door's
 * reserve; LOCK, LOG, MANIFEST and CURRENT, two logs of LevelDB and a table that is being written;
 * a directory and a file of it for SYNC; a file of /proc for INFO. The rest is for what a library
 * opens behind our back.
 */
#define OWN 32

/* The events and the inbox of a loop, and a table that its thread, or LevelDB's own, opens to read
 * one block of it. */
#define PER_LOOP 3

/* LevelDB's share of the limit for tables that it keeps open (MaxOpenFiles in its env_posix.cc, as
 * of 1.23); more tables than that are opened for each read and closed behind it. */
#define TABLES_SHARE 5

/* A host may have several addresses, IPv4 and IPv6, and each is listened on. */
#define PER_LISTENED 4

static uint64_t raise_limit(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return 0;
    rlim_t before = limit.rlim_cur;
    limit.rlim_cur = limit.rlim_max;
    return setrlimit(RLIMIT_NOFILE, &limit) == 0 ? limit.rlim_max : before;
}

/* What connections must leave alone of so many descriptors. */
static uint64_t count_reserve(const struct config *config, uint64_t limit)
{
    uint64_t tables = limit / TABLES_SHARE;
    if (tables > config->max_open_files)
        tables = config->max_open_files;
    uint64_t http = config->metrics == NULL ? 0 : PER_LOOP + 1 + HTTP_GUESTS;
    return OWN + http + tables + PER_LOOP * (config->workers + 1) + config->local.count +
           PER_LISTENED * (config->listen.count + config->tls_listen.count) + DOORSTEP_PLACES;
}

uint32_t descriptors_for_connections(const struct config *config)
{
    uint64_t limit = raise_limit();
    uint64_t reserve = count_reserve(config, limit);
    unsigned long long wanted = config->max_connections;
    unsigned long long room = limit > reserve ? limit - reserve : 0;
    if (room >= wanted)
        return (uint32_t)wanted;
    if (room > 0)
        log_info("taking %llu connections instead of %llu: of %llu descriptors %llu are for other "
                 "things; ulimit -n would raise them",
                 room, wanted, (unsigned long long)limit, (unsigned long long)reserve);
    else
        log_error("a limit of %llu descriptors leaves room for no connection; raise it with "
                  "ulimit -n",
                  (unsigned long long)limit);
    return (uint32_t)room;
}
