#include "config.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config_file.h"
#include "ops/allowed.h"
#include "ops/budget.h"
#include "ops/log.h"
#include "protocol/role.h"
#include "setting.h"

/* One worker for each processor, within reason. */
static uint64_t default_workers(void)
{
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    return processors < 1 ? 1 : processors > 16 ? 16 : (uint64_t)processors;
}

struct store_options config_store(const struct config *config, const char *path)
{
    return (struct store_options){
        .path = path,
        .create_if_missing = config->create_if_missing,
        .error_if_exists = config->error_if_exists,
        .paranoid_checks = config->paranoid_checks,
        .sync_within = config->sync,
        .min_free = config->min_free,
        .write_buffer = config->write_buffer,
        .cache = config->cache,
        .hot_values = config->hot_values,
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

void config_allow(const struct config *config)
{
    bool fits = config->max_output < config->max_buffered;
    allowed.line = config->max_line;
    allowed.value = config->max_value;
    allowed.arguments = config->max_arguments;
    allowed.batch = config->max_batch;
    /* A reply larger than all that may be held would only close its connection. */
    allowed.output = fits ? config->max_output : config->max_buffered;
    allowed.scans = config->max_scans;
    allowed.turn_requests = config->turn_requests;
    allowed.request_ms = (int64_t)config->request_timeout * 1000;
    allowed.stall_ms = (int64_t)config->stall_timeout * 1000;
    allowed.scan_ms = (int64_t)config->scan_timeout * 1000;
    allowed.idle_ms = (int64_t)config->idle_timeout * 1000;
    allowed.slow_us = (int64_t)config->slow * 1000;
    allowed.flush = config->allow_flush;
    budget_allow(config->max_buffered);
    log_set_level((enum log_level)config->log_level);
}

struct admission_options config_admission(const struct config *config, uint32_t connections)
{
    return (struct admission_options){
        .most = connections,
        .most_per_address = (uint32_t)config->max_connections_per_address,
        .local_only = config->protected_mode && config->anonymous != ROLE_NOBODY,
    };
}

static void fill_long_options(struct option *rows)
{
    for (size_t i = 0; i < setting_count; i++) {
        rows[i] = (struct option){
            .name = setting_table[i].name,
            .has_arg = setting_table[i].argument == NULL ? no_argument : required_argument,
            .val = (int)i,
        };
    }
    rows[setting_count] = (struct option){0};
}

static bool refuse(struct config_error *error, const char *problem)
{
    snprintf(error->text, sizeof(error->text), "%s", problem);
    return false;
}

/* Where there are users, strangers are nobody. */
static void settle_anonymous(struct config *config)
{
    size_t row = setting_row(setting_find("anonymous"));
    if (config->users != NULL && config->origins[row] == CONFIG_FROM_DEFAULT)
        config->anonymous = ROLE_NOBODY;
}

bool config_blame(const struct config *config, const char *name, size_t item, const char *problem,
                  struct config_error *error)
{
    const struct setting *setting = setting_find(name);
    const struct config_list *list = setting_field(config, setting);
    unsigned origin =
        setting->kind == SETTING_LIST ? list->origins[item] : config->origins[setting_row(setting)];
    if (origin == CONFIG_FROM_COMMAND_LINE || origin == CONFIG_FROM_DEFAULT)
        snprintf(error->text, sizeof(error->text), "--%s %s", name, problem);
    else
        snprintf(error->text, sizeof(error->text), "%s:%u: %s %s", config->file, origin, name,
                 problem);
    return false;
}

void config_show_origin(const struct config *config, size_t row, char text[CONFIG_ORIGIN_TEXT])
{
    unsigned origin = config->origins[row];
    if (origin == CONFIG_FROM_DEFAULT || origin == CONFIG_FROM_COMMAND_LINE)
        snprintf(text, CONFIG_ORIGIN_TEXT, "%s",
                 origin == CONFIG_FROM_DEFAULT ? "default" : "command line");
    else
        snprintf(text, CONFIG_ORIGIN_TEXT, "%s:%u", config->file, origin);
}

/* What cannot be meant, though each setting by itself is good. */
static bool check_together(const struct config *config, struct config_error *error)
{
    if (config->error_if_exists && !config->create_if_missing)
        return config_blame(config, "error-if-exists", 0,
                            "yes and create-if-missing no leave nothing to serve", error);
    return true;
}

/* The file is about serving: an errand goes past what it says of that. */
static void forget_service(struct config *config)
{
    static const char *const names[] = {"listen", "tls-listen", "unix"};
    if (config->origins[setting_row(setting_find("data"))] != CONFIG_FROM_COMMAND_LINE)
        config->data = NULL;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (config->origins[setting_row(setting_find(names[i]))] != CONFIG_FROM_COMMAND_LINE)
            setting_clear(config, setting_find(names[i]));
}

static bool listens(const struct config *config)
{
    return config->listen.count > 0 || config->tls_listen.count > 0 || config->local.count > 0;
}

static bool check_tls(const struct config *config, struct config_error *error)
{
    if (config->tls_listen.count > 0 && (config->tls_cert == NULL || config->tls_key == NULL))
        return config_blame(config, "tls-listen", 0, "needs tls-cert and tls-key", error);
    if (config->tls_client_required && config->tls_client_ca == NULL)
        return config_blame(config, "tls-client-required", 0, "yes needs tls-client-ca", error);
    return true;
}

static bool check(struct config *config, struct config_error *error)
{
    settle_anonymous(config);
    bool offline = config->repair != NULL || config->destroy != NULL;
    if (config->help || config->version)
        return true;
    if (offline)
        forget_service(config);
    if ((config->data != NULL) + (config->repair != NULL) + (config->destroy != NULL) > 1)
        return refuse(error, "--data, --repair and --destroy exclude each other");
    if (config->data == NULL && !offline)
        return refuse(error, "--data DIR is needed");
    if (!check_together(config, error))
        return false;
    if (config->yes && config->destroy == NULL)
        return refuse(error, "--yes belongs to --destroy");
    if (offline && (listens(config) || config->daemonize))
        return refuse(error, "--listen, --tls-listen, --unix and --daemonize belong to --data");
    if (!check_tls(config, error))
        return false;
    if (config->users == NULL && config->anonymous == ROLE_NOBODY)
        return config_blame(config, "anonymous", 0, "none needs users, or nobody could do anything",
                            error);
    if (!listens(config))
        config->listen.items[config->listen.count++] = setting_find("listen")->fallback;
    return true;
}

/* The command line ---------------------------------------------------------- */

/* Its next option, as a row of the table; -1 behind the last; '?' and ':' are none. */
static int next_option(int argc, char **argv, const struct option *rows)
{
    return getopt_long(argc, argv, ":", rows, NULL);
}

/* Both ways through the command line begin here. */
static void rewind_options(void)
{
    optind = 0;
    opterr = 0;
}

/* What --config says; NULL when it is not given. */
static const char *find_file(int argc, char **argv, const struct option *rows)
{
    const char *file = NULL;
    size_t row = setting_row(setting_find("config"));
    rewind_options();
    for (int found; (found = next_option(argc, argv, rows)) != -1;)
        if ((size_t)found == row)
            file = optarg;
    return file;
}

/* Keeps where the value that was just set comes from. */
static void note_origin(struct config *config, const struct setting *setting, unsigned origin)
{
    struct config_list *list = setting_field(config, setting);
    config->origins[setting_row(setting)] = origin;
    if (setting->kind == SETTING_LIST)
        list->origins[list->count - 1] = origin;
}

static bool take_option(struct config *config, const struct setting *setting,
                        struct config_error *error)
{
    struct config_error problem;
    if (config->origins[setting_row(setting)] != CONFIG_FROM_COMMAND_LINE)
        setting_clear(config, setting); /* a list that the file has */
    if (setting_set(config, setting, optarg, &problem)) {
        note_origin(config, setting, CONFIG_FROM_COMMAND_LINE);
        return true;
    }
    snprintf(error->text, sizeof(error->text), "--%.*s", (int)sizeof(error->text) - 3,
             problem.text);
    return false;
}

static bool read_command_line(struct config *config, int argc, char **argv,
                              const struct option *rows, struct config_error *error)
{
    rewind_options();
    for (int found; (found = next_option(argc, argv, rows)) != -1;) {
        if (found == '?' || found == ':') {
            snprintf(error->text, sizeof(error->text), "%s %s", argv[optind - 1],
                     found == '?' ? "is no option; try --help" : "needs something behind it");
            return false;
        }
        if (!take_option(config, &setting_table[found], error))
            return false;
    }
    if (optind == argc)
        return true;
    snprintf(error->text, sizeof(error->text), "%s is no option; try --help", argv[optind]);
    return false;
}

/* The file ------------------------------------------------------------------- */

/* A copy that lives as long as the configuration; NULL when there is no memory. */
static const char *keep(struct config *config, const char *text)
{
    size_t size = strlen(text) + 1;
    struct config_text *kept = malloc(sizeof(*kept) + size);
    if (kept == NULL)
        return NULL;
    memcpy(kept->text, text, size);
    kept->next = config->texts;
    config->texts = kept;
    return kept->text;
}

static bool take_line(void *arg, unsigned line, const char *name, const char *value,
                      struct config_error *error)
{
    struct config *config = arg;
    const struct setting *setting = setting_find(name);
    if (setting == NULL || (setting->traits & SETTING_NO_FILE) != 0) {
        snprintf(error->text, sizeof(error->text), "%s %s", name,
                 setting == NULL ? "is no setting" : "belongs on the command line");
        return false;
    }
    unsigned origin = config->origins[setting_row(setting)];
    if (origin != CONFIG_FROM_DEFAULT && setting->kind != SETTING_LIST) {
        snprintf(error->text, sizeof(error->text), "%s was set in line %u already", name, origin);
        return false;
    }
    const char *kept = keep(config, value);
    if (kept == NULL)
        return refuse(error, "there is no memory to keep it");
    if (!setting_set(config, setting, kept, error))
        return false;
    note_origin(config, setting, line);
    return true;
}

void config_free(struct config *config)
{
    while (config->texts != NULL) {
        struct config_text *text = config->texts;
        config->texts = text->next;
        free(text);
    }
}

/* Both ----------------------------------------------------------------------- */

bool config_read(struct config *config, int argc, char **argv, struct config_error *error)
{
    struct option rows[CONFIG_MOST + 1];
    fill_long_options(rows);
    setting_set_defaults(config);
    config->argc = argc;
    config->argv = argv;
    config->workers = default_workers();
    config->anonymous = ROLE_ADMIN;
    const char *file = find_file(argc, argv, rows);
    return (file == NULL || config_file_read(file, take_line, config, error)) &&
           read_command_line(config, argc, argv, rows, error) && check(config, error);
}

/* The help ------------------------------------------------------------------- */

/* Columns of the help: where it tells what an option does, and how far it goes. */
#define HELP_INDENT 36
#define HELP_WIDTH 100

/* Breaks the text between words, each line but the first indented. */
static void print_folded(const char *text)
{
    size_t room = HELP_WIDTH - HELP_INDENT;
    while (strlen(text) > room) {
        size_t len = room;
        while (text[len] != ' ')
            len--;
        printf("%.*s\n%*s", (int)len, text, HELP_INDENT, "");
        text += len + 1;
    }
    printf("%s\n", text);
}

static void print_title(const struct setting *setting)
{
    for (size_t i = 0; i < setting_group_count; i++)
        if (strcmp(setting_groups[i].first, setting->name) == 0)
            printf("\n%s:\n", setting_groups[i].title);
}

static void print_setting(const struct setting *setting)
{
    char head[64];
    char text[256];
    print_title(setting);
    snprintf(head, sizeof(head), "--%s %s", setting->name,
             setting->argument == NULL ? "" : setting->argument);
    printf("  %-*s", HELP_INDENT - 2, head);
    if (setting->fallback == NULL)
        snprintf(text, sizeof(text), "%s", setting->help);
    else
        snprintf(text, sizeof(text), "%s [%s]", setting->help, setting->fallback);
    print_folded(text);
}

void config_print_help(void)
{
    printf("usage: leveretd --data DIR [OPTION...]\n"
           "       leveretd --repair DIR [OPTION...]\n"
           "       leveretd --destroy DIR [--yes]\n\n"
           "Serves a LevelDB directory over TCP and Unix sockets, as lines of text.\n"
           "Redis clients are served on the same ports.\n"
           "SIZE is in bytes, or has K, M or G behind it. Defaults stand in [brackets].\n");
    for (size_t i = 0; i < setting_count; i++)
        print_setting(&setting_table[i]);
    printf(
        "\nSignals: TERM and INT stop it, HUP reads the configuration anew and reopens the log.\n"
        "Exit status: 0 clean stop, 1 failure, 2 usage.\n");
}
