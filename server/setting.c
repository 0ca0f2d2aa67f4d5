#include "setting.h"

#include <stdio.h>
#include <string.h>

#include "protocol/limits.h"
#include "protocol/number.h"

#define MIB ((uint64_t)1024 * 1024)
#define AT(field) offsetof(struct config, field)

/* A day: nobody waits longer on purpose. */
#define LONGEST_TIMEOUT 86400

const struct setting setting_table[] = {
    {"data", "DIR", SETTING_TEXT, AT(data), 0, 0, "the LevelDB directory; made if missing"},
    {"listen", "HOST:PORT", SETTING_LIST, AT(listen), 0, 0,
     "serve TCP there; may be repeated; port 0 picks one [127.0.0.1:5383]"},
    {"unix", "PATH", SETTING_LIST, AT(local), 0, 0, "serve a Unix socket there; may be repeated"},
    {"workers", "N", SETTING_NUMBER, AT(workers), 1, 64, "threads that serve [one a processor]"},
    {"sync", "always|never|SECONDS", SETTING_SYNC, AT(sync), 1, 3600,
     "whether a write is on disk before its reply, or that many seconds later at most [always]"},
    {"min-free", "SIZE", SETTING_SIZE, AT(min_free), 0, 1024 * 1024 * MIB,
     "refuse to put when the disk has less free; deletions go on down to half of it; 0: never "
     "refuse [64M]"},
    {"write-buffer", "SIZE", SETTING_SIZE, AT(write_buffer), MIB / 16, 1024 * MIB,
     "bytes collected in memory before they become a table [16M]"},
    {"cache", "SIZE", SETTING_SIZE, AT(cache), 0, 1024 * 1024 * MIB,
     "bytes of table blocks kept in memory [96M]"},
    {"hot-values", "SIZE", SETTING_SIZE, AT(hot_values), 0, 64 * 1024 * MIB,
     "bytes of memory for values that are read often; 0 keeps none [32M]"},
    {"bloom-bits", "N", SETTING_NUMBER, AT(bloom_bits), 0, 64,
     "bits a key in the filters that spare reads; 0 for none [10]"},
    {"max-open-files", "N", SETTING_NUMBER, AT(max_open_files), 74, 50000,
     "files LevelDB keeps open [1000]"},
    {"block-size", "SIZE", SETTING_SIZE, AT(block_size), 1024, 4 * MIB,
     "bytes of rows read at once from a table [4K]"},
    {"block-restart-interval", "N", SETTING_NUMBER, AT(block_restart_interval), 1, 65536,
     "keys of a block of which one is stored whole [16]"},
    {"max-file-size", "SIZE", SETTING_SIZE, AT(max_file_size), MIB, 1024 * MIB,
     "bytes at which compaction begins the next table [2M]"},
    {"compression", "snappy|none", SETTING_CHOICE, AT(compression), 0, 0,
     "how blocks of tables are compressed [snappy]"},
    {"create-if-missing", "yes|no", SETTING_CHOICE, AT(create_if_missing), 0, 0,
     "whether to begin a LevelDB where there is none [yes]"},
    {"error-if-exists", "yes|no", SETTING_CHOICE, AT(error_if_exists), 0, 0,
     "whether to refuse a LevelDB that is there [no]"},
    {"paranoid-checks", "yes|no", SETTING_CHOICE, AT(paranoid_checks), 0, 0,
     "whether to refuse damaged data; no serves what can be read, and verifies only for VERIFY "
     "[yes]"},
    {"max-snapshots", "N", SETTING_NUMBER, AT(max_snapshots), 0, 10000,
     "snapshots held at a time; each keeps deleted data on disk [64]"},
    {"feed-history", "SIZE", SETTING_SIZE, AT(feed_history), 0, 16 * 1024 * MIB,
     "bytes of the latest changes kept for FOLLOW; 0 turns it off [64M]"},
    {"allow-flush", "yes|no", SETTING_CHOICE, AT(allow_flush), 0, 0,
     "whether FLUSHDB and FLUSHALL may delete everything [no]"},
    {"max-connections", "N", SETTING_NUMBER, AT(max_connections), 1, 1000000,
     "connections at a time; fewer where ulimit -n leaves less room [10000]"},
    {"max-connections-per-address", "N", SETTING_NUMBER, AT(max_connections_per_address), 0,
     1000000,
     "connections at a time from one address, or one /64 network of IPv6; 0 for any number [0]"},
    {"protected-mode", "yes|no", SETTING_CHOICE, AT(protected_mode), 0, 0,
     "whether to serve loopback and Unix sockets only, because there is no authentication [yes]"},
    {"max-line", "SIZE", SETTING_SIZE, AT(max_line), 1024, LIMIT_LINE,
     "longest request [65793K, enough for every byte escaped]"},
    {"max-value", "SIZE", SETTING_SIZE, AT(max_value), LIMIT_KEY, LIMIT_VALUE,
     "longest value that is written [16M]"},
    {"max-arguments", "N", SETTING_NUMBER, AT(max_arguments), 16, LIMIT_WORDS,
     "words of a request; a line has 65536 at most [1048576]"},
    {"max-batch", "SIZE", SETTING_SIZE, AT(max_batch), 1024, LIMIT_BATCH,
     "largest batch or transaction [32M]"},
    {"max-output", "SIZE", SETTING_SIZE, AT(max_output), MIB, 1024 * MIB,
     "bytes of a reply that are made before they are sent; no more than --max-buffered [128M]"},
    {"max-buffered", "SIZE", SETTING_SIZE, AT(max_buffered), MIB, 1024 * 1024 * MIB,
     "bytes held for all clients together; beyond it, who holds the most is closed [256M]"},
    {"max-scans", "N", SETTING_NUMBER, AT(max_scans), 1, 1000000,
     "scans open at a time over all connections [2000]"},
    {"turn-requests", "N", SETTING_NUMBER, AT(turn_requests), 1, 1000000,
     "requests taken of one connection before others have their turn [2048]"},
    {"request-timeout", "SECONDS", SETTING_NUMBER, AT(request_timeout), 1, LONGEST_TIMEOUT,
     "a request must arrive whole within this [60]"},
    {"stall-timeout", "SECONDS", SETTING_NUMBER, AT(stall_timeout), 1, LONGEST_TIMEOUT,
     "a peer must take some of a reply within this [60]"},
    {"scan-timeout", "SECONDS", SETTING_NUMBER, AT(scan_timeout), 1, LONGEST_TIMEOUT,
     "a scan must end within this [3600]"},
    {"idle-timeout", "SECONDS", SETTING_NUMBER, AT(idle_timeout), 0, LONGEST_TIMEOUT,
     "a peer must ask something within this; 0 for whenever it likes [0]"},
    {"log", "FILE", SETTING_TEXT, AT(log), 0, 0,
     "log there instead of to standard error; SIGHUP reopens it"},
    {"daemonize", NULL, SETTING_FLAG, AT(daemonize), 0, 0,
     "go to the background once it serves; logs to syslog unless --log is given"},
    {"pidfile", "FILE", SETTING_TEXT, AT(pidfile), 0, 0, "write the process id there"},
    {"repair", "DIR", SETTING_TEXT, AT(repair), 0, 0,
     "serve nobody; make a damaged LevelDB one that opens again"},
    {"destroy", "DIR", SETTING_TEXT, AT(destroy), 0, 0,
     "serve nobody; tell what removing this LevelDB would remove"},
    {"yes", NULL, SETTING_FLAG, AT(yes), 0, 0, "with --destroy: remove it"},
    {"help", NULL, SETTING_FLAG, AT(help), 0, 0, "print this and exit"},
    {"version", NULL, SETTING_FLAG, AT(version), 0, 0, "print the version and exit"},
};

