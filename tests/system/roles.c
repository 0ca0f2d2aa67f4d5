/*
 * Roles: which commands take which, of each list, on both faces.
 */
#include <criterion/criterion.h>
#include <stdio.h>

#include "protocol/command.h"
#include "protocol/redis.h"
#include "tests/lib/daemon.h"
#include "tests/lib/login.h"
#include "tests/lib/scratch.h"

static struct daemon *server;

static void stop(void)
{
    daemon_free(server);
}

TestSuite(roles, .fini = stop, .timeout = 120);

/* What is not named here takes no more than the role read. */
static const char *const open_to_all[] = {"AUTH", "PING", "HELP", "QUIT", NULL};
static const char *const writing[] = {
    "PUT", "MPUT", "DEL", "DELIFEQ", "INCR", "COMMIT", "DELPREFIX", "SYNC", NULL,
};
static const char *const administering[] = {"CLIENTS",  "COMPACT", "KILL",
                                            "PROPERTY", "SLOWLOG", NULL};

static const char *const redis_open[] = {"HELLO", "AUTH", "QUIT", "RESET", NULL};
static const char *const redis_writing[] = {
    "SET",    "SETNX",  "GETSET",   "GETDEL", "SETRANGE", "APPEND", "MSET",
    "MSETNX", "INCR",   "DECR",     "INCRBY", "DECRBY",   "DEL",    "INCRBYFLOAT",
    "UNLINK", "RENAME", "RENAMENX", "COPY",   "SWAPDB",   NULL,
};
static const char *const redis_administering[] = {
    "FLUSHDB", "FLUSHALL", "CONFIG", "MONITOR", "SLOWLOG", NULL,
};

static bool is_among(const char *name, const char *const *names)
{
    for (; *names != NULL; names++)
        if (strcmp(*names, name) == 0)
            return true;
    return false;
}

/* What the lists above say that the command takes. */
static enum role wanted(const char *name, const char *const *open, const char *const *writes,
                        const char *const *administers)
{
    if (is_among(name, open))
        return ROLE_NOBODY;
    if (is_among(name, administers))
        return ROLE_ADMIN;
    return is_among(name, writes) ? ROLE_WRITES : ROLE_READS;
}

/* A daemon where those who do not log in have that role. */
static void serve(enum role role)
{
    server = daemon_new();
    char *users = scratch_path(daemon_directory(server), "users");
    login_add(users, "somebody", "read", "secret", "");
    daemon_start(server, "--users", users, "--anonymous", role_name(role), NULL);
    free(users);
}

/* Sends the request on a connection of its own. The first line of its reply must begin as one of
 * the user's that may not, if `denied`, and must not else. */
static void expect(const char *name, struct slice request, bool denied, const char *no)
{
    struct wire *wire = daemon_connect(server);
    wire_send(wire, request);
    struct slice line = wire_line(wire);
    bool refused = slice_has_prefix(line, slice_from_string(no));
    cr_assert(refused == denied, "%s gets %.*s", name, (int)line.len, line.data);
    wire_close(wire);
}

static void append_line(struct buffer *request, const struct command *command)
{
    buffer_append_string(request, command->name);
    for (size_t i = 0; i < command->fewest; i++)
        buffer_append_string(request, " 1");
    buffer_append_byte(request, '\n');
}

static void append_array(struct buffer *request, const struct redis_command *command)
{
    char head[64];
    int words = command->arity < 0 ? -command->arity : command->arity;
    snprintf(head, sizeof(head), "*%d\r\n$%zu\r\n%s\r\n", words, command->length, command->name);
    buffer_append_string(request, head);
    for (int i = 1; i < words; i++)
        buffer_append_string(request, "$1\r\n1\r\n");
}

static void expect_lines(enum role role)
{
    for (unsigned i = 0; i < COMMAND_TOTAL; i++) {
        const struct command *command = command_at((enum command_id)i);
        struct buffer request = {0};
        append_line(&request, command);
        expect(command->name, buffer_slice(&request),
               wanted(command->name, open_to_all, writing, administering) > role,
               role == ROLE_NOBODY ? "ERR NOAUTH " : "ERR DENIED ");
        buffer_fini(&request);
    }
}

static void expect_arrays(enum role role)
{
    for (unsigned i = 0; i < REDIS_TOTAL; i++) {
        const struct redis_command *command = redis_at((enum redis_id)i);
        struct buffer request = {0};
        append_array(&request, command);
        expect(command->name, buffer_slice(&request),
               wanted(command->name, redis_open, redis_writing, redis_administering) > role,
               role == ROLE_NOBODY ? "-NOAUTH Authentication" : "-NOPERM ");
        buffer_fini(&request);
    }
}

static void expect_all(enum role role)
{
    serve(role);
    expect_lines(role);
    expect_arrays(role);
}

Test(roles, of_nobody_leave_what_it_takes_to_log_in)
{
    expect_all(ROLE_NOBODY);
}

Test(roles, of_readers_let_nothing_be_changed)
{
    expect_all(ROLE_READS);
}

Test(roles, of_writers_leave_out_what_administrators_do)
{
    expect_all(ROLE_WRITES);
}

Test(roles, of_administrators_leave_out_nothing)
{
    expect_all(ROLE_ADMIN);
}

