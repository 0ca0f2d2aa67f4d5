/*
 * Leveret's own operations as Redis clients call them: LEVERET.NAME.
 */
#include <criterion/criterion.h>
#include <stdio.h>

#include "protocol/quote.h"
#include "protocol/reply.h"
#include "tests/lib/chance.h"
#include "tests/lib/daemon.h"
#include "tests/lib/report.h"
#include "tests/system/array.h"
#include "tests/system/value.h"

static struct daemon *server;
static struct wire *wire;

static void start(void)
{
    server = daemon_new();
    daemon_start(server, "--sync", "never", NULL);
    wire = daemon_connect(server);
}

static void stop(void)
{
    wire_close(wire);
    daemon_stop(server);
    daemon_free(server);
}

TestSuite(leveret, .init = start, .fini = stop, .timeout = 120);

/* Words, and what redis-cli would print of the reply. */
static void ask(const char *words, const char *printed)
{
    struct buffer out = {0};
    array_say(wire, words);
    value_print(wire, &out);
    report_equal(words, buffer_slice(&out), slice_from_string(printed));
    buffer_fini(&out);
}

Test(leveret, put_and_get_have_the_conditions_of_the_line_face)
{
    ask("LEVERET.PUT a 1", "OK\n");
    ask("leveret.put a 2 NX", "(error) CONFLICT a\n");
    ask("LEVERET.PUT a 2 IFEQ 1", "OK\n");
    ask("LEVERET.PUT b 2 XX", "(error) CONFLICT b\n");
    ask("LEVERET.GET a", "\"2\"\n");
    ask("LEVERET.GET b", "(nil)\n");
    ask("LEVERET.DELIFEQ a 1", "(error) CONFLICT a\n");
    ask("LEVERET.DELIFEQ a 2", "OK\n");
    ask("GET a", "(nil)\n");
    ask("LEVERET.SYNC", "OK\n");
}

Test(leveret, scan_answers_where_to_go_on_and_the_rows)
{
    wire_ask(wire, "MPUT s:a 1 s:b '' s:c 3\n", "OK\n");
    ask("LEVERET.SCAN s:", "1) (nil)\n2) 1) \"s:a\"\n   2) \"1\"\n   3) \"s:b\"\n   4) \"\"\n"
                           "   5) \"s:c\"\n   6) \"3\"\n");
    ask("LEVERET.SCAN s: LIMIT 2 KEYS", "1) \"s:b\"\n2) 1) \"s:a\"\n   2) \"s:b\"\n");
    ask("LEVERET.SCAN s: AFTER s:b VALUES", "1) (nil)\n2) 1) \"3\"\n");
    ask("LEVERET.SCAN s: REVERSE BYTES 1 KEYS", "1) \"s:c\"\n2) 1) \"s:c\"\n");
    ask("LEVERET.SCAN t:", "1) (nil)\n2) (empty array)\n");
}

Test(leveret, ranges_are_counted_listed_and_deleted)
{
    wire_ask(wire, "MPUT s:a:1 1 s:a:2 2 s:b 3 t 4\n", "OK\n");
    ask("LEVERET.COUNT s:", "(integer) 3\n");
    ask("LEVERET.COUNT s: FROM s:a:2 LIMIT 1", "(integer) 1\n");
    ask("LEVERET.LIST s:", "1) (nil)\n2) 1) \"s:a:\"\n   2) \"s:b\"\n");
    ask("LEVERET.LIST s: LIMIT 1", "1) \"s:a:\"\n2) 1) \"s:a:\"\n");
    ask("LEVERET.LIST u:", "1) (nil)\n2) (empty array)\n");
    ask("LEVERET.SIZE s:", "(integer) 0\n"); /* nothing of it is in a table yet */
    ask("LEVERET.DELPREFIX s: DRYRUN", "(integer) 3\n");
    ask("LEVERET.DELPREFIX s:", "(integer) 3\n");
    ask("LEVERET.COMPACT", "OK\n");
    ask("LEVERET.COMPACT s:", "OK\n");
    ask("LEVERET.SCAN ''", "1) (nil)\n2) 1) \"t\"\n   2) \"4\"\n");
    ask("LEVERET.PROPERTY leveldb.num-files-at-level6", "\"0\"\n");
}

