#include "client/cli/options.h"

#include <stdio.h>
#include <stdlib.h>

#include "client/cli/complain.h"
#include "protocol/number.h"

/* A day; the largest that fits in milliseconds would be 49 of them. */
#define LONGEST_TIMEOUT 86400

enum {
    OPTION_RAW = OPTION_LONG,
    OPTION_JSON,
    OPTION_TIMEOUT,
    OPTION_USE,
};

const struct option_row options_rows[] = {
    {"connect", 'c', "HOST[:PORT]", "the server; an IPv6 address stands between [ and ]"},
    {"unix", 'u', "PATH", "the server's Unix socket"},
    {"timeout", OPTION_TIMEOUT, "SECONDS",
     "give up when nothing moves for so long (default: 10 to connect, and no limit for a reply)"},
    {"use", OPTION_USE, "PREFIX", "work inside a prefix: it stands in front of every key"},
    {"raw", OPTION_RAW, NULL, "bytes as they are, without escapes"},
    {"json", OPTION_JSON, NULL, "one object a line"},
    {"help", 'h', NULL, "say how it is called, and exit"},
    {"version", 'V', NULL, "print the version, and exit"},
    {NULL, 0, NULL, NULL},
};

void options_fini(struct options *options)
{
    free(options->address);
}

static bool wrong(const char *sentence)
{
    complain("%s; see leveret --help", sentence);
    return false;
}

static bool set_address(struct options *options, const char *scheme, const char *text)
{
    char *address = NULL;
    if (options->address != NULL)
        return wrong("one server at a time: --connect or --unix, once");
    if (asprintf(&address, "%s%s", scheme, text) < 0)
        return wrong("no memory");
    options->address = address;
    return true;
}

static bool set_format(struct options *options, enum print_format format)
{
    if (options->format != PRINT_TEXT && options->format != format)
        return wrong("--raw and --json exclude each other");
    options->format = format;
    return true;
}

static bool set_timeout(struct options *options, const char *text)
{
    uint64_t seconds = 0;
    if (!number_read(slice_from_string(text), LONGEST_TIMEOUT, &seconds) || seconds == 0)
        return wrong("--timeout takes whole seconds from 1 to 86400");
    options->timeout_ms = (unsigned)seconds * 1000;
    return true;
}

/* One option that is no request for help. */
static bool apply(struct options *options, int option)
{
    switch (option) {
    case 'c':
        return set_address(options, "", optarg);
    case 'u':
        return set_address(options, "unix:", optarg);
    case OPTION_RAW:
        return set_format(options, PRINT_RAW);
    case OPTION_JSON:
        return set_format(options, PRINT_JSON);
    case OPTION_TIMEOUT:
        return set_timeout(options, optarg);
    case OPTION_USE:
        options->prefix = optarg;
        return true;
    default:
        return false; /* getopt has complained */
    }
}

enum options_action options_read(struct options *options, int argc, char **argv)
{
    int option;
    struct option long_options[OPTION_MOST + 1];
    option_fill(long_options, options_rows);
    *options = (struct options){0};
    /* "+": what stands behind the command belongs to it, whatever it looks like. */
    while ((option = getopt_long(argc, argv, "+c:u:hV", long_options, NULL)) != -1) {
        if (option == 'h')
            return OPTIONS_HELP;
        if (option == 'V')
            return OPTIONS_VERSION;
        if (!apply(options, option))
            return OPTIONS_WRONG;
    }
    const char *fallback = getenv("LEVERET_CONNECT");
    if (options->address == NULL && fallback != NULL && fallback[0] != '\0' &&
        !set_address(options, "", fallback))
        return OPTIONS_WRONG;
    options->words = argv + optind;
    options->count = (size_t)(argc - optind);
    return OPTIONS_RUN;
}
