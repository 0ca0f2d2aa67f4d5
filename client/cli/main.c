/* The command line client: what is to be done, and the exit status. */
#include <fcntl.h>
#include <stdio.h>
#include <strings.h>
#include <unistd.h>

#include "client/cli/bench.h"
#include "client/cli/complain.h"
#include "client/cli/exchange.h"
#include "client/cli/export.h"
#include "client/cli/help.h"
#include "client/cli/import.h"
#include "client/cli/options.h"
#include "client/cli/passwd.h"
#include "client/cli/pipe.h"
#include "client/cli/repl.h"

#define CONNECT_MS 10000

struct session {
    const struct options *options;
    struct leveret *db;
    struct output *out;
};

static unsigned connect_ms(const struct options *options)
{
    return options->timeout_ms > 0 ? options->timeout_ms : CONNECT_MS;
}

static enum exit_status wrong_usage(const char *usage)
{
    complain("usage: leveret %s", usage);
    return EXIT_USAGE;
}

static struct print print_for(const struct session *session, enum print_scene scene)
{
    return (struct print){session->out, session->options->format, scene,
                          isatty(STDERR_FILENO) == 1};
}

static enum exit_status run_server_command(const struct session *session)
{
    struct print print = print_for(session, PRINT_LONE);
    return exchange_words(session->db, &print, session->options->words, session->options->count);
}

static enum exit_status run_import(const struct session *session)
{
    const struct options *options = session->options;
    if (options->count > 2)
        return wrong_usage("import [FILE]");
    return import_run(session->db, options->count == 2 ? options->words[1] : NULL);
}

static enum exit_status run_export(const struct session *session)
{
    const struct options *options = session->options;
    if (options->count != 2)
        return wrong_usage("export PREFIX (the prefix '' is everything)");
    return export_run(session->db, session->out, options->words[1]);
}

static enum exit_status close_help(void)
{
    if (fflush(stdout) == 0 && ferror(stdout) == 0)
        return EXIT_FINE;
    complain("standard output cannot be written");
    return EXIT_REFUSED;
}

/* A command that is not known here may be known to the server. */
static enum exit_status run_help(const struct session *session)
{
    const struct options *options = session->options;
    if (options->count > 2)
        return wrong_usage("help [COMMAND]");
    if (options->count == 1)
        help_commands(stdout);
    else if (!help_command(stdout, options->words[1]))
        return run_server_command(session);
    return close_help();
}

/* Makes connections of its own. */
static enum exit_status run_bench(const struct session *session)
{
    return bench_run(session->options, session->out, connect_ms(session->options));
}

/* Needs no server. */
static enum exit_status run_passwd(const struct session *session)
{
    return passwd_run(session->options, session->out);
}

static enum exit_status run_lines(const struct session *session)
{
    bool person = isatty(STDIN_FILENO) == 1;
    struct print print = print_for(session, person ? PRINT_PROMPT : PRINT_SERIES);
    return person ? repl_run(session->db, &print) : pipe_run(session->db, &print, STDIN_FILENO);
}

/* Inside the prefix of --use, if there is one. */
static enum exit_status run_inside(const struct session *session,
                                   enum exit_status (*run)(const struct session *session))
{
    const char *prefix = session->options->prefix;
    enum leveret_status status =
        prefix == NULL ? LEVERET_OK : leveret_use(session->db, leveret_text(prefix));
    return status == LEVERET_OK ? run(session) : exchange_failed(session->db, status);
}

static enum exit_status run(const struct session *session)
{
    static const struct {
        const char *name;
        enum exit_status (*run)(const struct session *session);
        bool inside; /* the prefix of --use */
    } commands[] = {{"help", run_help, false},
                    {"bench", run_bench, false},
                    {"passwd", run_passwd, false},
                    {"import", run_import, true},
                    {"export", run_export, true}};
    const struct options *options = session->options;
    if (options->count == 0)
        return run_inside(session, run_lines);
    for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
        if (strcasecmp(options->words[0], commands[i].name) == 0)
            return commands[i].inside ? run_inside(session, commands[i].run)
                                      : commands[i].run(session);
    return run_inside(session, run_server_command);
}

static enum exit_status open_and_run(const struct options *options)
{
    struct output out;
    struct leveret *db = leveret_new(options->address);
    if (db == NULL) {
        complain("no memory");
        return EXIT_REFUSED;
    }
    leveret_set_timeouts(db, connect_ms(options), options->timeout_ms);
    output_init(&out, STDOUT_FILENO);
    struct session session = {options, db, &out};
    enum exit_status outcome = run(&session);
    output_fini(&out);
    leveret_free(db);
    return outcome;
}

/* A standard descriptor that came closed would be given to the socket, and output would then be
 * sent to the server. What is put in its place can be neither read nor written with success. */
static bool hold_standard_descriptors(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) < 0 && open("/", O_PATH) != fd)
            return false;
    return true;
}

int main(int argc, char **argv)
{
    if (!hold_standard_descriptors())
        return EXIT_REFUSED;
    struct options options;
    enum exit_status outcome = EXIT_USAGE;
    switch (options_read(&options, argc, argv)) {
    case OPTIONS_RUN:
        outcome = open_and_run(&options);
        break;
    case OPTIONS_HELP:
        help_usage(stdout);
        outcome = close_help();
        break;
    case OPTIONS_VERSION:
        printf("leveret %s\n", LEVERET_VERSION);
        outcome = close_help();
        break;
    case OPTIONS_WRONG:
        break;
    }
    options_fini(&options);
    return (int)outcome;
}