Test(leveret, snapshot_is_read_at)
{
    char words[64];
    struct buffer id = {0};
    wire_ask(wire, "MPUT a 1 b 2\n", "OK\n");
    array_say(wire, "LEVERET.SNAPSHOT TTL 60");
    buffer_append_slice(&id, value_next(wire).text);
    buffer_append_byte(&id, '\0');
    wire_ask(wire, "DEL a\n", "OK 1\n");
    snprintf(words, sizeof(words), "LEVERET.GET a AT %s", id.data);
    ask(words, "\"1\"\n");
    snprintf(words, sizeof(words), "LEVERET.SCAN '' KEYS AT %s", id.data);
    ask(words, "1) (nil)\n2) 1) \"a\"\n   2) \"b\"\n");
    snprintf(words, sizeof(words), "LEVERET.COUNT '' AT %s", id.data);
    ask(words, "(integer) 2\n");
    snprintf(words, sizeof(words), "LEVERET.RELEASE %s", id.data);
    ask(words, "OK\n");
    ask(words, "(error) SNAPSHOT the snapshot is unknown, released or expired\n");
    buffer_fini(&id);
}

Test(leveret, errors_begin_with_the_code_and_name_the_command_as_it_was_called)
{
    ask("LEVERET.DELIFEQ a", "(error) ARGS usage: LEVERET.DELIFEQ key old\n");
    ask("LEVERET.SYNC a", "(error) ARGS usage: LEVERET.SYNC\n");
    ask("LEVERET.GET a b", "(error) BADARG b is no word of LEVERET.GET; usage: LEVERET.GET key "
                           "[AT snapshot] [VERIFY] [NOCACHE]\n");
    ask("LEVERET.SCAN a LIMIT -1",
        "(error) BADARG LIMIT takes a whole number from 1 to 9223372036854775807\n");
    ask("LEVERET.PUT a b OR c",
        "(error) BADARG behind the value comes NX, XX or IFEQ old; quote a value with spaces\n");
    wire_ask(wire, "GET a b\n",
             "ERR BADARG \"b is no word of GET; usage: GET key [AT snapshot] "
             "[VERIFY] [NOCACHE]\"\n");
}

/* What Redis has an own way for, and what never ends, is not served twice. */
Test(leveret, commands_that_redis_has_are_unknown)
{
    static const char *const names[] = {"",      "MGET",  "EXISTS", "MPUT",  "DEL", "INCR",
                                        "BEGIN", "CHECK", "COMMIT", "ABORT", "USE", "FOLLOW",
                                        "PING",  "HELP",  "INFO",   "QUIT",  "FROB"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        char words[64];
        char printed[128];
        snprintf(words, sizeof(words), "LEVERET.%s a", names[i]);
        snprintf(printed, sizeof(printed),
                 "(error) ERR unknown command 'LEVERET.%s', with args beginning with: 'a' \n",
                 names[i]);
        ask(words, printed);
    }
}

Test(leveret, commands_do_not_stand_in_a_transaction)
{
    ask("MULTI", "OK\n");
    ask("LEVERET.PUT a 1", "(error) ERR LEVERET.PUT cannot stand in a transaction here\n");
    ask("PING", "QUEUED\n");
    ask("EXEC", "(error) EXECABORT Transaction discarded because of previous errors.\n");
    ask("LEVERET.GET a", "(nil)\n");
    ask("MULTI", "OK\n");
    ask("leveret.scan", "(error) ERR leveret.scan cannot stand in a transaction here\n");
    ask("DISCARD", "OK\n");
    ask("LEVERET.COUNT ''", "(integer) 0\n");
}

/* Pages ------------------------------------------------------------------------------ */

#define ROWS 100000
#define LONGEST_KEY 20
#define LONGEST_VALUE 300

static void append_random(struct buffer *out, struct chance *chance, size_t longest)
{
    char bytes[LONGEST_VALUE];
    size_t len = chance_below(chance, longest + 1);
    chance_bytes(chance, bytes, len);
    buffer_append_byte(out, '$');
    buffer_append_u64(out, len);
    buffer_append_string(out, "\r\n");
    buffer_append(out, bytes, len);
    buffer_append_string(out, "\r\n");
}

static void put_random_rows(void)
{
    struct chance chance = {1};
    struct buffer requests = {0};
    for (unsigned i = 0; i < ROWS; i++) {
        buffer_append_string(&requests, "*3\r\n$11\r\nLEVERET.PUT\r\n");
        append_random(&requests, &chance, LONGEST_KEY);
        append_random(&requests, &chance, LONGEST_VALUE);
        if (requests.len < 256 * 1024 && i + 1 < ROWS)
            continue;
        array_append(&requests, SLICE("PING"));
        wire_send(wire, buffer_slice(&requests));
        while (slice_equal(value_next(wire).text, SLICE("OK")))
            ;
        buffer_clear(&requests);
    }
    buffer_fini(&requests);
}

