/*
 * SCAN, as Redis clients send it. Rows come in through the line face, on the same port.
 */
#include <criterion/criterion.h>
#include <stdio.h>

#include "server/commands/redis/cursor.h"
#include "tests/lib/chance.h"
#include "tests/lib/report.h"
#include "tests/lib/shell.h"
#include "tests/system/array.h"
#include "tests/system/load.h"
#include "tests/system/page.h"

static struct daemon *server;
static struct wire *wire;

static void start(void)
{
    server = daemon_run();
    wire = daemon_connect(server);
}

static void stop(void)
{
    wire_close(wire);
    daemon_free(server);
}

TestSuite(redis_scan, .init = start, .fini = stop, .timeout = 120);

static void restart_with(const char *option, const char *value)
{
    wire_close(wire);
    daemon_stop(server);
    daemon_start(server, option, value, NULL);
    wire = daemon_connect(server);
}

static void ask(const char *words, const char *reply)
{
    array_ask(wire, words, reply);
}

static uint32_t ask_page(struct wire *from, uint32_t cursor, const char *options, uint64_t *keys)
{
    char words[128];
    snprintf(words, sizeof(words), "SCAN %u%s", cursor, options);
    array_say(from, words);
    return page_take(from, keys);
}

/* A page of one key, which must be this one. */
static uint32_t step(struct wire *from, uint32_t cursor, const char *key)
{
    uint64_t keys = 0;
    uint32_t next = ask_page(from, cursor, " COUNT 1", &keys);
    cr_assert_eq(keys, 1);
    report_equal("key", page_bulk(from), slice_from_string(key));
    return next;
}

/* SCAN ------------------------------------------------------------------------------- */

Test(redis_scan, of_nothing_is_one_empty_page)
{
    ask("SCAN 0", "*2\r\n$1\r\n0\r\n*0\r\n");
}

Test(redis_scan, comes_in_the_order_of_the_keys_and_ends_with_cursor_0)
{
    wire_ask(wire, "MPUT c 3 '' 0 a 1 \"\\xff\" 4 b 2\n", "OK\n");
    ask("SCAN 0",
        "*2\r\n$1\r\n0\r\n*5\r\n$0\r\n\r\n$1\r\na\r\n$1\r\nb\r\n$1\r\nc\r\n$1\r\n\xff\r\n");
    ask("scan 0 count 5",
        "*2\r\n$1\r\n0\r\n*5\r\n$0\r\n\r\n$1\r\na\r\n$1\r\nb\r\n$1\r\nc\r\n$1\r\n\xff\r\n");
    ask("SCAN 0 MATCH [bc] COUNT 100", "*2\r\n$1\r\n0\r\n*2\r\n$1\r\nb\r\n$1\r\nc\r\n");
    ask("SCAN 0 MATCH [bc] MATCH a TYPE STRING", "*2\r\n$1\r\n0\r\n*1\r\n$1\r\na\r\n");
    ask("SCAN 0 MATCH ''", "*2\r\n$1\r\n0\r\n*1\r\n$0\r\n\r\n");
    ask("SCAN 0 TYPE list", "*2\r\n$1\r\n0\r\n*0\r\n");
}

/* Byte for byte what redis-server 7.0 answers. */
Test(redis_scan, refuses_what_redis_refuses)
{
    static const char syntax[] = "-ERR syntax error\r\n";
    static const char number[] = "-ERR value is not an integer or out of range\r\n";
    static const char cursor[] = "-ERR invalid cursor\r\n";
    ask("SCAN", "-ERR wrong number of arguments for 'scan' command\r\n");
    ask("SCAN abc", cursor);
    ask("SCAN abc COUNT", cursor);
    ask("SCAN 18446744073709551616", cursor);
    ask("SCAN 0 COUNT", syntax);
    ask("SCAN 0 COUNT 0", syntax);
    ask("SCAN 0 COUNT -1", syntax);
    ask("SCAN 0 COUNT many", number);
    ask("SCAN 0 COUNT 010", number);
    ask("SCAN 0 COUNT -0", number);
    ask("SCAN 0 COUNT 9223372036854775808", number);
    ask("SCAN 0 MATCH", syntax);
    ask("SCAN 0 TYPE", syntax);
    ask("SCAN 0 FROM a", syntax);
    ask("SCAN 0 COUNT 1 MATCH", syntax);
}

