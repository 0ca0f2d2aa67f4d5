/*
 * Where leveretd means to differ from Redis: each line of the list in PROTOCOL.md that a reply can
 * show, with the reply of either. One that stops to differ fails here, and belongs into compare.c.
 */
#include <criterion/criterion.h>
#include <stdio.h>

#include "tests/interop/reference.h"
#include "tests/interop/value.h"
#include "tests/interop/words.h"
#include "tests/lib/daemon.h"
#include "tests/lib/report.h"

static const struct difference {
    const char *why;
    const char *requests; /* words with spaces between; a semicolon ends a request */
    const char *redis;    /* to the last of them */
    const char *leveret;
} differences[] = {
    {"a cursor is one that was given out, not any number", "SCAN 17", "*2\r\n$1\r\n0\r\n*0\r\n",
     "-ERR the cursor is unknown or no longer kept; begin again with 0\r\n"},
    {"there is no expiry", "SET k v EX 10", "+OK\r\n",
     "-ERR keys do not expire here, so SET takes no EX\r\n"},
    {"this cannot be queued", "MULTI ; DBSIZE", "+QUEUED\r\n",
     "-ERR DBSIZE cannot stand in a transaction here\r\n"},
    {"there is FOLLOW instead", "MONITOR", "+OK\r\n",
     "-ERR MONITOR is not served; FOLLOW, a line command, streams changes\r\n"},
    {"settings are those of the command line", "CONFIG SET maxmemory 0", "+OK\r\n",
     "-ERR CONFIG SET failed (possibly related to argument 'maxmemory') - can't set immutable "
     "config\r\n"},
    {"deleting everything must be allowed first", "FLUSHALL", "+OK\r\n",
     "-ERR deleting everything is not allowed here; leveretd --allow-flush yes would allow it\r\n"},
    {"HELLO acts when all of it is right, as in later Redis", "HELLO 3 AUTH x y z",
     "-WRONGPASS invalid username-password pair or user is disabled.\r\n",
     "-ERR Syntax error in HELLO option 'z'\r\n"},
    {"libraries introduce themselves, as in later Redis", "CLIENT SETINFO lib-name x",
     "-ERR unknown subcommand 'SETINFO'. Try CLIENT HELP.\r\n", "+OK\r\n"},
    {"there are Leveret's own commands", "LEVERET.COUNT a",
     "-ERR unknown command 'LEVERET.COUNT', with args beginning with: 'a' \r\n", ":0\r\n"},
};

static struct daemon *server;
static struct reference *reference;

static void prepare(void)
{
    server = daemon_run();
    reference = reference_run(daemon_directory(server));
}

static void stop(void)
{
    reference_free(reference);
    daemon_free(server);
}

TestSuite(differences, .init = prepare, .fini = stop, .timeout = 60);

/* Takes one request off *text. */
static void take_request(const char **text, struct words *words)
{
    words->count = 0;
    while (**text != '\0' && **text != ';') {
        size_t len = strcspn(*text, " ");
        words_add(words, slice_of(*text, len));
        *text += len + strspn(*text + len, " ");
    }
    *text += strspn(*text, "; ");
}

/* The reply to the last of the requests. */
static struct slice ask(struct wire *wire, const char *requests)
{
    static struct words words;
    struct slice reply = SLICE("");
    while (*requests != '\0') {
        struct buffer bytes = {0};
        take_request(&requests, &words);
        words_append(&words, &bytes);
        wire_send(wire, buffer_slice(&bytes));
        reply = wire_measured(wire, value_length);
        buffer_fini(&bytes);
    }
    return reply;
}

static void expect(struct wire *wire, const struct difference *difference, const char *reply)
{
    char what[200];
    snprintf(what, sizeof(what), "%s: %s", difference->why, difference->requests);
    report_equal(what, ask(wire, difference->requests), slice_from_string(reply));
    wire_close(wire);
}

Test(differences, each_of_the_list_is_one_and_is_as_it_is_told)
{
    for (size_t i = 0; i < sizeof(differences) / sizeof(differences[0]); i++) {
        const struct difference *difference = &differences[i];
        cr_assert_str_neq(difference->redis, difference->leveret);
        expect(reference_connect(reference), difference, difference->redis);
        expect(daemon_connect(server), difference, difference->leveret);
    }
}

/* Appends `SET key value` with a key of so many bytes. */
static void append_set(struct buffer *bytes, size_t len)
{
    struct words words = {0};
    words_begin(&words, "SET");
    words_say(&words, "");
    for (size_t i = 0; i < len; i++)
        buffer_append_byte(&words.items[1], 'k');
    words_say(&words, "value");
    words_append(&words, bytes);
    words_fini(&words);
}

Test(differences, a_key_is_at_most_64_kib_long)
{
    struct wire *redis = reference_connect(reference);
    struct wire *leveret = daemon_connect(server);
    struct buffer longest = {0};
    struct buffer longer = {0};
    append_set(&longest, 65536);
    append_set(&longer, 65537);
    wire_send(redis, buffer_slice(&longer));
    wire_expect(redis, "+OK\r\n");
    wire_send(leveret, buffer_slice(&longest));
    wire_expect(leveret, "+OK\r\n");
    wire_send(leveret, buffer_slice(&longer));
    wire_expect(leveret, "-LIMIT the key is longer than 64 KiB\r\n");
    buffer_fini(&longest);
    buffer_fini(&longer);
    wire_close(redis);
    wire_close(leveret);
}

Test(differences, what_is_typed_without_an_array_is_a_line)
{
    struct wire *redis = reference_connect(reference);
    struct wire *leveret = daemon_connect(server);
    wire_ask(redis, "GET nothing\r\n", "$-1\r\n");
    wire_ask(leveret, "GET nothing\r\n", "NOT_FOUND\r\n");
    wire_close(redis);
    wire_close(leveret);
}
