/*
 * TLS: what openssl s_client and redis-cli see of it, and what is said of wrong files.
 */
#include <criterion/criterion.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>

#include "tests/lib/daemon.h"
#include "tests/lib/deadline.h"
#include "tests/lib/report.h"
#include "tests/lib/scratch.h"
#include "tests/lib/shell.h"

static struct daemon *server;
static const char *place;
static char *cert;
static char *key;
static char *ca;

/* A certificate that signs itself, and its key. */
static void make(const char *name, const char *more)
{
    shell_expect(0, NULL,
                 "cd %s && openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes "
                 "-keyout %s.key -out %s.pem -subj /CN=%s -addext subjectAltName=IP:127.0.0.1 "
                 "-days 2 %s && chmod 600 %s.key",
                 place, name, name, name, more, name);
}

/* One for a client, signed by another. */
static void make_client(const char *name, const char *signer)
{
    shell_expect(0, NULL,
                 "cd %s && openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes "
                 "-keyout %s.key -out %s.csr -subj /CN=%s && openssl x509 -req -in %s.csr "
                 "-CA %s.pem -CAkey %s.key -CAcreateserial -days 2 -out %s.pem",
                 place, name, name, name, name, signer, signer, name);
}

static void prepare(void)
{
    server = daemon_new();
    place = daemon_directory(server);
    make("server", "");
    cert = scratch_path(place, "server.pem");
    key = scratch_path(place, "server.key");
    ca = scratch_path(place, "ca.pem");
}

static void stop(void)
{
    free(cert);
    free(key);
    free(ca);
    daemon_free(server);
}

TestSuite(tls, .init = prepare, .fini = stop, .timeout = 120);

static void serve(void)
{
    daemon_start(server, "--tls-listen", "127.0.0.1:0", "--tls-cert", cert, "--tls-key", key, NULL);
}

/* What openssl says and is told, with more options. */
#define S_CLIENT                                                                                   \
    "timeout 20 openssl s_client -quiet -verify_return_error -CAfile %s/server.pem "               \
    "-verify_ip 127.0.0.1 -connect 127.0.0.1:%d "

static void expect_said(const char *input, const char *options, const char *output)
{
    shell_expect(0, output, "printf '%s' | " S_CLIENT "%s 2>/dev/null", input, place,
                 daemon_port(server), options);
}

/* The daemon must end at once, and say that. */
static void expect_refusal(const char *text)
{
    cr_assert_eq(daemon_wait(server), 2, "%s", daemon_log(server));
    cr_assert(strstr(daemon_log(server), text) != NULL, "%s", daemon_log(server));
}

static void spawn(void)
{
    daemon_spawn(server, "--tls-listen", "127.0.0.1:0", "--tls-cert", cert, "--tls-key", key, NULL);
}

Test(tls, serves_lines_in_both_versions)
{
    serve();
    daemon_await_log(server, "ready on tls:127.0.0.1:");
    expect_said("PUT a 1\\nGET a\\nQUIT\\n", "-tls1_3", "OK\nOK \"1\"\nOK\n");
    expect_said("GET a\\nQUIT\\n", "-tls1_2", "OK \"1\"\nOK\n");
}

Test(tls, refuses_older_versions)
{
    serve();
    struct shell said =
        shell_run(S_CLIENT "-tls1_1 -cipher DEFAULT@SECLEVEL=0 2>&1", place, daemon_port(server));
    cr_assert_neq(said.status, 0);
    cr_assert(strstr(said.out.data, "alert protocol version") != NULL, "%s", said.out.data);
    shell_fini(&said);
    daemon_await_log(server, "the TLS handshake failed: unsupported protocol");
}

/* socat says by close_notify that it has said all, and reads on. */
Test(tls, answers_everything_after_the_client_has_finished)
{
    serve();
    shell_expect(0, "20000\n",
                 "for i in $(seq 20000); do echo \"PUT key$i $i\"; done | socat -t 20 - "
                 "OPENSSL:127.0.0.1:%d,cafile=%s/server.pem | grep -c '^OK$'",
                 daemon_port(server), place);
    shell_expect(0, "20000\n",
                 "echo 'SCAN key' | socat -t 20 - OPENSSL:127.0.0.1:%d,cafile=%s/server.pem | "
                 "grep -c '^\"key'",
                 daemon_port(server), place);
}

