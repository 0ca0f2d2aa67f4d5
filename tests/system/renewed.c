/*
 * Users replaced while one of them is busy: what goes on ends before it tells or changes more.
 */
#include <criterion/criterion.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/lib/daemon.h"
#include "tests/lib/login.h"
#include "tests/lib/scratch.h"
#include "tests/lib/shell.h"
#include "tests/system/gate.h"

static struct daemon *server;
static struct gate *gate;
static char *users;
static char *fewer; /* the users that stay */
static struct wire *ann;

/* Bob's line, for a password of that cost. */
static void add_bob(unsigned long long passes, size_t bytes)
{
    char hash[crypto_pwhash_STRBYTES];
    cr_assert(crypto_pwhash_str(hash, "hidden", strlen("hidden"), passes, bytes) == 0);
    FILE *file = fopen(users, "ae");
    cr_assert(file != NULL && fprintf(file, "bob write %s\n", hash) > 0);
    fclose(file);
}

static void serve(unsigned long long passes, size_t bytes)
{
    server = daemon_new();
    gate = gate_open(server);
    users = scratch_path(daemon_directory(server), "users");
    fewer = scratch_path(daemon_directory(server), "fewer");
    login_add(fewer, "ann", "admin", "secret", "");
    shell_expect(0, "", "cp -p %s %s", fewer, users);
    add_bob(passes, bytes);
    daemon_start(server, "--users", users, NULL);
    ann = daemon_connect(server);
    wire_ask(ann, "AUTH ann secret\n", "OK\n");
}

static struct wire *serve_bob(void)
{
    serve(crypto_pwhash_OPSLIMIT_MIN, crypto_pwhash_MEMLIMIT_MIN);
    struct wire *bob = daemon_connect(server);
    wire_ask(bob, "AUTH bob hidden\n", "OK\n");
    return bob;
}

/* From here on there is no bob. */
static void remove_bob(void)
{
    cr_assert(rename(fewer, users) == 0);
    daemon_signal(server, SIGHUP);
    daemon_await_log(server, " reloaded: ");
}

static void stop(void)
{
    wire_close(ann);
    daemon_free(server);
    free(users);
    free(fewer);
}

TestSuite(renewed, .fini = stop, .timeout = 120);

static void expect_end(struct wire *wire, const char *start)
{
    struct slice line = wire_line(wire);
    cr_assert(slice_has_prefix(line, slice_from_string(start)), "%.*s", (int)line.len, line.data);
    wire_expect_close(wire);
    wire_close(wire);
}

Test(renewed, tell_no_follower_of_a_change_that_came_later)
{
    struct wire *bob = serve_bob();
    wire_say(bob, "FOLLOW ''\n");
    (void)wire_line(bob); /* where it begins */
    remove_bob();
    wire_ask(ann, "PUT a 1\n", "OK\n");
    expect_end(bob, "ERR NOAUTH \"the users have changed; log in again\"");
}

static void put_rows(unsigned count)
{
    struct buffer request = {0};
    char pair[32];
    buffer_append_string(&request, "MPUT");
    for (unsigned i = 0; i < count; i++) {
        snprintf(pair, sizeof(pair), " row:%05u 1", i);
        buffer_append_string(&request, pair);
    }
    buffer_append_string(&request, "\n");
    wire_send(ann, buffer_slice(&request));
    wire_expect(ann, "OK\n");
    buffer_fini(&request);
}

/* The first step is with the disk when they are replaced, and is the last one. */
Test(renewed, let_no_deletion_go_on)
{
    struct wire *bob = serve_bob();
    put_rows(9000);
    unsigned before = atomic_load(&gate->arrived);
    atomic_store(&gate->closed, GATE_CLOSED);
    wire_say(bob, "DELPREFIX row:\n");
    gate_await(gate, before + 1);
    remove_bob();
    atomic_store(&gate->closed, GATE_OPEN);
    struct slice line = wire_line(bob);
    cr_assert(slice_has_prefix(line, SLICE("ERR NOAUTH \"")), "%.*s", (int)line.len, line.data);
    wire_expect_close(bob);
    wire_close(bob);
    wire_say(ann, "COUNT row:\n");
    line = wire_line(ann);
    cr_assert(!slice_equal(line, SLICE("OK 0\n")), "%.*s", (int)line.len, line.data);
}

/* Verifying takes some tenths of a second, so the reload comes in the midst of it, or behind. */
Test(renewed, let_nobody_in_whose_password_was_being_verified)
{
    serve(16, crypto_pwhash_MEMLIMIT_INTERACTIVE);
    struct wire *bob = daemon_connect(server);
    wire_say(bob, "AUTH bob hidden\n");
    remove_bob();
    (void)wire_line(bob);
    wire_ask(bob, "GET a\n", "ERR NOAUTH \"log in first: AUTH user password\"\n");
    wire_close(bob);
}