Test(roles, count_in_pipelines_and_batches)
{
    serve(ROLE_READS);
    struct wire *wire = daemon_connect(server);
    wire_ask(wire, "PUT a 1\nGET a\nPUT b 2\nPING\n",
             "ERR DENIED \"that takes the role write, and who did not log in has the role read\"\n"
             "NOT_FOUND\n"
             "ERR DENIED \"that takes the role write, and who did not log in has the role read\"\n"
             "OK \"PONG\"\n");
    wire_ask(wire, "BEGIN\nPUT a 1\nABORT\n",
             "OK\n"
             "ERR DENIED \"that takes the role write, and who did not log in has the role read\"\n"
             "OK\n");
    wire_close(wire);
}

Test(roles, count_in_transactions_and_subcommands)
{
    serve(ROLE_READS);
    struct wire *wire = daemon_connect(server);
    wire_ask(wire,
             "*1\r\n$5\r\nMULTI\r\n*3\r\n$3\r\nSET\r\n$1\r\na\r\n$1\r\n1\r\n*1\r\n$4\r\nEXEC\r\n",
             "+OK\r\n"
             "-NOPERM User default has no permissions to run the 'set' command\r\n"
             "-EXECABORT Transaction discarded because of previous errors.\r\n");
    wire_ask(wire, "*2\r\n$6\r\nCLIENT\r\n$4\r\nLIST\r\n",
             "-NOPERM User default has no permissions to run the 'client|list' command\r\n");
    wire_ask(wire, "*3\r\n$11\r\nLEVERET.PUT\r\n$1\r\na\r\n$1\r\n1\r\n",
             "-NOPERM User default has no permissions to run the 'put' command\r\n");
    wire_close(wire);
}

Test(roles, without_users_let_everybody_do_everything)
{
    server = daemon_run();
    struct wire *wire = daemon_connect(server);
    wire_ask(wire, "PUT a 1\nCOMPACT\n", "OK\nOK\n");
    wire_close(wire);
}

static struct wire *connect_as(const char *login)
{
    struct wire *wire = daemon_connect(server);
    wire_ask(wire, login, "OK\n");
    return wire;
}

/* The request with the number of a snapshot behind it. */
static void ask_at(struct wire *wire, const char *request, const char *number, const char *reply)
{
    char line[64];
    snprintf(line, sizeof(line), "%s %s\n", request, number);
    wire_ask(wire, line, reply);
}

#define NO_SNAPSHOT "ERR SNAPSHOT \"the snapshot is unknown, released or expired\"\n"

Test(roles, leave_snapshots_to_those_who_took_them_and_to_administrators)
{
    char number[32];
    server = daemon_new();
    char *users = scratch_path(daemon_directory(server), "users");
    login_add(users, "ann", "read", "secret", "");
    login_add(users, "bob", "write", "hidden", "");
    login_add(users, "carl", "admin", "buried", "");
    daemon_start(server, "--users", users, NULL);
    free(users);
    struct wire *ann = connect_as("AUTH ann secret\n");
    struct wire *also_ann = connect_as("AUTH ann secret\n");
    struct wire *bob = connect_as("AUTH bob hidden\n");
    struct wire *carl = connect_as("AUTH carl buried\n");
    wire_say(ann, "SNAPSHOT\n");
    cr_assert_eq(sscanf(wire_line(ann).data, "OK \"%31[0-9]", number), 1);
    wire_ask(bob, "PUT a 1\n", "OK\n");
    ask_at(bob, "RELEASE", number, NO_SNAPSHOT);
    ask_at(bob, "GET a AT", number, NO_SNAPSHOT);
    ask_at(bob, "SCAN '' AT", number, NO_SNAPSHOT);
    ask_at(bob, "MGET a AT", number, NO_SNAPSHOT);
    ask_at(also_ann, "GET a AT", number, "NOT_FOUND\n");
    ask_at(carl, "COUNT '' AT", number, "OK 0\n");
    ask_at(carl, "RELEASE", number, "OK\n");
    ask_at(ann, "GET a AT", number, NO_SNAPSHOT);
    wire_close(ann);
    wire_close(also_ann);
    wire_close(bob);
    wire_close(carl);
}

/* Names of files help nobody who may only read. */
Test(roles, of_readers_and_writers_do_not_tell_where_files_are)
{
    serve(ROLE_WRITES);
    struct wire *wire = daemon_connect(server);
    wire_ask(wire, "INFO config\nINFO Config\n",
             "ERR DENIED \"INFO config takes the role admin\"\n"
             "ERR DENIED \"INFO Config takes the role admin\"\n");
    wire_say(wire, "INFO\n");
    struct slice all = wire_reply(wire);
    cr_assert(memmem(all.data, all.len, "\"version\"", 9) != NULL);
    cr_assert(memmem(all.data, all.len, daemon_directory(server),
                     strlen(daemon_directory(server))) == NULL);
    wire_say(wire, "*2\r\n$4\r\nINFO\r\n$10\r\neverything\r\n*1\r\n$4\r\nQUIT\r\n");
    all = wire_rest(wire);
    cr_assert(memmem(all.data, all.len, "leveret_version:", 16) != NULL);
    cr_assert(memmem(all.data, all.len, daemon_directory(server),
                     strlen(daemon_directory(server))) == NULL);
    wire_close(wire);
}