#define REDIS_CLI "redis-cli --tls --cacert %s/server.pem -p %d "

Test(tls, serves_redis_clients_with_large_values)
{
    serve();
    shell_expect(0, "OK\n",
                 "head -c 12000000 /dev/urandom | base64 -w 0 >%s/big && " REDIS_CLI
                 "-x set big <%s/big",
                 place, place, daemon_port(server), place);
    shell_expect(0, "", REDIS_CLI "get big | head -c 16000000 | cmp - %s/big", place,
                 daemon_port(server), place);
}

/* The sleep only keeps the input open; the client ends when it is refused. */
Test(tls, does_not_negotiate_anew)
{
    serve();
    struct shell said = shell_run("{ echo R; sleep 3; } | timeout 20 openssl s_client -tls1_2 "
                                  "-connect 127.0.0.1:%d 2>&1",
                                  daemon_port(server));
    cr_assert(strstr(said.out.data, "no renegotiation") != NULL, "%s", said.out.data);
    shell_fini(&said);
}

Test(tls, closes_on_a_peer_that_speaks_no_tls)
{
    serve();
    struct wire *wire = daemon_connect(server);
    wire_say(wire, "PUT a 1\n");
    wire_expect_gone(wire);
    wire_close(wire);
    daemon_await_log(server, "the TLS handshake failed: ");
    expect_said("GET a\\nQUIT\\n", "", "NOT_FOUND\nOK\n");
}

Test(tls, gives_up_a_handshake_that_does_not_come)
{
    daemon_start(server, "--tls-listen", "127.0.0.1:0", "--tls-cert", cert, "--tls-key", key,
                 "--request-timeout", "1", NULL);
    struct wire *wire = daemon_connect(server);
    wire_expect_close(wire);
    wire_close(wire);
}

static bool was_cut_for_memory(struct wire *wire)
{
    wire_say(wire, "INFO clients\n");
    struct slice facts = wire_reply(wire);
    static const char none[] = "\"cut_for_memory\" \"0\"\n";
    return memmem(facts.data, facts.len, none, strlen(none)) == NULL;
}

/* Each sends the start of a long greeting, which makes the server keep room for all of it. */
Test(tls, counts_what_handshakes_hold_that_do_not_end)
{
    enum { GREETERS = 60 };
    static const char greeting[] = "\x16\x03\x01\x40\x00\x01\x01\xff\x00hello";
    struct wire *greeters[GREETERS];
    daemon_start(server, "--tls-listen", "127.0.0.1:0", "--tls-cert", cert, "--tls-key", key,
                 "--unix", daemon_socket(server), "--max-buffered", "1M", NULL);
    struct wire *other = wire_open_unix(daemon_socket(server));
    cr_assert_not(was_cut_for_memory(other));
    for (int i = 0; i < GREETERS; i++) {
        greeters[i] = daemon_connect(server);
        wire_send(greeters[i], slice_of(greeting, sizeof(greeting) - 1));
    }
    int64_t deadline = deadline_in(DEADLINE_SECONDS);
    while (!was_cut_for_memory(other)) {
        cr_assert(deadline_left(deadline) > 0);
        poll(NULL, 0, 5);
    }
    for (int i = 0; i < GREETERS; i++)
        wire_close(greeters[i]);
    wire_close(other);
}

/* What the files may be ------------------------------------------------------ */

Test(tls, needs_a_certificate_and_a_key)
{
    daemon_spawn(server, "--tls-listen", "127.0.0.1:0", "--tls-cert", cert, NULL);
    expect_refusal("--tls-listen needs tls-cert and tls-key\n");
    daemon_spawn(server, "--tls-cert", cert, NULL);
    expect_refusal("--tls-cert needs tls-key\n");
    daemon_spawn(server, "--tls-key", key, NULL);
    expect_refusal("--tls-key needs tls-cert\n");
}

Test(tls, says_what_is_wrong_with_a_key)
{
    chmod(key, 0640);
    spawn();
    expect_refusal("server.key is open to others: its mode is 640 and must be 600\n");
    make("other", "");
    shell_expect(0, "", "cp %s/other.key %s && chmod 600 %s", place, key, key);
    spawn();
    expect_refusal("server.key does not belong to the certificate: ");
    scratch_write(key, SLICE("nothing of the kind\n"));
    spawn();
    expect_refusal("there is no private key in ");
    cr_assert_eq(remove(key), 0);
    spawn();
    expect_refusal("server.key: No such file or directory\n");
}