Test(redis_scan, refuses_a_pattern_that_would_take_long_to_match)
{
    char words[1200] = "SCAN 0 MATCH *";
    memset(words + 14, 'a', 1024);
    ask(words, "-ERR the pattern is longer than 1 KiB behind its literal head\r\n");
    words[13 + 1024] = '\0';
    ask(words, "*2\r\n$1\r\n0\r\n*0\r\n");
}

/* COUNT is keys looked at: were those before the head looked at too, the first pages would be
 * empty. */
Test(redis_scan, with_a_literal_head_looks_at_nothing_else)
{
    load_rows(wire, 1000, 20);
    wire_ask(wire, "MPUT x:1 a x:2 b x:3 c\n", "OK\n");
    ask("SCAN 0 MATCH x:* COUNT 3",
        "*2\r\n$1\r\n0\r\n*3\r\n$3\r\nx:1\r\n$3\r\nx:2\r\n$3\r\nx:3\r\n");
    ask("SCAN 0 MATCH x:2 COUNT 1", "*2\r\n$1\r\n0\r\n*1\r\n$3\r\nx:2\r\n");
    uint64_t keys = 1;
    cr_assert_neq(ask_page(wire, 0, " MATCH *:2 COUNT 1000", &keys), 0);
    cr_assert_eq(keys, 0);
}

/* Cursors ---------------------------------------------------------------------------- */

Test(redis_scan, goes_on_behind_a_key_that_is_gone_and_before_one_that_came)
{
    wire_ask(wire, "MPUT a 1 b 2 d 3\n", "OK\n");
    uint32_t cursor = step(wire, 0, "a");
    cursor = step(wire, cursor, "b");
    wire_ask(wire, "DEL b\nPUT aa 1\nPUT c 1\n", "OK 1\nOK\nOK\n");
    cursor = step(wire, cursor, "c");
    cr_assert_eq(step(wire, cursor, "d"), 0);
}

Test(redis_scan, goes_on_as_often_as_asked_and_on_any_connection)
{
    struct wire *other = daemon_connect(server);
    wire_ask(wire, "MPUT a 1 b 2 c 3 d 4\n", "OK\n");
    uint32_t cursor = step(wire, 0, "a");
    uint32_t one = step(wire, cursor, "b");
    uint32_t two = step(other, cursor, "b");
    cr_assert_neq(one, two);
    wire_close(wire);
    wire = daemon_connect(server);
    step(wire, one, "c");
    step(other, two, "c");
    wire_close(other);
}

static const char unknown[] =
    "-ERR the cursor is unknown or no longer kept; begin again with 0\r\n";

static void expect_unknown(uint32_t cursor)
{
    char words[32];
    snprintf(words, sizeof(words), "SCAN %u", cursor);
    ask(words, unknown);
}

Test(redis_scan, with_a_cursor_that_is_not_kept_never_begins_anew)
{
    uint64_t keys = 0;
    wire_ask(wire, "MPUT a 1 b 2 c 3\n", "OK\n");
    ask("SCAN -1", unknown);
    ask("SCAN 4294967296", unknown);
    uint32_t cursor = step(wire, 0, "a");
    uint32_t used = step(wire, 0, "a");
    step(wire, used, "b");
    expect_unknown(cursor ^ 1024);
    for (size_t i = 0; i < CURSORS_MOST; i++)
        array_say(wire, "SCAN 0 COUNT 1");
    for (size_t i = 0; i < CURSORS_MOST; i++) {
        cr_assert_neq(page_take(wire, &keys), 0);
        cr_assert_eq(keys, 1);
        page_bulk(wire);
    }
    expect_unknown(used);
    expect_unknown(cursor);
}

