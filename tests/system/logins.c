/*
 * Logging in, on both faces: who gets in, who does not and how late, what those may who have not,
 * and what a password leaves behind.
 */
#include <criterion/criterion.h>
#include <sodium.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

#include "tests/lib/daemon.h"
#include "tests/lib/login.h"
#include "tests/lib/report.h"
#include "tests/lib/scratch.h"
#include "tests/lib/shell.h"
#include "tests/system/array.h"

static struct daemon *server;
static char *users;

static void prepare(void)
{
    server = daemon_new();
    users = scratch_path(daemon_directory(server), "users");
    login_add(users, "ann", "write", "secret", "");
    login_add(users, "bob", "read", "hidden", "");
    login_add(users, "default", "read", "usual", "");
}

static void stop(void)
{
    free(users);
    daemon_free(server);
}

TestSuite(logins, .init = prepare, .fini = stop, .timeout = 120);

#define WRONG "ERR WRONGPASS \"no user has that name and that password\"\n"
#define REDIS_WRONG "-WRONGPASS invalid username-password pair or user is disabled.\r\n"

static struct wire *begin(void)
{
    daemon_start(server, "--users", users, NULL);
    return daemon_connect(server);
}

Test(logins, give_a_connection_what_its_user_may)
{
    struct wire *wire = begin();
    wire_ask(wire, "GET a\nAUTH ann secret\nPUT a 1\nGET a\n",
             "ERR NOAUTH \"log in first: AUTH user password\"\nOK\nOK\nOK \"1\"\n");
    wire_ask(wire, "AUTH bob hidden\nGET a\nPUT a 2\n",
             "OK\nOK \"1\"\n"
             "ERR DENIED \"that takes the role write, and bob has the role read\"\n");
    wire_close(wire);
}

Test(logins, that_are_wrong_are_all_answered_alike_and_change_nothing)
{
    struct wire *wire = begin();
    wire_ask(wire, "AUTH ann secret\n", "OK\n");
    wire_ask(wire, "AUTH ann Secret\n", WRONG);
    wire_ask(wire, "AUTH nobody secret\n", WRONG);
    wire_ask(wire, "AUTH bob \"\"\nPUT a 1\n", WRONG "OK\n");
    wire_close(wire);
}

Test(logins, that_fail_again_and_again_end_the_connection)
{
    struct wire *wire = begin();
    wire_say(wire, "AUTH a b\nAUTH a b\nAUTH a b\nAUTH a b\nAUTH a b\nAUTH ann secret\n");
    wire_expect(wire, WRONG WRONG WRONG WRONG WRONG);
    wire_expect_close(wire);
    wire_close(wire);
}

Test(logins, of_redis_clients_are_in_redis_words)
{
    struct wire *wire = begin();
    wire_ask(wire, "*1\r\n$4\r\nPING\r\n", "-NOAUTH Authentication required.\r\n");
    wire_ask(wire, "*3\r\n$4\r\nAUTH\r\n$3\r\nann\r\n$6\r\nhidden\r\n", REDIS_WRONG);
    wire_ask(wire, "*3\r\n$4\r\nAUTH\r\n$3\r\nann\r\n$6\r\nsecret\r\n", "+OK\r\n");
    wire_ask(wire, "*3\r\n$3\r\nSET\r\n$1\r\na\r\n$1\r\n1\r\n", "+OK\r\n");
    wire_ask(wire, "*2\r\n$4\r\nAUTH\r\n$5\r\nusual\r\n", "+OK\r\n");
    wire_ask(wire, "*3\r\n$3\r\nSET\r\n$1\r\na\r\n$1\r\n1\r\n",
             "-NOPERM User default has no permissions to run the 'set' command\r\n");
    wire_ask(wire, "*1\r\n$5\r\nRESET\r\n", "+RESET\r\n");
    wire_ask(wire, "*2\r\n$3\r\nGET\r\n$1\r\na\r\n", "-NOAUTH Authentication required.\r\n");
    wire_close(wire);
}

