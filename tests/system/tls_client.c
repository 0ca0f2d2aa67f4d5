/*
 * libleveret and `leveret` over TLS: whom they trust, and that nothing else changes. Where leveretd
 * would refuse such a certificate or version, socat speaks TLS in front of it.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

#include "client/leveret.h"
#include "tests/lib/daemon.h"
#include "tests/lib/login.h"
#include "tests/lib/report.h"
#include "tests/lib/scratch.h"
#include "tests/lib/shell.h"

static struct daemon *server;

/* A certificate for localhost and 127.0.0.1 that signs itself, and one that expired. */
static const char certificates[] =
    "cd $DIR; openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 "
    "-subj /CN=leveret -addext subjectAltName=DNS:localhost,IP:127.0.0.1 -keyout key.pem "
    "-out cert.pem 2>&1\n"
    "openssl req -new -key key.pem -subj /CN=localhost -out old.csr\n"
    "printf '[ca]\\ndefault_ca=a\\n[a]\\ndatabase=index\\nnew_certs_dir=.\\nrand_serial=yes\\n"
    "default_md=sha256\\npolicy=p\\n[p]\\ncommonName=supplied\\n' >ca.conf; : >index\n"
    "openssl ca -batch -config ca.conf -selfsign -keyfile key.pem -in old.csr -out old.pem "
    "-notext -startdate 20200101000000Z -enddate 20200102000000Z 2>&1\n";

/* Serves over TLS in front of the daemon with these options of socat's; $TLS is host and port. */
#define PROXY(options)                                                                             \
    "cd $DIR; : >proxy.log; socat -dd "                                                            \
    "OPENSSL-LISTEN:0,bind=127.0.0.1,reuseaddr,fork,cert=cert.pem,key=key.pem," options            \
    " TCP:$PLAIN 2>proxy.log & proxy=$!\n"                                                         \
    "trap 'kill $proxy' EXIT; until TLS=$(sed -n 's/.*listening on AF=2 //p' proxy.log); [ -n "    \
    "\"$TLS\" ]; do kill -0 $proxy || exit 99; sleep 0.02; done\n"

static void start(void)
{
    char address[32];
    server = daemon_run();
    snprintf(address, sizeof(address), "127.0.0.1:%d", daemon_port(server));
    setenv("PLAIN", address, 1);
    setenv("DIR", daemon_directory(server), 1);
    unsetenv("LEVERET_CONNECT");
    shell_expect(0, NULL, "%s", certificates);
}

static void stop(void)
{
    daemon_free(server);
}

TestSuite(tls_client, .init = start, .fini = stop, .timeout = 120);

static void expect_complaint(int status, const char *text, const char *command)
{
    struct shell shell = shell_run("%s", command);
    cr_assert_eq(shell.status, status, "`%s` exited with %d: %s", command, shell.status,
                 shell.err.data);
    report_equal(command, buffer_slice(&shell.out), SLICE(""));
    cr_assert(strstr(shell.err.data, text) != NULL, "no `%s` in: %s", text, shell.err.data);
    shell_fini(&shell);
}

Test(tls_client, speaks_with_whom_it_is_told_to_trust)
{
    shell_expect(0, "OK\n1\n1\n1\n1\n",
                 PROXY("verify=0") "$LEVERET --connect tls:$TLS --tls-ca cert.pem PUT a 1\n"
                                   "$LEVERET --connect $TLS --tls --tls-ca cert.pem GET a\n"
                                   "$LEVERET --connect $TLS --tls-ca cert.pem GET a\n"
                                   "LEVERET_CONNECT=tls:$TLS $LEVERET --tls-ca cert.pem GET a\n"
                                   "$LEVERET --connect tls:localhost:${TLS#*:} --tls-ca cert.pem "
                                   "GET a");
}