/* Appends the parts of a page, two a line, as the line face prints them. */
static void append_rows(struct buffer *out, int64_t parts, int64_t parts_a_row)
{
    for (int64_t i = 0; i < parts; i++) {
        quote_append(out, value_next(wire).text);
        buffer_append_byte(out, i % parts_a_row == parts_a_row - 1 ? '\n' : ' ');
    }
}

/* The rows of the scan, a page after the other; how many pages. */
static unsigned scan_by_page(struct buffer *out, const char *words, const char *resume)
{
    struct buffer request = {0};
    bool more = true;
    unsigned pages = 0;
    int64_t parts_a_row = strstr(words, "KEYS") != NULL ? 1 : 2;
    buffer_append_string(&request, words);
    for (; more; pages++) {
        buffer_append_byte(&request, '\0');
        array_say(wire, request.data);
        struct value page = value_next(wire);
        cr_assert(page.type == '*' && page.number == 2);
        struct value last = value_next(wire);
        more = last.number >= 0;
        buffer_clear(&request);
        buffer_append_string(&request, words);
        buffer_append_string(&request, resume);
        quote_append(&request, more ? last.text : SLICE(""));
        struct value parts = value_next(wire);
        cr_assert(!more || parts.number > 0);
        append_rows(out, parts.number, parts_a_row);
    }
    buffer_fini(&request);
    return pages;
}

/* The rows of the same scan in the line face. */
static void scan_in_one(struct buffer *out, const char *request)
{
    wire_say(wire, request);
    struct slice line = wire_line(wire);
    for (; line.data[0] == '"'; line = wire_line(wire))
        buffer_append_slice(out, line);
    cr_assert(slice_has_prefix(line, SLICE("OK ")));
}

static void expect_same(const char *words, const char *resume, const char *request, unsigned least)
{
    struct buffer pages = {0};
    struct buffer whole = {0};
    unsigned count = scan_by_page(&pages, words, resume);
    scan_in_one(&whole, request);
    cr_assert(count >= least, "only %u pages", count);
    report_equal(words, buffer_slice(&pages), buffer_slice(&whole));
    buffer_fini(&pages);
    buffer_fini(&whole);
}

Test(leveret, pages_to_the_end_are_the_scan_of_the_line_face)
{
    put_random_rows();
    expect_same("LEVERET.SCAN ''", " AFTER ", "SCAN ''\n", 10);
    expect_same("LEVERET.SCAN '' REVERSE", " TO ", "SCAN '' REVERSE\n", 10);
    expect_same("LEVERET.SCAN '' KEYS", " AFTER ", "SCAN '' KEYS\n", 2);
    expect_same("LEVERET.SCAN '' LIMIT 900", " AFTER ", "SCAN ''\n", 100);
    expect_same("LEVERET.SCAN '' BYTES 100000 TO m", " AFTER ", "SCAN '' TO m\n", 20);
    expect_same("LEVERET.SCAN k", " AFTER ", "SCAN k\n", 1);
}

Test(leveret, page_ends_behind_the_row_that_makes_it_a_mebibyte)
{
    char value[4096];
    memset(value, 'v', sizeof(value));
    struct buffer request = {0};
    for (unsigned i = 0; i < 300; i++) {
        char head[64];
        snprintf(head, sizeof(head), "PUT k%03u ", i);
        buffer_append_string(&request, head);
        buffer_append(&request, value, sizeof(value));
        buffer_append_byte(&request, '\n');
    }
    wire_send(wire, buffer_slice(&request));
    for (unsigned i = 0; i < 300; i++)
        wire_expect(wire, "OK\n");
    array_say(wire, "LEVERET.SCAN k");
    cr_assert_eq(value_next(wire).number, 2);
    report_equal("the last key", value_next(wire).text, SLICE("k254"));
    cr_assert_eq(value_next(wire).number, 2 * 255);
    for (unsigned i = 0; i < 2 * 255; i++)
        value_next(wire);
    ask("LEVERET.COUNT k", "(integer) 300\n"); /* a number is no page */
    buffer_fini(&request);
}