Test(logins, may_come_in_hello)
{
    struct wire *wire = begin();
    wire_say(wire, "*2\r\n$5\r\nHELLO\r\n$1\r\n3\r\n");
    cr_assert(slice_has_prefix(wire_line(wire), SLICE("-NOAUTH HELLO must be called")));
    wire_say(wire, "*7\r\n$5\r\nHELLO\r\n$1\r\n3\r\n$4\r\nAUTH\r\n$3\r\nann\r\n$6\r\nsecret\r\n"
                   "$7\r\nSETNAME\r\n$3\r\nfoo\r\n");
    wire_expect(wire, "%7\r\n");
    while (!slice_equal(wire_line(wire), SLICE("$7\r\n")) ||
           !slice_equal(wire_line(wire), SLICE("modules\r\n")))
        continue;
    wire_expect(wire, "*0\r\n");
    wire_ask(wire, "*2\r\n$6\r\nCLIENT\r\n$7\r\nGETNAME\r\n", "$3\r\nfoo\r\n");
    wire_ask(wire, "*5\r\n$5\r\nHELLO\r\n$1\r\n2\r\n$4\r\nAUTH\r\n$3\r\nann\r\n$1\r\nx\r\n",
             REDIS_WRONG);
    wire_ask(wire, "*1\r\n$4\r\nPING\r\n", "+PONG\r\n");
    wire_close(wire);
}

Test(logins, are_not_for_batches_and_transactions)
{
    struct wire *wire = begin();
    wire_ask(wire, "AUTH ann secret\nBEGIN\nAUTH bob hidden\nABORT\n",
             "OK\nOK\nERR BATCH \"AUTH cannot be in a batch\"\nOK\n");
    wire_ask(wire, "*1\r\n$5\r\nMULTI\r\n*3\r\n$4\r\nAUTH\r\n$3\r\nann\r\n$6\r\nsecret\r\n",
             "+OK\r\n-ERR AUTH cannot stand in a transaction here\r\n");
    wire_close(wire);
}

/* On a connection that several use one after the other, whose requests are of both faces. */
Test(logins, leave_nothing_to_commit_that_another_began)
{
    struct wire *wire = begin();
    wire_ask(wire, "AUTH ann secret\nBEGIN\nPUT a 1\n", "OK\nOK\nOK\n");
    array_ask(wire, "AUTH usual", "+OK\r\n");
    array_ask(wire, "AUTH ann secret", "+OK\r\n");
    wire_ask(wire, "COMMIT\n",
             "ERR BATCH \"a request in the batch failed; nothing was changed\"\n");
    array_ask(wire, "MULTI", "+OK\r\n");
    array_ask(wire, "SET a 1", "+QUEUED\r\n");
    wire_ask(wire, "AUTH bob hidden\n", "OK\n");
    array_ask(wire, "EXEC", "-EXECABORT Transaction discarded because of previous errors.\r\n");
    wire_ask(wire, "GET a\n", "NOT_FOUND\n");
    wire_close(wire);
}

/* Whether a key of the former user's changed is not for the next to know. */
Test(logins, let_no_transaction_happen_that_another_watched_for)
{
    struct wire *wire = begin();
    array_ask(wire, "AUTH ann secret", "+OK\r\n");
    array_ask(wire, "WATCH a", "+OK\r\n");
    array_ask(wire, "AUTH ann secret", "+OK\r\n");
    array_ask(wire, "MULTI", "+OK\r\n");
    array_ask(wire, "EXEC", "*0\r\n");
    array_ask(wire, "WATCH a", "+OK\r\n");
    array_ask(wire, "AUTH bob hidden", "+OK\r\n");
    array_ask(wire, "MULTI", "+OK\r\n");
    array_ask(wire, "EXEC", "*-1\r\n");
    array_ask(wire, "MULTI", "+OK\r\n");
    array_ask(wire, "EXEC", "*0\r\n");
    wire_close(wire);
}

static void expect_cli(const char *options, const char *printed)
{
    shell_expect(0, printed, "redis-cli -p %d %s", daemon_port(server), options);
}

Test(logins, work_from_redis_cli)
{
    wire_close(begin());
    expect_cli("--no-auth-warning --user ann --pass secret SET a 1", "OK\n");
    expect_cli("--no-auth-warning -a usual GET a", "1\n");
    expect_cli("GET a", "NOAUTH Authentication required.\n\n");
}

