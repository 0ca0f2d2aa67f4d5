/*
 * TLS beside plain connections to the same daemon and the same rows.
 *
 * Half of the plain rate is promised: AES-GCM takes 0.3 ns a byte and a record some microseconds,
 * at both ends, and the clients share the cores of the daemon, so what one of them takes the other
 * misses. A plain GET of a hot key takes both together less than a microsecond.
 */
#include "tests/bench/bench.h"

#include <err.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/bench/lib/command.h"
#include "tests/bench/lib/loader.h"
#include "tests/bench/lib/place.h"
#include "tests/bench/lib/rows.h"
#include "tests/bench/lib/server.h"
#include "tests/bench/lib/table.h"

#define ROWS 1000000
#define HOT 10000
#define CLIENTS 50
#define PIPELINE 32
#define CONNECTIONS 500

static void compare(struct contestant *all, const char *work, enum result_relation relation,
                    double target, const char *unit)
{
    contest_run(all, 2, CONTEST_ROUNDS);
    contest_compare(&(struct contest_claim){work, "plain", relation, target, unit}, &all[0],
                    &all[1]);
    contest_fini(all, 2);
}

static void measure_requests(const struct server *server, const char *work, uint64_t keys,
                             const char *title, const char *unit)
{
    struct loader plain = {.face = LOADER_LINES,
                           .port = server->port,
                           .server = server->pid,
                           .work = work,
                           .clients = CLIENTS,
                           .pipeline = PIPELINE,
                           .keys = keys};
    struct loader tls = plain;
    tls.tls = true;
    tls.port = server->tls_port;
    struct contestant all[] = {contestant_of("leveretd over TLS", loader_take, &tls),
                               contestant_of("leveretd", loader_take, &plain)};
    compare(all, title, RESULT_AT_LEAST, 0.5, unit);
}

static struct command ask(const struct server *server, uint64_t count, bool tls,
                          const char *request)
{
    struct command command = {.server = server->pid, .count = count};
    snprintf(command.command, sizeof(command.command),
             "exec \"$LEVERET\" --connect %s127.0.0.1:%d %s", tls ? "tls:" : "",
             tls ? server->tls_port : server->port, request);
    return command;
}

static void measure_scan(const struct server *server)
{
    struct command tls = ask(server, ROWS, true, "SCAN key:");
    struct command plain = ask(server, ROWS, false, "SCAN key:");
    command_check(&tls, ROWS);
    command_check(&plain, ROWS);
    struct contestant all[] = {contestant_of("leveretd over TLS", command_take, &tls),
                               contestant_of("leveretd", command_take, &plain)};
    compare(all, "scan of 1 M rows over TLS", RESULT_AT_LEAST, 0.5, "rows/s");
}

/* Handshakes one after another, most of whose time is the client's own. */
static void measure_connections(const struct server *server)
{
    char request[64];
    snprintf(request, sizeof(request), "bench --clients %d --requests %d ping", CONNECTIONS,
             CONNECTIONS);
    struct command tls = ask(server, CONNECTIONS, true, request);
    struct command plain = ask(server, CONNECTIONS, false, request);
    struct contestant all[] = {contestant_of("leveretd over TLS", command_take, &tls),
                               contestant_of("leveretd", command_take, &plain)};
    compare(all, "new connections over TLS, one PING each", RESULT_ONLY_MEASURED, 0,
            "connections/s");
}

/* SETs come last: they leave compactions behind. */
void tls_measure(const char *directory)
{
    struct server server;
    char *rows = place_in(directory, "rows");
    const char *certificate = getenv("TLS_CERT");
    const char *key = getenv("TLS_KEY");
    if (!certificate || !key)
        errx(1, "TLS_CERT and TLS_KEY must name the daemon's certificate and its key");
    table_title("tls: the same over TLS 1.3 (ECDSA P-256) and over plain connections",
                "lines; 50 clients; medians of 9 interleaved rounds, ratios within each round");
    rows_write(rows, ROWS);
    server_start_with(&server, rows,
                      (const char *const[]){"--sync", "1", "--tls-listen", "127.0.0.1:0",
                                            "--tls-cert", certificate, "--tls-key", key, NULL});
    measure_requests(&server, "get", HOT, "GET, 32 pipelined, hot keys, over TLS", "GETs/s");
    measure_scan(&server);
    measure_connections(&server);
    measure_requests(&server, "set", ROWS, "SET --sync 1, 32 pipelined, over TLS", "SETs/s");
    server_stop(&server);
    free(rows);
}
