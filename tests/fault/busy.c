/*
 * A busy daemon: sixteen clients of both faces at once, over several workers, while tables are made
 * and merged, connections come and go, and somebody looks at everything. Each client knows what it
 * must be told. Run against a daemon built for ThreadSanitizer this finds what two threads do to
 * each other: the daemon then says so in its log.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <criterion/criterion.h>

#include "tests/lib/chance.h"
#include "tests/lib/daemon.h"
#include "tests/lib/rounds.h"
#include "tests/system/array.h"
#include "tests/system/value.h"

#define CLIENTS 16
#define KEYS 8
#define ASKED 24 /* requests of one client in one round */
#define VALUE 400

static struct daemon *server;

/* One peer. Its keys are its own, so it knows what they hold. */
struct client {
    struct wire *wire;
    bool redis;
    char values[KEYS][VALUE + 1]; /* "" for none */
    int64_t counter;
    struct buffer asked;
    struct buffer expected;
};

static struct client clients[CLIENTS];
static struct chance chance;
static uint64_t total;

static void start(void)
{
    server = daemon_new();
    daemon_start(server, "--workers", "4", "--write-buffer", "64K", "--sync", "never", NULL);
}

static void stop(void)
{
    daemon_free(server);
}

TestSuite(busy, .init = start, .fini = stop, .timeout = 3600);

/* Asking ---------------------------------------------------------------------- */