const struct setting_group setting_groups[] = {
    {"data", "What is served, and where"}, {"sync", "Safety"},
    {"write-buffer", "LevelDB"},           {"max-snapshots", "Views, changes and deletions"},
    {"max-connections", "Who is served"},  {"max-line", "Sizes and numbers"},
    {"request-timeout", "Times"},          {"log", "The process"},
    {"repair", "Instead of serving"},      {"help", "Help"},
};

const size_t setting_group_count = sizeof(setting_groups) / sizeof(setting_groups[0]);

const size_t setting_count = sizeof(setting_table) / sizeof(setting_table[0]);

_Static_assert(sizeof(setting_table) / sizeof(setting_table[0]) <= SETTING_MOST, "room for all");

/* Values ------------------------------------------------------------------- */

static bool fail(struct config_error *error, const struct setting *setting, const char *problem)
{
    snprintf(error->text, sizeof(error->text), "--%s %s", setting->name, problem);
    return false;
}

/* Reads a number, with K, M or G behind it for a size. */
static bool parse_number(struct slice text, bool size, uint64_t *number)
{
    static const char units[] = "kmg";
    unsigned shift = 0;
    if (size && text.len > 1) {
        const char *unit = strchr(units, text.data[text.len - 1] | 0x20);
        if (unit != NULL && *unit != '\0') {
            shift = 10 * (unsigned)(unit - units + 1);
            text.len--;
        }
    }
    if (!number_read(text, UINT64_MAX >> shift, number))
        return false;
    *number <<= shift;
    return true;
}

