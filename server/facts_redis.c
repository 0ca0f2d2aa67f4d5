/*
 * The facts in Redis's names, for the clients and tools that look for them there. A fact that
 * Leveret has no equal of is left out, or tells that there is none of it.
 */
#include <stdarg.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "commands/redis/version.h"
#include "current.h"
#include "facts.h"
#include "facts_commands.h"
#include "ops/allowed.h"
#include "ops/clock.h"
#include "ops/metrics.h"

/* Where the facts go. */
struct teller {
    fact_fn *fact;
    void *sink;
};

__attribute__((format(printf, 3, 4))) static void tell(struct teller *teller, const char *name,
                                                       const char *format, ...)
{
    char value[512];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(value, sizeof(value), format, arguments);
    va_end(arguments);
    teller->fact(teller->sink, name, value);
}

static unsigned long long read_metric(_Atomic uint64_t *count)
{
    return (unsigned long long)metrics_read(count);
}

/* Sections of INFO -------------------------------------------------------------- */

static void tell_server(const struct facts *facts, struct teller *teller)
{
    struct utsname system = {0};
    struct timespec now;
    uname(&system);
    clock_gettime(CLOCK_REALTIME, &now);
    long long uptime = (long long)(clock_ms() - facts->started) / 1000;
    tell(teller, "redis_version", "%s", REDIS_VERSION);
    tell(teller, "leveret_version", "%s", LEVERET_VERSION);
    tell(teller, "redis_mode", "standalone");
    tell(teller, "os", "%s %s %s", system.sysname, system.release, system.machine);
    tell(teller, "arch_bits", "%zu", 8 * sizeof(void *));
    tell(teller, "process_id", "%d", (int)getpid());
    tell(teller, "run_id", "%s", facts->run_id);
    tell(teller, "tcp_port", "%u", facts->port);
    tell(teller, "server_time_usec", "%lld",
         (long long)now.tv_sec * 1000000 + (long long)now.tv_nsec / 1000);
    tell(teller, "uptime_in_seconds", "%lld", uptime);
    tell(teller, "uptime_in_days", "%lld", uptime / (24 * 3600));
    tell(teller, "config_file", "%s", "");
}

static void tell_clients(const struct facts *facts, struct teller *teller)
{
    unsigned long long most = allowed.connections;
    (void)facts;
    tell(teller, "connected_clients", "%llu", read_metric(&metrics.connections));
    tell(teller, "cluster_connections", "0");
    tell(teller, "maxclients", "%llu", most);
    tell(teller, "blocked_clients", "0");
    tell(teller, "tracking_clients", "0");
}

static void tell_human(struct teller *teller, const char *name, double bytes)
{
    static const char units[] = "BKMGT";
    size_t unit = 0;
    for (; bytes >= 1024 && units[unit + 1] != '\0'; unit++)
        bytes /= 1024;
    tell(teller, name, unit == 0 ? "%.0f%c" : "%.2f%c", bytes, units[unit]);
}

/* Resident memory in bytes: all of it, and what of it is mapped files, which is mostly tables. */
static void read_memory(unsigned long long *resident, unsigned long long *shared)
{
    FILE *file = fopen("/proc/self/statm", "re");
    *resident = 0;
    *shared = 0;
    if (file == NULL)
        return;
    unsigned long long page = (unsigned long long)sysconf(_SC_PAGESIZE);
    if (fscanf(file, "%*u %llu %llu", resident, shared) != 2) {
        *resident = 0;
        *shared = 0;
    }
    *resident *= page;
    *shared *= page;
    fclose(file);
}

static void tell_memory(const struct facts *facts, struct teller *teller)
{
    unsigned long long resident;
    unsigned long long shared;
    (void)facts;
    read_memory(&resident, &shared);
    tell(teller, "used_memory", "%llu", resident - shared);
    tell_human(teller, "used_memory_human", (double)(resident - shared));
    tell(teller, "used_memory_rss", "%llu", resident);
    tell_human(teller, "used_memory_rss_human", (double)resident);
    tell(teller, "maxmemory", "0");
    tell(teller, "maxmemory_human", "0B");
    tell(teller, "maxmemory_policy", "noeviction");
}

/* LevelDB's log is what Redis calls an append-only file; there are no dumps. */
static void tell_persistence(const struct facts *facts, struct teller *teller)
{
    tell(teller, "loading", "0");
    tell(teller, "async_loading", "0");
    tell(teller, "rdb_changes_since_last_save", "0");
    tell(teller, "rdb_bgsave_in_progress", "0");
    tell(teller, "aof_enabled", "1");
    tell(teller, "aof_rewrite_in_progress", "0");
    tell(teller, "aof_rewrite_scheduled", "0");
    tell(teller, "aof_last_write_status", "%s", store_is_writable(facts->store) ? "ok" : "err");
}

static void tell_stats(const struct facts *facts, struct teller *teller)
{
    (void)facts;
    tell(teller, "total_connections_received", "%llu", read_metric(&metrics.connections_total));
    tell(teller, "rejected_connections", "%llu", read_metric(&metrics.connections_refused));
    tell(teller, "total_commands_processed", "%llu", read_metric(&metrics.requests));
    tell(teller, "expired_keys", "0");
    tell(teller, "evicted_keys", "0");
    tell(teller, "pubsub_channels", "0");
    tell(teller, "pubsub_patterns", "0");
}