Test(tls_client, trusts_nobody_else)
{
    expect_complaint(4, "CERTIFICATE: 127.0.0.1 port ",
                     PROXY("verify=0") "$LEVERET --connect tls:$TLS PING");
    expect_complaint(4, "the certificate is not trusted: self-signed certificate; see --tls-ca",
                     PROXY("verify=0") "$LEVERET --connect tls:$TLS PING");
    expect_complaint(4, "the certificate is for localhost, 127.0.0.1, not other.example",
                     PROXY("verify=0") "$LEVERET --connect tls:$TLS --tls-ca cert.pem --tls-name "
                                       "other.example PING");
    expect_complaint(4, "the certificate is for localhost, 127.0.0.1, not 127.0.0.2",
                     PROXY("verify=0") "$LEVERET --connect tls:$TLS --tls-ca cert.pem --tls-name "
                                       "127.0.0.2 PING");
    expect_complaint(
        4, "the certificate expired at 2020-01-02 00:00:00 UTC",
        "cp $DIR/old.pem $DIR/cert.pem\n" PROXY(
            "verify=0") "$LEVERET --connect tls:$TLS --tls-ca old.pem --tls-name localhost PING");
}

Test(tls_client, tells_what_is_no_tls_or_an_old_one)
{
    expect_complaint(4, "the server does not speak TLS there",
                     "$LEVERET --connect tls:$PLAIN --timeout 5 PING");
    expect_complaint(
        4, "the server does not speak TLS 1.2 or later",
        PROXY("verify=0,openssl-min-proto-version=TLS1.0,openssl-max-proto-version=TLS1.1,"
              "cipher='ALL:@SECLEVEL=0'") "$LEVERET --connect tls:$TLS --tls-ca "
                                          "cert.pem PING");
}

/* The listener takes the connection and says nothing. */
Test(tls_client, does_not_wait_without_end_for_an_agreement)
{
    expect_complaint(4, "the server took too long to agree on TLS",
                     "cd $DIR; socat -dd TCP-LISTEN:0,bind=127.0.0.1 EXEC:'sleep 60' 2>mute.log & "
                     "trap 'kill %1' EXIT\n"
                     "until grep -q 'listening on' mute.log; do sleep 0.02; done\n"
                     "$LEVERET --connect tls:$(sed -n 's/.*listening on AF=2 //p' mute.log) "
                     "--timeout 1 PING");
}

Test(tls_client, shows_its_own_certificate_where_one_is_wanted)
{
    shell_expect(0, "PONG\n",
                 PROXY("verify=1,cafile=cert.pem") "$LEVERET --connect tls:$TLS --tls-ca cert.pem "
                                                   "--tls-cert cert.pem --tls-key key.pem PING");
    expect_complaint(4, "certificate",
                     PROXY("verify=1,cafile=cert.pem") "$LEVERET --connect tls:$TLS --tls-ca "
                                                       "cert.pem PING");
}

Test(tls_client, names_files_that_cannot_be_used)
{
    static const char *const options[] = {"--tls-ca no.pem", "--tls-cert no.pem --tls-key key.pem",
                                          "--tls-cert cert.pem --tls-key no.pem"};
    for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
        struct shell shell =
            shell_run("cd $DIR; $LEVERET --connect tls:$PLAIN %s PING", options[i]);
        cr_assert_eq(shell.status, 2, "%s: %s", options[i], shell.err.data);
        cr_assert(strstr(shell.err.data, "no.pem: ") != NULL, "%s", shell.err.data);
        shell_fini(&shell);
    }
    expect_complaint(2, "a certificate and its key go together",
                     "$LEVERET --connect $PLAIN --tls-cert $DIR/cert.pem PING");
    expect_complaint(2, "TLS is for HOST:PORT", "$LEVERET --unix /x --tls PING");
}