/* What strangers can make it take -------------------------------------------- */

Test(logins, are_asked_for_in_small_requests_only)
{
    struct wire *wire = begin();
    wire_say(wire, "*11\r\n");
    cr_assert(slice_has_prefix(wire_line(wire), SLICE("-")));
    wire_expect_gone(wire);
    wire_close(wire);
    wire = daemon_connect(server);
    wire_say(wire, "*2\r\n$16385\r\n");
    cr_assert(slice_has_prefix(wire_line(wire), SLICE("-")));
    wire_expect_gone(wire);
    wire_close(wire);
    wire = daemon_connect(server);
    wire_ask(wire, "AUTH ann secret\n", "OK\n");
    wire_say(wire, "*13\r\n$3\r\nDEL\r\n");
    for (int i = 0; i < 12; i++)
        wire_say(wire, "$1\r\na\r\n");
    wire_expect(wire, ":0\r\n");
    wire_close(wire);
}

/* What a client sends behind its AUTH without waiting may be as large as anybody's. */
Test(logins, let_large_requests_follow_at_once)
{
    struct buffer pipeline = {0};
    struct wire *wire = begin();
    buffer_append_string(&pipeline, "AUTH ann secret\nDEL a b c d e f g h i j k l\n");
    buffer_append_string(&pipeline, "*3\r\n$3\r\nSET\r\n$1\r\na\r\n$20000\r\n");
    for (int i = 0; i < 20000; i++)
        buffer_append_byte(&pipeline, 'x');
    buffer_append_string(&pipeline, "\r\n");
    wire_send(wire, buffer_slice(&pipeline));
    wire_expect(wire, "OK\nOK 0\n+OK\r\n");
    wire_close(wire);
    buffer_fini(&pipeline);
}

Test(logins, that_do_not_come_are_not_waited_for)
{
    daemon_start(server, "--users", users, "--request-timeout", "1", NULL);
    struct wire *idle = daemon_connect(server);
    struct wire *known = daemon_connect(server);
    wire_ask(known, "AUTH ann secret\n", "OK\n");
    wire_expect(idle, "ERR TIMEOUT \"nobody logged in in time\"\n");
    wire_expect_close(idle);
    wire_ask(known, "PING\n", "OK \"PONG\"\n");
    wire_close(known);
    wire_close(idle);
}

/* Pools of connections reset them before they lend them to somebody else. */
Test(logins, are_waited_for_again_after_a_reset)
{
    daemon_start(server, "--users", users, "--request-timeout", "3", NULL);
    struct wire *known = daemon_connect(server);
    struct wire *idle = daemon_connect(server);
    wire_ask(known, "AUTH ann secret\n", "OK\n");
    wire_expect(idle, "ERR TIMEOUT \"nobody logged in in time\"\n");
    wire_ask(known, "*1\r\n$5\r\nRESET\r\n", "+RESET\r\n");
    struct wire *guesser = daemon_connect(server);
    wire_ask(guesser, "AUTH ann guess\nAUTH ann guess\n", WRONG WRONG); /* seconds pass */
    wire_ask(known, "*2\r\n$4\r\nAUTH\r\n$5\r\nusual\r\n", "+OK\r\n");
    wire_close(guesser);
    wire_close(known);
    wire_close(idle);
}

/* As many as wait at a time, all wrong: they are held back, and nobody who reads is. */
Test(logins, by_the_hundred_leave_others_alone)
{
    enum { GUESSERS = 300 };
    struct wire *guessers[GUESSERS];
    struct wire *reader = begin();
    unsigned crowded = 0;
    wire_ask(reader, "AUTH ann secret\nPUT a 1\n", "OK\nOK\n");
    for (int i = 0; i < GUESSERS; i++) {
        guessers[i] = daemon_connect(server);
        wire_say(guessers[i], "AUTH ann guess\n");
    }
    for (int i = 0; i < 1000; i++)
        wire_ask(reader, "GET a\n", "OK \"1\"\n");
    for (int i = 0; i < GUESSERS; i++) {
        struct slice line = wire_line(guessers[i]);
        bool limited = slice_has_prefix(line, SLICE("ERR LIMIT "));
        cr_assert(limited || slice_equal(line, SLICE(WRONG)), "%.*s", (int)line.len, line.data);
        crowded += limited;
        wire_close(guessers[i]);
    }
    cr_assert(crowded < GUESSERS);
    wire_close(reader);
}