Test(tls, says_what_is_wrong_with_a_certificate)
{
    shell_expect(0, NULL,
                 "cd %s && openssl req -new -key server.key -subj /CN=x -out old.csr && "
                 "openssl x509 -req -in old.csr -signkey server.key -days -1 -out server.pem",
                 place);
    spawn();
    expect_refusal("server.pem has expired\n");
    scratch_write(cert, SLICE("nothing of the kind\n"));
    spawn();
    expect_refusal("there is no certificate in ");
}

Test(tls, takes_a_new_certificate_at_a_reload_and_keeps_the_old_over_a_bad_one)
{
    serve();
    scratch_write(cert, SLICE("nothing of the kind\n"));
    daemon_signal(server, SIGHUP);
    daemon_await_log(server, "cannot reload: there is no certificate in ");
    struct shell subject = shell_run("timeout 20 openssl s_client -connect 127.0.0.1:%d </dev/null "
                                     "2>/dev/null | grep -m 1 subject",
                                     daemon_port(server));
    cr_assert_str_eq(subject.out.data, "subject=CN = server\n");
    shell_fini(&subject);
    make("next", "");
    shell_expect(0, "", "cd %s && cp next.pem server.pem && cp next.key server.key", place);
    daemon_signal(server, SIGHUP);
    daemon_await_log(server, "reloaded: ");
    subject =
        shell_run("timeout 20 openssl s_client -connect 127.0.0.1:%d </dev/null 2>/dev/null | "
                  "grep -m 1 subject",
                  daemon_port(server));
    cr_assert_str_eq(subject.out.data, "subject=CN = next\n");
    shell_fini(&subject);
}

/* Clients with certificates -------------------------------------------------- */

static void serve_clients(const char *required)
{
    char *users = scratch_path(place, "users");
    make("ca", "");
    make("foreign", "");
    make_client("goku", "ca");
    make_client("frieza", "ca");
    make_client("stranger", "foreign");
    shell_expect(0, "", "umask 077 && echo goku write - >%s", users);
    daemon_start(server, "--tls-listen", "127.0.0.1:0", "--tls-cert", cert, "--tls-key", key,
                 "--tls-client-ca", ca, "--tls-client-required", required, "--users", users, NULL);
    free(users);
}

/* What a client with that certificate gets for a PUT. */
static struct shell put_as(const char *name)
{
    return shell_run("cd %s && printf 'PUT a 1\\nQUIT\\n' | " S_CLIENT "-cert %s.pem -key %s.key "
                     "2>/dev/null",
                     place, place, daemon_port(server), name, name);
}

static void expect_put_as(const char *name, const char *start)
{
    struct shell said = put_as(name);
    if (strncmp(said.out.data, start, strlen(start)) != 0)
        report_equal(name, slice_from_string(said.out.data), slice_from_string(start));
    shell_fini(&said);
}

Test(tls, lets_a_certificate_stand_for_a_user)
{
    serve_clients("no");
    expect_put_as("goku", "OK\nOK\n");
    expect_put_as("frieza", "ERR DENIED \"the common name of your certificate is no user here\"\n");
    expect_said("PUT a 1\\nQUIT\\n", "", "ERR NOAUTH \"log in first: AUTH user password\"\nOK\n");
}

/* Who came by a certificate has no password to come back with. */
Test(tls, lets_a_reset_leave_a_connection_to_its_certificate)
{
    serve_clients("no");
    shell_expect(0, "+RESET\r\nOK\nOK\n",
                 "cd %s && printf '*1\\r\\n$5\\r\\nRESET\\r\\nPUT a 1\\nQUIT\\n' | " S_CLIENT
                 "-cert goku.pem -key goku.key 2>/dev/null",
                 place, place, daemon_port(server));
}

Test(tls, turns_away_who_shows_no_good_certificate)
{
    serve_clients("yes");
    struct shell said = put_as("stranger");
    cr_assert_str_eq(said.out.data, "");
    shell_fini(&said);
    daemon_await_log(server, "the TLS handshake failed: unable to get local issuer certificate");
    said = shell_run("printf 'PING\\n' | " S_CLIENT "2>/dev/null", place, daemon_port(server));
    cr_assert_str_eq(said.out.data, "");
    shell_fini(&said);
    expect_put_as("goku", "OK\nOK\n");
}