/* Pipelined writes, a scan of megabytes and the loader bring back what the plain way brings. */
Test(tls_client, carries_everything_as_the_plain_way_does)
{
    shell_expect(
        0, "100000 OK\n",
        PROXY("verify=0") "export LEVERET_CONNECT=tls:$TLS\n"
                          "seq 100000 | sed 's/.*/PUT k& &&&&&&&&&&/' | $LEVERET --tls-ca cert.pem "
                          "| uniq -c | sed 's/^ *//'\n"
                          "$LEVERET --tls-ca cert.pem export '' >tls.put\n"
                          "$LEVERET --connect $PLAIN export '' | cmp - tls.put\n"
                          "$LEVERET --tls-ca cert.pem --use copy: import tls.put 2>/dev/null\n"
                          "$LEVERET --connect $PLAIN --use copy: export '' | cmp - tls.put\n"
                          "head -c 9000000 /dev/urandom | base64 -w0 >value\n"
                          "(printf 'PUT big '; cat value; echo) | $LEVERET --tls-ca cert.pem "
                          ">/dev/null\n"
                          "$LEVERET --tls-ca cert.pem --raw GET big | cmp - value\n"
                          "$LEVERET --tls-ca cert.pem bench --clients 4 --requests 2000 "
                          "--pipeline 50 set get >/dev/null\n");
}

/* leveretd itself ------------------------------------------------------------- */

/* A daemon that knows a user with a password and one with the certificate, and its address. */
static struct daemon *run_secure(char address[static 32])
{
    const char *place = daemon_directory(server);
    char *cert = scratch_path(place, "cert.pem");
    char *key = scratch_path(place, "key.pem");
    char *users = scratch_path(place, "users");
    struct daemon *secure = daemon_new();
    login_add(users, "goku", "admin", "kamehameha", "");
    shell_expect(0, "", "echo leveret read - >>%s", users);
    daemon_start(secure, "--tls-listen", "127.0.0.1:0", "--tls-cert", cert, "--tls-key", key,
                 "--tls-client-ca", cert, "--users", users, NULL);
    snprintf(address, 32, "tls:127.0.0.1:%d", daemon_port(secure));
    free(cert);
    free(key);
    free(users);
    return secure;
}

Test(tls_client, logs_in_by_password_or_certificate)
{
    char address[32];
    struct daemon *secure = run_secure(address);
    setenv("LEVERET_CONNECT", address, 1);
    expect_complaint(3, "NOAUTH", "$LEVERET --tls-ca $DIR/cert.pem GET k");
    shell_expect(0, "OK\n",
                 "LEVERET_PASSWORD=kamehameha $LEVERET --tls-ca $DIR/cert.pem --user goku "
                 "PUT k v");
    shell_expect(0, "v\n",
                 "cd $DIR; $LEVERET --tls-ca cert.pem --tls-cert cert.pem "
                 "--tls-key key.pem GET k");
    expect_complaint(3, "DENIED",
                     "cd $DIR; $LEVERET --tls-ca cert.pem --tls-cert cert.pem "
                     "--tls-key key.pem PUT k w");
    daemon_free(secure);
}

Test(tls_client, libleveret_trusts_whom_it_is_told_to_and_connects_again)
{
    char address[32];
    struct daemon *secure = run_secure(address);
    char *cert = scratch_path(daemon_directory(server), "cert.pem");
    struct leveret *db = leveret_new(address);
    cr_assert_eq(leveret_set_login(db, "goku", "kamehameha"), LEVERET_OK);
    cr_assert_eq(leveret_connect(db), LEVERET_UNREACHABLE);
    cr_assert_str_eq(leveret_error_code(db), "CERTIFICATE");
    cr_assert_eq(leveret_set_tls(db, LEVERET_TLS_CA, cert), LEVERET_OK);
    cr_assert_eq(leveret_ping(db), LEVERET_OK, "%s", leveret_error_text(db));
    cr_assert(leveret_connected(db), "tickets of TLS 1.3 are no end");
    cr_assert_eq(leveret_ping(db), LEVERET_OK);
    leveret_disconnect(db);
    cr_assert_eq(leveret_put(db, leveret_text("k"), leveret_text("v")), LEVERET_OK);
    cr_assert_eq(leveret_set_tls(db, (enum leveret_tls)4, "x"), LEVERET_MISUSE);
    leveret_free(db);
    free(cert);
    daemon_free(secure);
}
