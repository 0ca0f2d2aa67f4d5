/*
 * The command line of `leveret` as options.
 */
#ifndef LEVERET_CLIENT_CLI_OPTIONS_H
#define LEVERET_CLIENT_CLI_OPTIONS_H

#include "client/cli/option.h"
#include "client/cli/print.h"

/* THE list of options. */
extern const struct option_row options_rows[];

#define OPTIONS_TLS (LEVERET_TLS_NAME + 1)

enum options_action {
    OPTIONS_RUN,
    OPTIONS_HELP,
    OPTIONS_VERSION,
    OPTIONS_WRONG, /* has been complained about */
};

struct options {
    char *address; /* owned: as leveret_new takes it; NULL for the default */
    enum print_format format;
    unsigned timeout_ms; /* 0: not given */
    const char *prefix;  /* borrowed from argv: to work inside; NULL: not given */
    const char *user;    /* borrowed, as the next: to log in; NULL: not given */
    const char *password_file;
    bool tls; /* asked for, or implied by one of these, which are borrowed or NULL */
    const char *tls_settings[OPTIONS_TLS]; /* by enum leveret_tls */
    char **words;                          /* borrowed from argv: the command and its arguments */
    size_t count;
};

/* Fills *options from argv and the environment. End with options_fini whatever this returns. */
MUST_CHECK enum options_action options_read(struct options *options, int argc, char **argv);

void options_fini(struct options *options);

#endif
