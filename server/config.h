/*
 * The configuration: what the command line, a file and the defaults said, the first before the
 * second before the third. Read at the start and never changed after; a reload makes another.
 * setting.h has the table of what can be said.
 */
#ifndef LEVERET_CONFIG_H
#define LEVERET_CONFIG_H

#include <limits.h>

#include "net/admission.h"
#include "protocol/bytes.h"
#include "store/store.h"

/* There are no more settings than this. */
#define CONFIG_MOST 64

/* Where a setting comes from: a line of the file, or one of these. */
#define CONFIG_FROM_DEFAULT 0
#define CONFIG_FROM_COMMAND_LINE UINT_MAX

/* Addresses or paths of one kind that may be given several times. */
#define CONFIG_LIST_MAX 16

struct config_list {
    const char *items[CONFIG_LIST_MAX];
    unsigned origins[CONFIG_LIST_MAX];
    size_t count;
};

/* What the file said, kept for those who point to it. */
struct config_text {
    struct config_text *next;
    char text[];
};

/* All strings are borrowed from argv, or static, or in `texts`. */
struct config {
    int argc; /* the command line, for whoever reads it anew */
    char **argv;
    struct config_text *texts;
    unsigned origins[CONFIG_MOST]; /* of the settings, in the order of the table */
    const char *file;              /* NULL: none */
    const char *data;              /* exactly one of these three is not NULL */
    const char *repair;            /* a directory to repair instead of serving one */
    const char *destroy;           /* or to destroy */
    bool yes;                      /* to destroy it indeed */
    struct config_list listen;     /* HOST:PORT */
    struct config_list local;      /* paths of Unix sockets */
    struct config_list tls_listen; /* HOST:PORT */
    const char *tls_cert;          /* files; NULL: none */
    const char *tls_key;
    const char *tls_client_ca;
    bool tls_client_required;
    uint64_t workers;      /* threads */
    uint64_t sync;         /* seconds, or one of STORE_SYNC_ALWAYS and STORE_SYNC_NEVER */
    uint64_t min_free;     /* bytes */
    uint64_t write_buffer; /* bytes */
    uint64_t cache;        /* bytes */
    uint64_t hot_values;   /* bytes; 0: none */
    uint64_t bloom_bits;
    uint64_t max_open_files;
    uint64_t block_size; /* bytes */
    uint64_t block_restart_interval;
    uint64_t max_file_size; /* bytes */
    bool compression;
    bool create_if_missing;
    bool error_if_exists;
    bool paranoid_checks;
    uint64_t max_snapshots;
    uint64_t feed_history; /* bytes */
    bool allow_flush;
    uint64_t max_connections;
    uint64_t max_connections_per_address; /* 0: no bound */
    bool protected_mode;
    const char *users;  /* a file; NULL: nobody can log in */
    uint64_t anonymous; /* an enum role: what those may do who did not */
    struct config_list anonymous_prefix;
    uint64_t max_line; /* bytes, of a request */
    uint64_t max_value;
    uint64_t max_arguments;
    uint64_t max_batch;
    uint64_t max_output;
    uint64_t max_buffered;
    uint64_t max_scans;
    uint64_t turn_requests;
    uint64_t request_timeout; /* seconds, likewise below */
    uint64_t stall_timeout;
    uint64_t scan_timeout;
    uint64_t idle_timeout; /* 0: none */
    uint64_t slow;         /* milliseconds; 0: nothing is noted */
    const char *metrics;   /* [HOST:]PORT of the HTTP listener; NULL: none */
    const char *log;       /* NULL: standard error */
    uint64_t log_level;    /* an enum log_level */
    const char *pidfile;   /* NULL: none */
    const char *user;      /* to become; NULL: nobody else */
    bool daemonize;
    bool check; /* say whether the configuration is good, and do nothing */
    bool help;
    bool version;
};

/* Why it is wrong, as a sentence; with the file and the line when it is the file. */
struct config_error {
    char text[512];
};

/* Says in *error what is wrong with a setting, after where it stands: "FILE:12: NAME PROBLEM" or
 * "--NAME PROBLEM". With the number of the item when it is a list, else 0. False. */
bool config_blame(const struct config *config, const char *name, size_t item, const char *problem,
                  struct config_error *error);

/* Where the setting in that row of the table comes from, for people and scripts: `default`,
 * `command line`, or FILE:LINE. */
#define CONFIG_ORIGIN_TEXT 512
void config_show_origin(const struct config *config, size_t row, char text[CONFIG_ORIGIN_TEXT]);

/* Reads the command line over its file over the defaults. False with *error when something is
 * wrong. In either case config_free is due, when nobody points to its texts any more. */
MUST_CHECK bool config_read(struct config *config, int argc, char **argv,
                            struct config_error *error);
void config_free(struct config *config);

/* What it says about the store in that directory. */
struct store_options config_store(const struct config *config, const char *path);

/* What it says about who may connect, when there is room for so many. Peers of other machines are
 * refused in protected mode: there is no authentication to configure. */
struct admission_options config_admission(const struct config *config, uint32_t connections);

/* Allows what it says, from now on; see ops/allowed.h. On the main thread. */
void config_allow(const struct config *config);

/* Prints how the daemon is called to standard output. */
void config_print_help(void);

#endif
