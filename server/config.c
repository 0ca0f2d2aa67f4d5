#include "config.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "protocol/number.h"

enum kind {
    KIND_TEXT,   /* const char * */
    KIND_LIST,   /* struct config_list */
    KIND_NUMBER, /* uint64_t */
    KIND_SIZE,   /* uint64_t bytes, written with K, M or G */
    KIND_CHOICE, /* bool, written as one of two words: the one for true, a bar, the other */
    KIND_FLAG,   /* bool, without an argument */
};

struct option_row {
    const char *name;
    const char *argument; /* as the help shows it; NULL for none */
    enum kind kind;
    size_t offset; /* in struct config */
    uint64_t least;
    uint64_t most;
    const char *help;
};

#define MIB ((uint64_t)1024 * 1024)
#define AT(field) offsetof(struct config, field)

/* A day: nobody waits longer on purpose. */
#define LONGEST_TIMEOUT 86400

static const struct option_row options[] = {
    {"data", "DIR", KIND_TEXT, AT(data), 0, 0, "the LevelDB directory; made if missing"},
    {"listen", "HOST:PORT", KIND_LIST, AT(listen), 0, 0,
     "serve TCP there; may be repeated; port 0 picks one [127.0.0.1:5383]"},
    {"unix", "PATH", KIND_LIST, AT(local), 0, 0, "serve a Unix socket there; may be repeated"},
    {"workers", "N", KIND_NUMBER, AT(workers), 1, 64, "threads that serve [one a processor]"},
    {"sync", "always|never", KIND_CHOICE, AT(sync), 0, 0,
     "whether a write is on disk before its reply [always]"},
    {"write-buffer", "SIZE", KIND_SIZE, AT(write_buffer), MIB / 16, 1024 * MIB,
     "bytes collected in memory before they become a table [16M]"},
    {"cache", "SIZE", KIND_SIZE, AT(cache), 0, 1024 * 1024 * MIB,
     "bytes of table blocks kept in memory [64M]"},
    {"bloom-bits", "N", KIND_NUMBER, AT(bloom_bits), 0, 64,
     "bits a key in the filters that spare reads; 0 for none [10]"},
    {"max-open-files", "N", KIND_NUMBER, AT(max_open_files), 74, 50000,
     "files LevelDB keeps open [1000]"},
    {"block-size", "SIZE", KIND_SIZE, AT(block_size), 1024, 4 * MIB,
     "bytes of rows read at once from a table [4K]"},
    {"block-restart-interval", "N", KIND_NUMBER, AT(block_restart_interval), 1, 65536,
     "keys of a block of which one is stored whole [16]"},
    {"max-file-size", "SIZE", KIND_SIZE, AT(max_file_size), MIB, 1024 * MIB,
     "bytes at which compaction begins the next table [2M]"},
    {"compression", "snappy|none", KIND_CHOICE, AT(compression), 0, 0, "of tables [snappy]"},
    {"create-if-missing", "yes|no", KIND_CHOICE, AT(create_if_missing), 0, 0,
     "whether to begin a LevelDB where there is none [yes]"},
    {"error-if-exists", "yes|no", KIND_CHOICE, AT(error_if_exists), 0, 0,
     "whether to refuse a LevelDB that is there [no]"},
    {"paranoid-checks", "yes|no", KIND_CHOICE, AT(paranoid_checks), 0, 0,
     "whether to refuse a LevelDB with any damage that opening it meets [no]"},
    {"max-snapshots", "N", KIND_NUMBER, AT(max_snapshots), 0, 10000,
     "snapshots held at a time; each keeps deleted data on disk [64]"},
    {"feed-history", "SIZE", KIND_SIZE, AT(feed_history), 0, 16 * 1024 * MIB,
     "bytes of the latest changes kept for FOLLOW; 0 turns it off [64M]"},
    {"request-timeout", "SECONDS", KIND_NUMBER, AT(request_timeout), 1, LONGEST_TIMEOUT,
     "a request must arrive whole within this [60]"},
    {"stall-timeout", "SECONDS", KIND_NUMBER, AT(stall_timeout), 1, LONGEST_TIMEOUT,
     "a peer must take some of a reply within this [60]"},
    {"scan-timeout", "SECONDS", KIND_NUMBER, AT(scan_timeout), 1, LONGEST_TIMEOUT,
     "a scan must end within this [3600]"},
    {"log", "FILE", KIND_TEXT, AT(log), 0, 0,
     "log there instead of to standard error; SIGHUP reopens it"},
    {"daemonize", NULL, KIND_FLAG, AT(daemonize), 0, 0,
     "go to the background once it serves; logs to syslog unless --log is given"},
    {"pidfile", "FILE", KIND_TEXT, AT(pidfile), 0, 0, "write the process id there"},
    {"repair", "DIR", KIND_TEXT, AT(repair), 0, 0,
     "serve nobody; make a damaged LevelDB one that opens again"},
    {"destroy", "DIR", KIND_TEXT, AT(destroy), 0, 0,
     "serve nobody; tell what removing this LevelDB would remove"},
    {"yes", NULL, KIND_FLAG, AT(yes), 0, 0, "with --destroy: remove it"},
    {"help", NULL, KIND_FLAG, AT(help), 0, 0, "print this and exit"},
    {"version", NULL, KIND_FLAG, AT(version), 0, 0, "print the version and exit"},
};