static void tell_replication(const struct facts *facts, struct teller *teller)
{
    (void)facts;
    tell(teller, "role", "master");
    tell(teller, "connected_slaves", "0");
}

static void tell_cpu(const struct facts *facts, struct teller *teller)
{
    struct rusage used = {0};
    (void)facts;
    getrusage(RUSAGE_SELF, &used);
    tell(teller, "used_cpu_sys", "%lld.%06lld", (long long)used.ru_stime.tv_sec,
         (long long)used.ru_stime.tv_usec);
    tell(teller, "used_cpu_user", "%lld.%06lld", (long long)used.ru_utime.tv_sec,
         (long long)used.ru_utime.tv_usec);
}

static void tell_cluster(const struct facts *facts, struct teller *teller)
{
    (void)facts;
    tell(teller, "cluster_enabled", "0");
}

/* Sections that Redis has and that are empty here. `db0:keys=` in the last would have to be counted
 * key by key, which is what DBSIZE does for those who ask for it. */
static void tell_nothing(const struct facts *facts, struct teller *teller)
{
    (void)facts;
    (void)teller;
}

static void tell_stats_of_commands(const struct facts *facts, struct teller *teller)
{
    (void)facts;
    facts_commands_tell_stats(teller->fact, teller->sink);
}

static void tell_errors(const struct facts *facts, struct teller *teller)
{
    (void)facts;
    facts_commands_tell_errors(teller->fact, teller->sink);
}

static void tell_latencies(const struct facts *facts, struct teller *teller)
{
    (void)facts;
    facts_commands_tell_latencies(teller->fact, teller->sink);
}

bool facts_tell_redis(void *facts, struct slice section, fact_fn *fact, void *sink)
{
    static const struct {
        const char *name;
        void (*tell)(const struct facts *facts, struct teller *teller);
    } sections[] = {
        {"server", tell_server},
        {"clients", tell_clients},
        {"memory", tell_memory},
        {"persistence", tell_persistence},
        {"stats", tell_stats},
        {"replication", tell_replication},
        {"cpu", tell_cpu},
        {"modules", tell_nothing},
        {"commandstats", tell_stats_of_commands},
        {"errorstats", tell_errors},
        {"latencystats", tell_latencies},
        {"cluster", tell_cluster},
        {"keyspace", tell_nothing},
    };
    struct teller teller = {.fact = fact, .sink = sink};
    for (size_t i = 0; i < sizeof(sections) / sizeof(sections[0]); i++) {
        if (!slice_equal_fold(section, slice_from_string(sections[i].name)))
            continue;
        sections[i].tell(facts, &teller);
        return true;
    }
    return false;
}

/* Settings ------------------------------------------------------------------------ */

/* The hosts that are listened on, as Redis's `bind` lists them. */
static void tell_bind(const struct config *config, struct teller *teller)
{
    char text[512] = "";
    size_t len = 0;
    for (size_t i = 0; i < config->listen.count && len < sizeof(text); i++) {
        const char *item = config->listen.items[i];
        const char *colon = strrchr(item, ':');
        int host = colon == NULL ? 0 : (int)(colon - item);
        len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%.*s", i == 0 ? "" : " ", host,
                                item);
    }
    tell(teller, "bind", "%s", text);
}

static void tell_files(const struct config *config, struct teller *teller)
{
    tell(teller, "unixsocket", "%s", config->local.count == 0 ? "" : config->local.items[0]);
    tell(teller, "dir", "%s", config->data);
    tell(teller, "logfile", "%s", config->log == NULL ? "" : config->log);
    tell(teller, "pidfile", "%s", config->pidfile == NULL ? "" : config->pidfile);
    tell(teller, "daemonize", "%s", config->daemonize ? "yes" : "no");
}

/* Redis knows one second only. */
static const char *sync_word(uint64_t sync)
{
    return sync == STORE_SYNC_ALWAYS ? "always" : sync == STORE_SYNC_NEVER ? "no" : "everysec";
}

void facts_tell_settings(void *arg, fact_fn *fact, void *sink)
{
    const struct facts *facts = arg;
    const struct config *config = current_borrow();
    struct teller teller = {.fact = fact, .sink = sink};
    tell(&teller, "save", "%s", "");
    tell(&teller, "appendonly", "yes"); /* see tell_persistence */
    tell(&teller, "appendfsync", "%s", sync_word(config->sync));
    tell(&teller, "maxmemory", "0");
    tell(&teller, "maxmemory-policy", "noeviction");
    tell(&teller, "databases", "1");
    tell(&teller, "timeout", "%llu", (unsigned long long)config->idle_timeout);
    tell(&teller, "maxclients", "%llu", (unsigned long long)allowed.connections);
    tell(&teller, "protected-mode", "%s", config->protected_mode ? "yes" : "no");
    tell(&teller, "proto-max-bulk-len", "%llu", (unsigned long long)config->max_value);
    tell(&teller, "notify-keyspace-events", "%s", "");
    tell(&teller, "cluster-enabled", "no");
    tell(&teller, "requirepass", "%s", "");
    tell(&teller, "port", "%u", facts->port);
    tell(&teller, "io-threads", "%llu", (unsigned long long)config->workers);
    tell_bind(config, &teller);
    tell_files(config, &teller);
    current_return();
}
