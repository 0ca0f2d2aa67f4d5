#include "tests/fuzz/fixed.h"

#include <stdatomic.h>
#include <sys/random.h>
#include <time.h>

#include "server/commands/census.h"
#include "server/ops/metrics.h"
#include "tests/lib/chance.h"

#define MOST_US 900000

static atomic_uint looks;
static unsigned us_a_look;
static struct chance chance;

void fixed_start(unsigned step)
{
    us_a_look = step;
    atomic_store(&looks, 0);
    chance.state = 1;
#define METRIC(name) atomic_store(&metrics.name, 0);
    METRICS_CLIENTS(METRIC)
    METRICS_STATS(METRIC)
#undef METRIC
}

/* What the linker calls them. */
int __wrap_clock_gettime(clockid_t clock, struct timespec *now);
ssize_t __wrap_getrandom(void *bytes, size_t size, unsigned flags);
enum status __wrap_store_property(struct store *store, struct slice name, struct buffer *out,
                                  struct store_error *error);

/* The same moment of a day in 2001, whichever clock is meant. */
int __wrap_clock_gettime(clockid_t clock, struct timespec *now)
{
    uint64_t us = (uint64_t)atomic_fetch_add(&looks, 1) * us_a_look;
    bool steady = clock != CLOCK_MONOTONIC;
    *now = (struct timespec){.tv_sec = 1000000000,
                             .tv_nsec = steady ? 0 : (long)(us < MOST_US ? us : MOST_US) * 1000};
    return 0;
}

ssize_t __wrap_getrandom(void *bytes, size_t size, unsigned flags)
{
    (void)flags;
    chance_bytes(&chance, bytes, size);
    return (ssize_t)size;
}

/* LevelDB says there how long its compactions took. */
enum status __wrap_store_property(struct store *store, struct slice name, struct buffer *out,
                                  struct store_error *error)
{
    (void)store;
    (void)error;
    buffer_append_slice(out, name);
    return slice_has_prefix(name, SLICE("leveldb.")) ? STATUS_OK : STATUS_NOT_FOUND;
}

/* What is told ---------------------------------------------------------------- */

static bool tell_redis(void *facts, struct slice section, fact_fn *fact, void *sink)
{
    (void)facts;
    if (section.len > 0 && !slice_equal_fold(section, SLICE("server")))
        return false;
    fact(sink, "version", "0");
    return true;
}

static enum told tell(void *facts, struct slice section, enum role role, fact_fn *fact, void *sink)
{
    (void)role;
    return tell_redis(facts, section, fact, sink) ? TOLD : TOLD_NO_SUCH;
}

static void tell_settings(void *facts, fact_fn *fact, void *sink)
{
    (void)facts;
    fact(sink, "maxmemory", "0");
    fact(sink, "save", "");
}

/* One connection, which is nobody's. */
static bool take_census(void *server, struct census *census)
{
    static struct call call = {.connection = 7, .user = &user_anyone};
    struct peer peer = {.call = &call, .fd = 5, .address = "unix:", .local = "unix:"};
    (void)server;
    census->visit(census, &peer);
    census->over(census);
    return true;
}

void fixed_tell(struct service *service)
{
    service->tell = tell;
    service->sections = "server";
    service->tell_redis = tell_redis;
    service->tell_settings = tell_settings;
    service->take_census = take_census;
}