Test(logins, leave_no_password_in_the_log_and_in_lists)
{
    daemon_start(server, "--users", users, "--log-level", "debug", NULL);
    struct wire *wire = daemon_connect(server);
    wire_ask(wire, "AUTH ann guess-me\nAUTH ann secret\n", WRONG "OK\n");
    daemon_await_log(server, "a wrong password for ann");
    cr_assert(strstr(daemon_log(server), "guess-me") == NULL, "%s", daemon_log(server));
    cr_assert(strstr(daemon_log(server), "secret") == NULL, "%s", daemon_log(server));
    wire_close(wire);
}

/* People type it where the name should be. */
Test(logins, leave_no_password_in_the_log_that_came_as_a_name)
{
    struct wire *wire = begin();
    wire_ask(wire, "AUTH secret ann\n", WRONG);
    daemon_await_log(server, "there is no user of the name that it gave");
    cr_assert(strstr(daemon_log(server), "secret") == NULL, "%s", daemon_log(server));
    wire_close(wire);
}

/* The daemon's address space, in bytes. */
static rlim_t read_size(void)
{
    char path[32];
    unsigned long pages = 0;
    snprintf(path, sizeof(path), "/proc/%d/statm", (int)daemon_pid(server));
    FILE *file = fopen(path, "re");
    cr_assert(file != NULL && fscanf(file, "%lu", &pages) == 1);
    fclose(file);
    return (rlim_t)pages * (rlim_t)sysconf(_SC_PAGESIZE);
}

/* Nobody has mistyped anything: it is not told so, nor held back for it, nor closed at the fifth.
 */
Test(logins, for_which_there_is_no_memory_are_not_taken_for_wrong_ones)
{
    struct rlimit room;
    struct rlimit none;
    char hash[crypto_pwhash_STRBYTES];
    cr_assert(crypto_pwhash_str(hash, "large", 5, crypto_pwhash_OPSLIMIT_MIN,
                                (size_t)256 * 1024 * 1024) == 0);
    FILE *file = fopen(users, "ae");
    cr_assert(file != NULL && fprintf(file, "carl read %s\n", hash) > 0);
    fclose(file);
    struct wire *wire = begin();
    wire_ask(wire, "AUTH carl large\n", "OK\n");
    cr_assert_eq(prlimit(daemon_pid(server), RLIMIT_AS, NULL, &room), 0);
    none = room;
    none.rlim_cur = read_size() + (rlim_t)64 * 1024 * 1024;
    cr_assert_eq(prlimit(daemon_pid(server), RLIMIT_AS, &none, NULL), 0);
    for (int i = 0; i < 6; i++)
        wire_ask(wire, "AUTH carl large\n",
                 "ERR MEMORY \"the server has no memory for this request\"\n");
    array_ask(wire, "AUTH carl large", "-MEMORY the server has no memory for this request\r\n");
    daemon_await_log(server, "there is no memory to verify a password");
    cr_assert_eq(prlimit(daemon_pid(server), RLIMIT_AS, &room, NULL), 0);
    wire_ask(wire, "AUTH carl large\nAUTH carl small\n", "OK\n" WRONG);
    wire_close(wire);
}

Test(logins, that_wait_do_not_hold_up_a_stop)
{
    struct wire *wire = begin();
    wire_say(wire, "AUTH ann guess\n");
    daemon_stop(server);
    wire_close(wire);
}

Test(logins, need_users)
{
    daemon_start(server, NULL);
    struct wire *wire = daemon_connect(server);
    wire_ask(wire, "AUTH ann secret\n",
             "ERR BADARG \"there are no users; see leveretd --users\"\n");
    wire_close(wire);
}
