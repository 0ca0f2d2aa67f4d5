#include "facts.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <unistd.h>

#include "current.h"
#include "facts_commands.h"
#include "facts_config.h"
#include "ops/allowed.h"
#include "ops/budget.h"
#include "ops/clock.h"
#include "ops/metrics.h"
#include "setting.h"

const char facts_sections[] =
    "server, clients, store, snapshots, compaction, feed, stats, commands, config";

/* Without random numbers the process is told by its own and by the time. */
static void name_run(char name[FACTS_RUN_ID + 1])
{
    unsigned char bytes[FACTS_RUN_ID / 2] = {0};
    if (getrandom(bytes, sizeof(bytes), GRND_NONBLOCK) != (ssize_t)sizeof(bytes))
        snprintf((char *)bytes, sizeof(bytes), "%d.%lld", (int)getpid(), (long long)clock_us());
    for (size_t i = 0; i < sizeof(bytes); i++)
        snprintf(name + 2 * i, 3, "%02x", bytes[i]);
}

void facts_init(struct facts *facts, const struct config *config, struct store *store,
                struct scans *scans, unsigned port)
{
    *facts = (struct facts){
        .config = config,
        .store = store,
        .scans = scans,
        .started = clock_ms(),
        .port = port,
    };
    name_run(facts->run_id);
}

/* Where the facts go. */
struct teller {
    fact_fn *fact;
    void *sink;
    bool paths; /* also where files are */
};

static void tell(struct teller *teller, const char *name, const char *value)
{
    teller->fact(teller->sink, name, value);
}

static void tell_number(struct teller *teller, const char *name, uint64_t number)
{
    char digits[24];
    snprintf(digits, sizeof(digits), "%llu", (unsigned long long)number);
    tell(teller, name, digits);
}

static void tell_server(const struct facts *facts, struct teller *teller)
{
    char digits[SETTING_SYNC_TEXT];
    tell(teller, "version", LEVERET_VERSION);
    tell_number(teller, "pid", (uint64_t)getpid());
    tell_number(teller, "uptime_seconds", (uint64_t)(clock_ms() - facts->started) / 1000);
    tell_number(teller, "workers", facts->config->workers);
    if (teller->paths)
        tell(teller, "data", facts->config->data);
    tell(teller, "sync", setting_sync_text(facts->config->sync, digits));
    tell(teller, "allow_flush", facts->config->allow_flush ? "yes" : "no");
    tell_number(teller, "request_timeout", facts->config->request_timeout);
    tell_number(teller, "stall_timeout", facts->config->stall_timeout);
    tell_number(teller, "scan_timeout", facts->config->scan_timeout);
    tell_number(teller, "idle_timeout", facts->config->idle_timeout);
}

static void tell_scans(const struct facts *facts, struct teller *teller)
{
    size_t count;
    uint64_t oldest;
    scans_tell(facts->scans, &count, &oldest);
    tell_number(teller, "scans", count);
    tell_number(teller, "max_scans", facts->config->max_scans);
    tell_number(teller, "oldest_scan_seconds", oldest);
}

static void tell_clients(const struct facts *facts, struct teller *teller)
{
    const struct config *config = facts->config;
#define METRIC(name) tell_number(teller, #name, metrics_read(&metrics.name));
    METRICS_CLIENTS(METRIC)
#undef METRIC
    tell_number(teller, "max_connections", allowed.connections);
    tell_number(teller, "max_connections_per_address", config->max_connections_per_address);
    tell(teller, "protected_mode", config->protected_mode ? "yes" : "no");
    tell_number(teller, "buffered", budget_held());
    tell_number(teller, "max_buffered", config->max_buffered);
    tell_number(teller, "max_line", config->max_line);
    tell_number(teller, "max_value", config->max_value);
    tell_number(teller, "max_arguments", config->max_arguments);
    tell_number(teller, "max_batch", config->max_batch);
    tell_number(teller, "max_output", config->max_output);
    tell_number(teller, "turn_requests", config->turn_requests);
    tell_scans(facts, teller);
}

static void tell_hot(const struct facts *facts, struct teller *teller)
{
    struct store_hot_facts hot;
    store_tell_hot(facts->store, &hot);
    tell_number(teller, "hot_values", facts->config->hot_values);
    tell_number(teller, "hot_held", hot.held);
    tell_number(teller, "hot_hits", hot.hits);
    tell_number(teller, "hot_misses", hot.misses);
}