static void ask(struct client *client, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void ask(struct client *client, const char *format, ...)
{
    char line[2 * VALUE];
    va_list list;
    va_start(list, format);
    vsnprintf(line, sizeof(line), format, list);
    va_end(list);
    if (client->redis) {
        array_append(&client->asked, slice_from_string(line));
    } else {
        buffer_append_string(&client->asked, line);
        buffer_append_byte(&client->asked, '\n');
    }
    total++;
}

static void expect(struct client *client, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void expect(struct client *client, const char *format, ...)
{
    char reply[2 * VALUE];
    va_list list;
    va_start(list, format);
    vsnprintf(reply, sizeof(reply), format, list);
    va_end(list);
    buffer_append_string(&client->expected, reply);
}

/* What a client is told of a value, or of none. */
static void expect_value(struct client *client, const char *value)
{
    if (!client->redis && value[0] == '\0')
        expect(client, "NOT_FOUND\n");
    else if (!client->redis)
        expect(client, "OK \"%s\"\n", value);
    else if (value[0] == '\0')
        expect(client, "$-1\r\n");
    else
        expect(client, "$%zu\r\n%s\r\n", strlen(value), value);
}

static void expect_ok(struct client *client)
{
    expect(client, client->redis ? "+OK\r\n" : "OK\n");
}

/* A new value, of letters. */
static void choose_value(char *value)
{
    size_t len = 1 + chance_below(&chance, VALUE);
    memset(value, (char)('a' + chance_below(&chance, 26)), len);
    value[len] = '\0';
}

static void ask_batch(struct client *client, int number, size_t key)
{
    size_t other = (key + 1) % KEYS;
    choose_value(client->values[key]);
    client->values[other][0] = '\0';
    ask(client, "BEGIN");
    ask(client, "PUT k%d:%zu %s", number, key, client->values[key]);
    ask(client, "DEL k%d:%zu", number, other);
    ask(client, "COMMIT");
    expect(client, "OK\nOK\nOK\nOK\n");
}

static void ask_transaction(struct client *client, int number, size_t key)
{
    choose_value(client->values[key]);
    ask(client, "MULTI");
    ask(client, "SET k%d:%zu %s", number, key, client->values[key]);
    ask(client, "INCR n%d", number);
    ask(client, "EXEC");
    expect(client, "+OK\r\n+QUEUED\r\n+QUEUED\r\n*2\r\n+OK\r\n:%lld\r\n",
           (long long)++client->counter);
}

/* Every key of the client in their order, as a scan of the line face tells them. */
static void ask_scan(struct client *client, int number)
{
    size_t rows = 0;
    ask(client, "SCAN k%d:", number);
    for (size_t key = 0; key < KEYS; key++) {
        if (client->values[key][0] == '\0')
            continue;
        expect(client, "\"k%d:%zu\" \"%s\"\n", number, key, client->values[key]);
        rows++;
    }
    expect(client, "OK %zu\n", rows);
}

static void ask_del(struct client *client, int number, size_t key)
{
    bool there = client->values[key][0] != '\0';
    ask(client, "DEL k%d:%zu", number, key);
    expect(client, client->redis ? ":%d\r\n" : "OK %d\n", there);
    client->values[key][0] = '\0';
}

static void ask_something(struct client *client, int number)
{
    size_t key = chance_below(&chance, KEYS);
    char *value = client->values[key];
    switch (chance_below(&chance, 10)) {
    case 0:
    case 1:
    case 2:
        choose_value(value);
        ask(client, client->redis ? "SET k%d:%zu %s" : "PUT k%d:%zu %s", number, key, value);
        expect_ok(client);
        break;
    case 3:
        ask_del(client, number, key);
        break;
    case 4:
        ask(client, "INCR n%d", number);
        expect(client, client->redis ? ":%lld\r\n" : "OK \"%lld\"\n", (long long)++client->counter);
        break;
    case 5:
        (client->redis ? ask_transaction : ask_batch)(client, number, key);
        break;
    case 6:
        if (!client->redis) {
            ask_scan(client, number);
            break;
        }
        __attribute__((fallthrough));
    default:
        ask(client, "GET k%d:%zu", number, key);
        expect_value(client, value);
    }
}

/* Rounds ---------------------------------------------------------------------- */

/* Nobody waits for the others: all have asked before the first is read. */
static void run_round(void)
{
    for (int i = 0; i < CLIENTS; i++) {
        struct client *client = &clients[i];
        buffer_clear(&client->asked);
        buffer_clear(&client->expected);
        for (unsigned asked = 0; asked < ASKED; asked++)
            ask_something(client, i);
        wire_send(client->wire, buffer_slice(&client->asked));
    }
    for (int i = 0; i < CLIENTS; i++)
        wire_expect_bytes(clients[i].wire, buffer_slice(&clients[i].expected));
}

static void open_client(struct client *client, bool redis)
{
    client->wire = daemon_connect(server);
    client->redis = redis;
}

/* One goes, sometimes in the middle of asking and watching, and comes back with the other face. */
static void replace_one(void)
{
    struct client *client = &clients[chance_below(&chance, CLIENTS)];
    if (client->redis)
        array_say(client->wire, "WATCH n0 n1");
    wire_say(client->wire, "SCAN \"\"\nGET a\nPUT unfinished ");
    if (chance_below(&chance, 2) == 0)
        wire_reset(client->wire);
    else
        wire_close(client->wire);
    open_client(client, !client->redis);
}

/* What the server tells of itself and does beside the requests; the replies only have to come. */
static void look_around(struct wire *looker, struct wire *follower)
{
    static const char *const asked[] = {
        "INFO\n",       "SCAN \"\"\n",         "COMPACT\n", "SNAPSHOT TTL 1\n", "SIZE \"\"\n",
        "COUNT \"\"\n", "LIST \"\" DELIM :\n", "SYNC\n",    "DELPREFIX x\n",
    };
    const char *request = asked[chance_below(&chance, sizeof(asked) / sizeof(asked[0]))];
    struct slice ending;
    wire_say(looker, request);
    wire_skip_reply(looker, &ending);
    cr_assert(ending.data[0] == 'O' || slice_has_prefix(ending, SLICE("ERR LIMIT")), "%s%.*s",
              request, (int)ending.len, ending.data);
    while (wire_ready(follower) && wire_has_line(follower))
        wire_line(follower);
}

Test(busy, daemon_tells_each_of_sixteen_clients_what_is_theirs)
{
    uint64_t rounds = rounds_choose(100, 20000);
    uint64_t seed = rounds_seed();
    chance.state = seed;
    struct wire *looker = daemon_connect(server);
    struct wire *follower = daemon_connect(server);
    struct wire *redis = daemon_connect(server);
    wire_say(follower, "FOLLOW k\n");
    for (int i = 0; i < CLIENTS; i++)
        open_client(&clients[i], i % 2 == 1);
    for (uint64_t round = 0; round < rounds; round++) {
        run_round();
        look_around(looker, follower);
        array_ask(redis, "EXISTS nothing", ":0\r\n");
        array_say(redis, round % 2 == 0 ? "CLIENT LIST" : "INFO");
        cr_assert_eq(value_next(redis).type, '$');
        if (chance_below(&chance, 4) == 0)
            replace_one();
    }
    /* The server stops while all are asking. */
    for (int i = 0; i < CLIENTS; i++)
        wire_send(clients[i].wire, buffer_slice(&clients[i].asked));
    daemon_stop(server);
    cr_assert(strstr(daemon_log(server), "Sanitizer") == NULL, "%s", daemon_log(server));
    rounds_tell("seed %llu: %d clients asked %llu requests, each told what is its own; no report",
                (unsigned long long)seed, CLIENTS, (unsigned long long)total);
    for (int i = 0; i < CLIENTS; i++)
        wire_close(clients[i].wire);
    wire_close(looker);
    wire_close(follower);
    wire_close(redis);
}
