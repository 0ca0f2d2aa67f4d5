#include "client/cli/options.h"

#include <stdio.h>
#include <stdlib.h>

#include "client/cli/complain.h"
#include "protocol/limits.h"
#include "protocol/number.h"
#include "protocol/role.h"

/* A day; the largest that fits in milliseconds would be 49 of them. */
#define LONGEST_TIMEOUT 86400

enum {
    OPTION_RAW = OPTION_LONG,
    OPTION_JSON,
    OPTION_TIMEOUT,
    OPTION_USE,
    OPTION_USER,
    OPTION_PASSWORD_FILE,
    OPTION_TLS,
    OPTION_TLS_SETTING, /* and those behind it, in the order of enum leveret_tls */
};

const struct option_row options_rows[] = {
    {"connect", 'c', "HOST[:PORT]", "the server; an IPv6 address stands between [ and ]"},
    {"unix", 'u', "PATH", "the server's Unix socket"},
    {"tls", OPTION_TLS, NULL,
     "speak over TLS, as with tls:HOST[:PORT]; the options below imply it"},
    {"tls-ca", OPTION_TLS_SETTING + LEVERET_TLS_CA, "FILE",
     "trust the authorities in this file (default: those that the system trusts)"},
    {"tls-cert", OPTION_TLS_SETTING + LEVERET_TLS_CERT, "FILE",
     "the certificate to show to a server that wants one"},
    {"tls-key", OPTION_TLS_SETTING + LEVERET_TLS_KEY, "FILE", "its key"},
    {"tls-name", OPTION_TLS_SETTING + LEVERET_TLS_NAME, "NAME",
     "whom the server's certificate must be for (default: the host)"},
    {"timeout", OPTION_TIMEOUT, "SECONDS",
     "give up when nothing moves for so long (default: 10 to connect, and no limit for a reply)"},
    {"use", OPTION_USE, "PREFIX", "work inside a prefix: it stands in front of every key"},
    {"user", OPTION_USER, "NAME",
     "log in as this user; the password comes from LEVERET_PASSWORD or --password-file, or is "
     "asked "
     "for on a terminal, and is never an argument, which every process could see"},
    {"password-file", OPTION_PASSWORD_FILE, "FILE",
     "the password is its first line; only its owner may have rights on it"},
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

static bool set_user(struct options *options, const char *name)
{
    if (!role_accepts_name(slice_from_string(name)))
        return wrong("--user takes up to 64 visible characters of ASCII");
    options->user = name;
    return true;
}

_Static_assert(LIMIT_USER == 64, "the sentence above names it");

/* False for what is none of them, about which getopt has complained. */
static bool set_tls(struct options *options, int setting, const char *value)
{
    if (setting < 0 || setting >= OPTIONS_TLS)
        return false;
    options->tls = true;
    options->tls_settings[setting] = value;
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
    case OPTION_USER:
        return set_user(options, optarg);
    case OPTION_PASSWORD_FILE:
        options->password_file = optarg;
        return true;
    case OPTION_TLS:
        options->tls = true;
        return true;
    default:
        return set_tls(options, option - OPTION_TLS_SETTING, optarg);
    }
}

/* A variable's value; NULL when it is empty too. */
static const char *variable(const char *name)
{
    const char *value = getenv(name);
    return value == NULL || value[0] == '\0' ? NULL : value;
}

/* Makes the address one for TLS, whatever named it. */
static bool add_tls(struct options *options)
{
    char *plain = options->address;
    const char *text = plain == NULL ? LEVERET_DEFAULT_ADDRESS : plain;
    if (strncmp(text, "tls:", strlen("tls:")) == 0)
        return true;
    if (strncmp(text, "unix:", strlen("unix:")) == 0)
        return wrong("TLS is for HOST:PORT and not for a Unix socket");
    options->address = NULL;
    bool made = set_address(options, "tls:", text);
    free(plain);
    return made;
}

/* What the command line did not say. */
static bool apply_environment(struct options *options)
{
    const char *address = variable("LEVERET_CONNECT");
    const char *user = variable("LEVERET_USER");
    if (options->address == NULL && address != NULL && !set_address(options, "", address))
        return false;
    if (options->user == NULL && user != NULL && !set_user(options, user))
        return false;
    if (options->tls && !add_tls(options))
        return false;
    if (options->user == NULL && options->password_file != NULL)
        return wrong("--password-file goes with --user");
    return true;
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
    if (!apply_environment(options))
        return OPTIONS_WRONG;
    options->words = argv + optind;
    options->count = (size_t)(argc - optind);
    return OPTIONS_RUN;
}