static void tell_store(const struct facts *facts, struct teller *teller)
{
    struct store_health health;
    store_tell_health(facts->store, &health);
    tell(teller, "writable", health.writable ? "yes" : "no");
    tell(teller, "read_only_because", health.because);
    tell_number(teller, "disk_free", health.disk_free);
    tell_number(teller, "min_free", facts->config->min_free);
    tell_number(teller, "reopened", health.reopened);
    tell_number(teller, "write_buffer", facts->config->write_buffer);
    tell_number(teller, "cache", facts->config->cache);
    tell_hot(facts, teller);
    tell_number(teller, "bloom_bits", facts->config->bloom_bits);
    tell_number(teller, "max_open_files", facts->config->max_open_files);
    tell_number(teller, "block_size", facts->config->block_size);
    tell_number(teller, "block_restart_interval", facts->config->block_restart_interval);
    tell_number(teller, "max_file_size", facts->config->max_file_size);
    tell(teller, "compression", facts->config->compression ? "snappy" : "none");
    tell(teller, "create_if_missing", facts->config->create_if_missing ? "yes" : "no");
    tell(teller, "error_if_exists", facts->config->error_if_exists ? "yes" : "no");
    tell(teller, "paranoid_checks", facts->config->paranoid_checks ? "yes" : "no");
}

/* Snapshots, oldest first. */
struct snapshots_told {
    struct teller *teller; /* NULL: only count */
    uint64_t count;
    uint64_t oldest;
};

static void tell_of_snapshot(struct teller *teller, uint64_t id, const char *what, uint64_t seconds)
{
    char name[64];
    snprintf(name, sizeof(name), "snapshot_%llu_%s", (unsigned long long)id, what);
    tell_number(teller, name, seconds);
}

static void count_snapshot(void *arg, uint64_t id, uint64_t age, uint64_t left)
{
    struct snapshots_told *told = arg;
    if (told->count++ == 0)
        told->oldest = age;
    if (told->teller == NULL)
        return;
    tell_of_snapshot(told->teller, id, "age_seconds", age);
    tell_of_snapshot(told->teller, id, "left_seconds", left);
}

static void tell_snapshots(const struct facts *facts, struct teller *teller)
{
    struct snapshots_told told = {0};
    store_each_snapshot(facts->store, count_snapshot, &told);
    tell_number(teller, "snapshots", told.count);
    tell_number(teller, "max_snapshots", facts->config->max_snapshots);
    tell_number(teller, "oldest_snapshot_seconds", told.oldest);
    told.teller = teller;
    store_each_snapshot(facts->store, count_snapshot, &told);
}

static void tell_compaction(const struct facts *facts, struct teller *teller)
{
    struct compaction_facts told;
    store_tell_compactions(facts->store, &told);
    tell(teller, "compaction_running", told.running ? "yes" : "no");
    tell_number(teller, "compaction_bytes_done", told.bytes_done);
    tell_number(teller, "compaction_bytes_total", told.bytes_total);
    tell_number(teller, "compactions_waiting", told.waiting);
    tell_number(teller, "compactions_finished", told.finished);
}

static void tell_feed(const struct facts *facts, struct teller *teller)
{
    struct store_feed_facts feed;
    tell_number(teller, "feed_history", facts->config->feed_history);
    if (!store_feed_facts(facts->store, &feed))
        return;
    tell_number(teller, "feed_held", feed.held);
    tell(teller, "feed_sequence", feed.last);
    tell_number(teller, "followers", feed.followers);
}

static void tell_stats(const struct facts *facts, struct teller *teller)
{
    (void)facts;
#define METRIC(name) tell_number(teller, #name, metrics_read(&metrics.name));
    METRICS_STATS(METRIC)
#undef METRIC
    struct meter_totals *totals = meter_total();
    tell_number(teller, "bytes_received", totals == NULL ? 0 : totals->received);
    tell_number(teller, "bytes_sent", totals == NULL ? 0 : totals->sent);
    free(totals);
}

static void tell_commands(const struct facts *facts, struct teller *teller)
{
    (void)facts;
    facts_commands_tell(teller->fact, teller->sink);
}

/* The section `config` is told only by its name: others tell the most of it, under other names. */
enum told facts_tell(void *facts, struct slice section, enum role role, fact_fn *fact, void *sink)
{
    static const struct {
        const char *name;
        void (*tell)(const struct facts *facts, struct teller *teller);
    } sections[] = {
        {"server", tell_server},       {"clients", tell_clients},       {"store", tell_store},
        {"snapshots", tell_snapshots}, {"compaction", tell_compaction}, {"feed", tell_feed},
        {"stats", tell_stats},         {"commands", tell_commands},
    };
    struct teller teller = {.fact = fact, .sink = sink, .paths = role == ROLE_ADMIN};
    struct facts now = *(const struct facts *)facts;
    bool config = slice_equal_fold(section, SLICE("config"));
    bool known = config;
    if (config && !teller.paths)
        return TOLD_DENIED;
    now.config = current_borrow();
    for (size_t i = 0; i < sizeof(sections) / sizeof(sections[0]); i++) {
        if (section.len > 0 && !slice_equal_fold(section, slice_from_string(sections[i].name)))
            continue;
        sections[i].tell(&now, &teller);
        known = true;
    }
    if (config)
        facts_config_tell(now.config, fact, sink);
    current_return();
    return known ? TOLD : TOLD_NO_SUCH;
}
