#include "config.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

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

/* A reply larger than all that may be held would only close its connection. */
struct limits config_limits(const struct config *config)
{
    return (struct limits){
        .line = config->max_line,
        .value = config->max_value,
        .arguments = config->max_arguments,
        .batch = config->max_batch,
        .output =
            config->max_output < config->max_buffered ? config->max_output : config->max_buffered,
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
        config->listen.items[config->listen.count++] = setting_find("listen")->fallback;
    return true;
}

bool config_read(struct config *config, int argc, char **argv, struct config_error *error)
{
    struct option rows[SETTING_MOST + 1];
    fill_long_options(rows);
    setting_set_defaults(config);
    config->workers = default_workers();
    opterr = 0;
    for (int found; (found = getopt_long(argc, argv, ":", rows, NULL)) != -1;) {
        if (found == '?' || found == ':') {
            snprintf(error->text, sizeof(error->text), "%s %s", argv[optind - 1],
                     found == '?' ? "is no option" : "needs something behind it");
            return false;
        }
        if (!setting_set(config, &setting_table[found], optarg, error))
            return false;
    }
    if (optind < argc) {
        snprintf(error->text, sizeof(error->text), "%s is no option", argv[optind]);
        return false;
    }
    return check(config, error);
}

/* Columns of the help: where it tells what an option does, and how far it goes. */
#define HELP_INDENT 34
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
    printf("\nSignals: TERM and INT stop it, HUP reopens the log.\n"
           "Exit status: 0 clean stop, 1 failure, 2 usage.\n");
}