#define OPTION_COUNT (sizeof(options) / sizeof(options[0]))

/* One worker for each processor, within reason. */
static uint64_t default_workers(void)
{
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    return processors < 1 ? 1 : processors > 16 ? 16 : (uint64_t)processors;
}

static void set_defaults(struct config *config)
{
    *config = (struct config){
        .workers = default_workers(),
        .sync = true,
        .write_buffer = 16 * MIB,
        .cache = 64 * MIB,
        .bloom_bits = 10,
        .max_open_files = 1000, /* LevelDB's own defaults, from here on */
        .block_size = 4096,
        .block_restart_interval = 16,
        .max_file_size = 2 * MIB,
        .compression = true,
        .create_if_missing = true,
        .max_snapshots = 64,
        .feed_history = 64 * MIB,
        .request_timeout = 60,
        .stall_timeout = 60,
        .scan_timeout = 3600,
    };
}

/* Values ------------------------------------------------------------------- */

static bool fail(struct config_error *error, const struct option_row *option, const char *problem)
{
    snprintf(error->text, sizeof(error->text), "--%s %s", option->name, problem);
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

static bool set_number(struct config *config, const struct option_row *option, const char *text,
                       struct config_error *error)
{
    uint64_t *number = (uint64_t *)((char *)config + option->offset);
    char problem[128];
    if (parse_number(slice_from_string(text), option->kind == KIND_SIZE, number) &&
        *number >= option->least && *number <= option->most)
        return true;
    snprintf(problem, sizeof(problem), "takes a whole number from %llu to %llu%s",
             (unsigned long long)option->least, (unsigned long long)option->most,
             option->kind == KIND_SIZE ? ", or one with K, M or G" : "");
    return fail(error, option, problem);
}

static bool set_choice(struct config *config, const struct option_row *option, const char *text,
                       struct config_error *error)
{
    bool *choice = (bool *)((char *)config + option->offset);
    const char *bar = strchr(option->argument, '|');
    struct slice yes = slice_of(option->argument, (size_t)(bar - option->argument));
    char problem[64];
    *choice = slice_equal(slice_from_string(text), yes);
    if (*choice || strcmp(text, bar + 1) == 0)
        return true;
    snprintf(problem, sizeof(problem), "takes %.*s or %s", (int)yes.len, yes.data, bar + 1);
    return fail(error, option, problem);
}

static bool add(struct config_list *list, const struct option_row *option, const char *text,
                struct config_error *error)
{
    if (list->count == CONFIG_LIST_MAX)
        return fail(error, option, "is given too often");
    list->items[list->count++] = text;
    return true;
}

static bool set(struct config *config, const struct option_row *option, const char *text,
                struct config_error *error)
{
    void *field = (char *)config + option->offset;
    switch (option->kind) {
    case KIND_FLAG:
        *(bool *)field = true;
        return true;
    case KIND_TEXT:
        *(const char **)field = text;
        return text[0] != '\0' || fail(error, option, "cannot be empty");
    case KIND_LIST:
        return add(field, option, text, error);
    case KIND_CHOICE:
        return set_choice(config, option, text, error);
    case KIND_NUMBER:
    case KIND_SIZE:
        return set_number(config, option, text, error);
    }
    return false;
}

struct store_options config_store(const struct config *config, const char *path)
{
    return (struct store_options){
        .path = path,
        .create_if_missing = config->create_if_missing,
        .error_if_exists = config->error_if_exists,
        .paranoid_checks = config->paranoid_checks,
        .sync = config->sync,
        .write_buffer = config->write_buffer,
        .cache = config->cache,
        .bloom_bits = (int)config->bloom_bits,
        .max_open_files = (int)config->max_open_files,
        .block_size = config->block_size,
        .block_restart_interval = (int)config->block_restart_interval,
        .max_file_size = config->max_file_size,
        .compression = config->compression,
        .max_snapshots = config->max_snapshots,
        .feed_history = config->feed_history,
    };
}

/* The command line --------------------------------------------------------- */

static void fill_long_options(struct option *rows)
{
    for (size_t i = 0; i < OPTION_COUNT; i++) {
        rows[i] = (struct option){
            .name = options[i].name,
            .has_arg = options[i].argument == NULL ? no_argument : required_argument,
            .val = (int)i,
        };
    }
    rows[OPTION_COUNT] = (struct option){0};
}

static bool refuse(struct config_error *error, const char *problem)
{
    snprintf(error->text, sizeof(error->text), "%s", problem);
    return false;
}

static bool check(struct config *config, struct config_error *error)
{
    bool offline = config->repair != NULL || config->destroy != NULL;
    if (config->help || config->version)
        return true;
    if ((config->data != NULL) + (config->repair != NULL) + (config->destroy != NULL) > 1)
        return refuse(error, "--data, --repair and --destroy exclude each other");
    if (config->data == NULL && !offline)
        return refuse(error, "--data DIR is needed");
    if (config->yes && config->destroy == NULL)
        return refuse(error, "--yes belongs to --destroy");
    if (offline && (config->listen.count > 0 || config->local.count > 0 || config->daemonize))
        return refuse(error, "--listen, --unix and --daemonize belong to --data");
    if (config->listen.count == 0 && config->local.count == 0)
        config->listen.items[config->listen.count++] = "127.0.0.1:5383";
    return true;
}

bool config_read(struct config *config, int argc, char **argv, struct config_error *error)
{
    struct option rows[OPTION_COUNT + 1];
    fill_long_options(rows);
    set_defaults(config);
    opterr = 0;
    for (int found; (found = getopt_long(argc, argv, ":", rows, NULL)) != -1;) {
        if (found == '?' || found == ':') {
            snprintf(error->text, sizeof(error->text), "%s %s", argv[optind - 1],
                     found == '?' ? "is no option" : "needs something behind it");
            return false;
        }
        if (!set(config, &options[found], optarg, error))
            return false;
    }
    if (optind < argc) {
        snprintf(error->text, sizeof(error->text), "%s is no option", argv[optind]);
        return false;
    }
    return check(config, error);
}

void config_print_help(void)
{
    printf("usage: leveretd --data DIR [OPTION...]\n"
           "       leveretd --repair DIR [OPTION...]\n"
           "       leveretd --destroy DIR [--yes]\n\n"
           "Serves a LevelDB directory over TCP and Unix sockets, as lines of text.\n\n");
    for (size_t i = 0; i < OPTION_COUNT; i++) {
        char head[64];
        snprintf(head, sizeof(head), "--%s %s", options[i].name,
                 options[i].argument == NULL ? "" : options[i].argument);
        printf("  %-28s %s\n", head, options[i].help);
    }
    printf("\nSignals: TERM and INT stop it, HUP reopens the log.\n"
           "Exit status: 0 clean stop, 1 failure, 2 usage.\n");
}