static bool set_number(struct config *config, const struct setting *setting, const char *text,
                       struct config_error *error)
{
    uint64_t *number = (uint64_t *)((char *)config + setting->offset);
    char problem[128];
    if (parse_number(slice_from_string(text), setting->kind == SETTING_SIZE, number) &&
        *number >= setting->least && *number <= setting->most)
        return true;
    snprintf(problem, sizeof(problem), "takes a whole number from %llu to %llu%s",
             (unsigned long long)setting->least, (unsigned long long)setting->most,
             setting->kind == SETTING_SIZE ? ", or one with K, M or G" : "");
    return fail(error, setting, problem);
}

static bool set_choice(struct config *config, const struct setting *setting, const char *text,
                       struct config_error *error)
{
    bool *choice = (bool *)((char *)config + setting->offset);
    const char *bar = strchr(setting->argument, '|');
    struct slice yes = slice_of(setting->argument, (size_t)(bar - setting->argument));
    char problem[64];
    *choice = slice_equal(slice_from_string(text), yes);
    if (*choice || strcmp(text, bar + 1) == 0)
        return true;
    snprintf(problem, sizeof(problem), "takes %.*s or %s", (int)yes.len, yes.data, bar + 1);
    return fail(error, setting, problem);
}

static bool set_sync(struct config *config, const struct setting *setting, const char *text,
                     struct config_error *error)
{
    uint64_t *sync = (uint64_t *)((char *)config + setting->offset);
    bool always = strcmp(text, "always") == 0;
    *sync = always ? STORE_SYNC_ALWAYS : STORE_SYNC_NEVER;
    return always || strcmp(text, "never") == 0 ||
           (number_read(slice_from_string(text), setting->most, sync) && *sync >= setting->least) ||
           fail(error, setting, "takes always or never, or seconds from 1 to 3600");
}

const char *setting_sync_text(uint64_t sync, char digits[SETTING_SYNC_TEXT])
{
    if (sync == STORE_SYNC_ALWAYS || sync == STORE_SYNC_NEVER)
        return sync == STORE_SYNC_ALWAYS ? "always" : "never";
    snprintf(digits, SETTING_SYNC_TEXT, "%llu", (unsigned long long)sync);
    return digits;
}

static bool add(struct config_list *list, const struct setting *setting, const char *text,
                struct config_error *error)
{
    if (list->count == CONFIG_LIST_MAX)
        return fail(error, setting, "is given too often");
    list->items[list->count++] = text;
    return true;
}

bool setting_set(struct config *config, const struct setting *setting, const char *text,
                 struct config_error *error)
{
    void *field = (char *)config + setting->offset;
    switch (setting->kind) {
    case SETTING_FLAG:
        *(bool *)field = true;
        return true;
    case SETTING_TEXT:
        *(const char **)field = text;
        return text[0] != '\0' || fail(error, setting, "cannot be empty");
    case SETTING_LIST:
        return add(field, setting, text, error);
    case SETTING_SYNC:
        return set_sync(config, setting, text, error);
    case SETTING_CHOICE:
        return set_choice(config, setting, text, error);
    case SETTING_NUMBER:
    case SETTING_SIZE:
        return set_number(config, setting, text, error);
    }
    return false;
}
