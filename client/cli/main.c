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
#include "client/cli/login.h"
#include "client/cli/options.h"
#include "client/cli/passwd.h"
#include "client/cli/pipe.h"
#include "client/cli/repl.h"
#include "client/cli/target.h"

#define CONNECT_MS 10000

struct session {
    const struct options *options;
    struct target target;
    struct secret password; /* what target.password points to */
    struct leveret *db;     /* NULL for commands that make connections of their own, or none */
    struct output *out;
};

typedef enum exit_status runner(struct session *session);

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

static enum exit_status run_server_command(struct session *session)
{
    struct print print = print_for(session, PRINT_LONE);
    return exchange_words(session->db, &print, session->options->words, session->options->count);
}

static enum exit_status run_import(struct session *session)
{
    const struct options *options = session->options;
    if (options->count > 2)
        return wrong_usage("import [FILE]");
    return import_run(session->db, options->count == 2 ? options->words[1] : NULL);
}

static enum exit_status run_export(struct session *session)
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

static enum exit_status run_lines(struct session *session)
{
    bool person = isatty(STDIN_FILENO) == 1;
    struct print print = print_for(session, person ? PRINT_PROMPT : PRINT_SERIES);
    return person ? repl_run(session->db, &print) : pipe_run(session->db, &print, STDIN_FILENO);
}

/* Who to be for the server. */
static bool log_in(struct session *session)
{
    const struct options *options = session->options;
    if (options->user == NULL)
        return true;
    if (!login_find(&session->password, options->user, options->password_file))
        return false;
    session->target.user = options->user;
    session->target.password = session->password.text;
    return true;
}

/* With an object for the server, inside the prefix of --use if there is one. */
static enum exit_status run_inside(struct session *session, runner *run)
{
    const char *prefix = session->options->prefix;
    if (!log_in(session))
        return EXIT_REFUSED;
    session->db = target_open(&session->target);
    if (session->db == NULL) {
        complain("no memory");
        return EXIT_REFUSED;
    }
    enum leveret_status status =
        prefix == NULL ? LEVERET_OK : leveret_use(session->db, leveret_text(prefix));
    return status == LEVERET_OK ? run(session) : exchange_failed(session->db, status);
}

/* A command that is not known here may be known to the server. */
static enum exit_status run_help(struct session *session)
{
    const struct options *options = session->options;
    if (options->count > 2)
        return wrong_usage("help [COMMAND]");
    if (options->count == 1)
        help_commands(stdout);
    else if (!help_command(stdout, options->words[1]))
        return run_inside(session, run_server_command);
    return close_help();
}

/* Makes connections of its own. */
static enum exit_status run_bench(struct session *session)
{
    if (!log_in(session))
        return EXIT_REFUSED;
    return bench_run(session->options, &session->target, session->out);
}

/* Needs no server. */
static enum exit_status run_passwd(struct session *session)
{
    return passwd_run(session->options, session->out);
}

static enum exit_status run(struct session *session)
{
    static const struct {
        const char *name;
        runner *run;
        bool inside; /* see run_inside */
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
    struct session session = {
        .options = options,
        .target = {.address = options->address,
                   .connect_ms = options->timeout_ms > 0 ? options->timeout_ms : CONNECT_MS,
                   .quiet_ms = options->timeout_ms,
                   .tls_settings = options->tls_settings},
        .out = &out,
    };
    output_init(&out, STDOUT_FILENO);
    enum exit_status outcome = run(&session);
    output_fini(&out);
    leveret_free(session.db);
    secret_wipe(&session.password);
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