Test(redis_scan, with_a_cursor_of_before_a_restart_never_begins_anew)
{
    wire_ask(wire, "MPUT a 1 b 2\n", "OK\n");
    uint32_t cursor = step(wire, 0, "a");
    restart_with("--workers", "1");
    expect_unknown(cursor);
}

/* Many ------------------------------------------------------------------------------- */

#define MANY 100000

/* Puts and deletes keys that come between those of load_rows, anywhere. */
static void disturb(struct wire *writer, struct chance *chance, struct buffer *requests)
{
    char text[64];
    buffer_clear(requests);
    for (unsigned i = 0; i < 5; i++) {
        unsigned put = (unsigned)chance_below(chance, MANY);
        unsigned del = (unsigned)chance_below(chance, MANY);
        snprintf(text, sizeof(text), "PUT k%08u+ %u\nDEL k%08u+\n", put, put, del);
        buffer_append_string(requests, text);
    }
    wire_send(writer, buffer_slice(requests));
    for (unsigned i = 0; i < 5; i++) {
        wire_expect(writer, "OK\n");
        wire_expect(writer, "OK ");
        wire_line(writer);
    }
}

/* Notes the keys of a page: those that are there throughout must come in order, with none left
 * out. */
static void take_keys(uint64_t keys, unsigned *next, char *last, unsigned *others)
{
    char expected[16];
    for (uint64_t i = 0; i < keys; i++) {
        struct slice key = page_bulk(wire);
        cr_assert(slice_compare(slice_from_string(last), key) < 0, "%s", report_show(key));
        memcpy(last, key.data, key.len);
        last[key.len] = '\0';
        if (key.data[key.len - 1] == '+') {
            ++*others;
            continue;
        }
        snprintf(expected, sizeof(expected), "k%08u", (*next)++);
        report_equal("key", key, slice_from_string(expected));
    }
}

Test(redis_scan, finds_each_key_that_stays_exactly_once_while_others_come_and_go)
{
    struct chance chance = {3};
    struct buffer requests = {0};
    char last[32] = "";
    unsigned next = 0;
    unsigned others = 0;
    uint32_t cursor = 0;
    restart_with("--sync", "never");
    struct wire *writer = daemon_connect(server);
    load_rows(writer, MANY, 20);
    do {
        uint64_t keys = 0;
        cursor = ask_page(wire, cursor, " COUNT 50", &keys);
        take_keys(keys, &next, last, &others);
        disturb(writer, &chance, &requests);
        if (cursor != 0 && last[9] == '+') { /* the cursor's own key goes */
            buffer_clear(&requests);
            buffer_append_string(&requests, "DEL ");
            buffer_append_string(&requests, last);
            buffer_append_byte(&requests, '\n');
            wire_send(writer, buffer_slice(&requests));
            wire_expect(writer, "OK ");
            wire_line(writer);
        }
    } while (cursor != 0);
    cr_assert_eq(next, MANY);
    cr_assert(others > 100, "only %u others were met", others);
    buffer_fini(&requests);
    wire_close(writer);
}

Test(redis_scan, of_large_keys_is_bounded_in_bytes)
{
    uint64_t keys = 0;
    uint64_t sum = 0;
    uint32_t cursor = 0;
    load_long_keys(wire, 1100);
    do {
        cursor = ask_page(wire, cursor, " COUNT 1000000", &keys);
        cr_assert(keys > 0 && keys <= 16, "%llu keys", (unsigned long long)keys);
        for (uint64_t i = 0; i < keys; i++)
            page_bulk(wire);
        sum += keys;
    } while (cursor != 0);
    cr_assert_eq(sum, 1100);
}

/* redis-cli ----------------------------------------------------------------------------- */

Test(redis_scan, serves_the_scans_of_redis_cli)
{
    load_rows(wire, 1000, 20);
    wire_ask(wire, "MPUT book:1 a book:2 b book:3 c bookend 1\n", "OK\n");
    shell_expect(0, "book:1\nbook:2\nbook:3\n", "redis-cli -p %d --scan --pattern 'book:*'",
                 daemon_port(server));
    shell_expect(0, "1004\n", "redis-cli -p %d --scan | sort -u | wc -l", daemon_port(server));
}
