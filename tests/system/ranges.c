/*
 * SCAN and COUNT against a model: every way to combine prefix, bounds, direction and limit, at the
 * places where stores go wrong (empty prefixes, 0xff, a key equal to its prefix).
 */
#include <criterion/criterion.h>

#include "protocol/quote.h"
#include "tests/lib/chance.h"
#include "tests/lib/daemon.h"
#include "tests/lib/report.h"
#include "tests/system/model.h"

TestSuite(ranges, .timeout = 120);

/* A daemon and a model that hold the same rows. */
struct pair {
    struct daemon *server;
    struct wire *wire;
    struct model model;
};

static void open_pair(struct pair *pair)
{
    pair->server = daemon_run();
    pair->wire = daemon_connect(pair->server);
    pair->model = (struct model){0};
}

static void close_pair(struct pair *pair)
{
    wire_close(pair->wire);
    daemon_free(pair->server);
    model_fini(&pair->model);
}

/* Puts all that the model holds into the daemon, in one pipeline. */
static void load(struct pair *pair)
{
    struct buffer requests = {0};
    for (size_t i = 0; i < pair->model.count; i++) {
        buffer_append_string(&requests, "PUT ");
        quote_append(&requests, buffer_slice(&pair->model.rows[i].key));
        buffer_append_byte(&requests, ' ');
        quote_append(&requests, buffer_slice(&pair->model.rows[i].value));
        buffer_append_byte(&requests, '\n');
    }
    wire_send(pair->wire, buffer_slice(&requests));
    for (size_t i = 0; i < pair->model.count; i++)
        wire_expect(pair->wire, "OK\n");
    buffer_fini(&requests);
}

static void put_all(struct pair *pair, const struct slice *keys, size_t count)
{
    for (size_t i = 0; i < count; i++)
        model_put(&pair->model, keys[i], keys[i]);
    load(pair);
}

static void expect_query(struct pair *pair, const struct model_query *query)
{
    struct buffer request = {0};
    struct buffer expected = {0};
    model_request(&request, "SCAN", query);
    model_scan(&pair->model, query, &expected);
    wire_send(pair->wire, buffer_slice(&request));
    wire_expect_bytes(pair->wire, buffer_slice(&expected));
    if (query->part == NULL) {
        buffer_clear(&request);
        buffer_clear(&expected);
        model_request(&request, "COUNT", query);
        model_count(&pair->model, query, &expected);
        wire_send(pair->wire, buffer_slice(&request));
        wire_expect_bytes(pair->wire, buffer_slice(&expected));
    }
    buffer_fini(&request);
    buffer_fini(&expected);
}

static const char *const low_words[] = {NULL, "FROM", "AFTER"};
static const char *const high_words[] = {NULL, "TO", "THROUGH"};

/* One prefix and one pair of bounds, in both directions, with every pair of bound words. */
static void expect_words(struct pair *pair, struct model_query query)
{
    for (int word = 0; word < 9; word++) {
        query.low_word = low_words[word / 3];
        query.high_word = high_words[word % 3];
        query.reverse = false;
        expect_query(pair, &query);
        query.reverse = true;
        expect_query(pair, &query);
    }
}

/* Every bound around which a prefix can go wrong. */
static void expect_prefix(struct pair *pair, struct slice prefix, const struct slice *bounds,
                          size_t count)
{
    for (size_t low = 0; low < count; low++)
        for (size_t high = 0; high < count; high++)
            expect_words(pair, (struct model_query){
                                   .prefix = prefix, .low = bounds[low], .high = bounds[high]});
}

Test(ranges, stand_at_the_edges_of_every_prefix)
{
    static const struct slice keys[] = {
        SLICE(""),           SLICE("\0"),         SLICE("\0\0"),
        SLICE("\x01"),       SLICE("a"),          SLICE("a\0"),
        SLICE("a\xff"),      SLICE("a\xff\0"),    SLICE("a\xff\xff"),
        SLICE("a\xff\xffz"), SLICE("b"),          SLICE("\xfe\xff"),
        SLICE("\xff"),       SLICE("\xff\0"),     SLICE("\xff\xfe\xff"),
        SLICE("\xff\xff"),   SLICE("\xff\xff\0"), SLICE("\xff\xff\xff"),
    };
    static const struct slice prefixes[] = {
        SLICE(""),          SLICE("\0"),
        SLICE("a"),         SLICE("a\xff"),
        SLICE("a\xff\xff"), SLICE("\xfe"),
        SLICE("\xfe\xff"),  SLICE("\xff"),
        SLICE("\xff\xff"),  SLICE("\xff\xff\xff\xff"),
        SLICE("nothing"),
    };
    static const struct slice bounds[] = {
        SLICE(""), SLICE("a"), SLICE("a\xff"), SLICE("b"), SLICE("\xff"), SLICE("\xff\xff\xff"),
    };
    struct pair pair;
    open_pair(&pair);
    put_all(&pair, keys, sizeof(keys) / sizeof(keys[0]));
    for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++)
        expect_prefix(&pair, prefixes[i], bounds, sizeof(bounds) / sizeof(bounds[0]));
    close_pair(&pair);
}

Test(ranges, of_an_empty_store_are_empty)
{
    static const struct slice prefixes[] = {SLICE(""), SLICE("a"), SLICE("\xff"), SLICE("\0")};
    struct pair pair;
    open_pair(&pair);
    for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++)
        expect_words(&pair, (struct model_query){
                                .prefix = prefixes[i], .low = SLICE("a"), .high = SLICE("b")});
    close_pair(&pair);
}

/* A short key over an alphabet small enough that prefixes and equal keys are common. */
static struct slice any_key(struct chance *chance, char *into, size_t most)
{
    static const char alphabet[] = {'\0', '\x01', 'a', 'b', ':', '"', '\n', '\x7f', '\xfe', '\xff'};
    size_t len = chance_below(chance, most + 1);
    for (size_t i = 0; i < len; i++)
        into[i] = alphabet[chance_below(chance, sizeof(alphabet))];
    return slice_of(into, len);
}

static void fill(struct pair *pair, struct chance *chance, unsigned count)
{
    char key[6];
    char value[24];
    for (unsigned i = 0; i < count; i++) {
        size_t len = chance_below(chance, sizeof(value));
        chance_bytes(chance, value, len);
        model_put(&pair->model, any_key(chance, key, sizeof(key)), slice_of(value, len));
    }
    load(pair);
}

static void expect_any_query(struct pair *pair, struct chance *chance)
{
    static const char *const parts[] = {NULL, NULL, "KEYS", "VALUES"};
    char prefix[3];
    char low[6];
    char high[6];
    struct model_query query = {
        .prefix = any_key(chance, prefix, sizeof(prefix)),
        .low_word = low_words[chance_below(chance, 3)],
        .low = any_key(chance, low, sizeof(low)),
        .high_word = high_words[chance_below(chance, 3)],
        .high = any_key(chance, high, sizeof(high)),
        .reverse = chance_below(chance, 2) == 1,
        .limit = chance_below(chance, 3) == 0 ? 1 + chance_below(chance, 40) : 0,
        .part = parts[chance_below(chance, 4)],
    };
    expect_query(pair, &query);
}

Test(ranges, agree_with_a_sorted_list_on_random_questions)
{
    struct pair pair;
    struct chance chance = {30};
    open_pair(&pair);
    fill(&pair, &chance, 500);
    for (unsigned round = 0; round < 3000; round++)
        expect_any_query(&pair, &chance);
    close_pair(&pair);
}

/* The same rows from tables on disk, not from memory: iterators behave differently there. */
Test(ranges, agree_after_a_restart)
{
    struct pair pair;
    struct chance chance = {31};
    open_pair(&pair);
    fill(&pair, &chance, 500);
    wire_close(pair.wire);
    daemon_stop(pair.server);
    daemon_start(pair.server, NULL);
    pair.wire = daemon_connect(pair.server);
    for (unsigned round = 0; round < 1000; round++)
        expect_any_query(&pair, &chance);
    close_pair(&pair);
}

/* Pages of a limited scan, resumed as PROTOCOL.md says, are the scan. */
static void expect_pages(struct pair *pair, bool reverse)
{
    struct buffer resumed = {0};
    struct model_query query = {.prefix = SLICE(""), .reverse = reverse, .limit = 7};
    for (size_t seen = 0; seen < pair->model.count; seen += 7) {
        expect_query(pair, &query);
        size_t last = seen + 6 < pair->model.count ? seen + 6 : pair->model.count - 1;
        size_t at = reverse ? pair->model.count - 1 - last : last;
        buffer_clear(&resumed);
        buffer_append_slice(&resumed, buffer_slice(&pair->model.rows[at].key));
        if (reverse) {
            query.high_word = "TO";
            query.high = buffer_slice(&resumed);
        } else {
            query.low_word = "AFTER";
            query.low = buffer_slice(&resumed);
        }
    }
    buffer_fini(&resumed);
}

Test(ranges, are_whole_when_read_page_by_page)
{
    struct pair pair;
    struct chance chance = {32};
    open_pair(&pair);
    fill(&pair, &chance, 300);
    expect_pages(&pair, false);
    expect_pages(&pair, true);
    close_pair(&pair);
}

/* Only what is sent counts, as it is stored: not what escapes add to it. */
Test(ranges, end_behind_the_row_that_fills_the_bytes)
{
    struct daemon *server = daemon_run();
    struct wire *wire = daemon_connect(server);
    wire_ask(wire, "MPUT a 123 b '' c \"\\x00\\xff\" dd 4\n", "OK\n");
    wire_ask(wire, "SCAN '' BYTES 1\n", "\"a\" \"123\"\nOK 1 MORE \"a\"\n");
    wire_ask(wire, "SCAN '' BYTES 4\n", "\"a\" \"123\"\nOK 1 MORE \"a\"\n");
    wire_ask(wire, "SCAN '' BYTES 5\n", "\"a\" \"123\"\n\"b\" \"\"\nOK 2 MORE \"b\"\n");
    wire_ask(wire, "SCAN '' BYTES 3 KEYS\n", "\"a\"\n\"b\"\n\"c\"\nOK 3 MORE \"c\"\n");
    wire_ask(wire, "SCAN b BYTES 1 VALUES\n", "\"\"\nOK 1\n");
    wire_ask(wire, "SCAN '' FROM b BYTES 2 VALUES\n", "\"\"\n\"\\x00\\xFF\"\nOK 2 MORE \"c\"\n");
    wire_ask(wire, "SCAN '' BYTES 4 REVERSE\n",
             "\"dd\" \"4\"\n\"c\" \"\\x00\\xFF\"\nOK 2 MORE \"c\"\n");
    wire_ask(wire, "SCAN '' FROM c BYTES 6\n",
             "\"c\" \"\\x00\\xFF\"\n\"dd\" \"4\"\nOK 2\n"); /* full and at the end */
    wire_ask(wire, "SCAN '' BYTES 100 LIMIT 1 KEYS\n", "\"a\"\nOK 1 MORE \"a\"\n");
    wire_ask(wire, "SCAN '' LIMIT 100 BYTES 1 KEYS\n", "\"a\"\nOK 1 MORE \"a\"\n");
    wire_ask(wire, "SCAN z BYTES 1\n", "OK 0\n");
    wire_ask(wire, "USE d\nSCAN '' BYTES 2\n", "OK \"d\"\n\"d\" \"4\"\nOK 1\n");
    wire_close(wire);
    daemon_free(server);
}

Test(ranges, words_come_in_any_order_and_case)
{
    struct daemon *server = daemon_run();
    struct wire *wire = daemon_connect(server);
    wire_ask(wire, "MPUT a 1 b 2 c 3 d 4\n", "OK\n");
    wire_ask(wire, "SCAN '' LIMIT 2 reverse TO d from b\n", "\"c\" \"3\"\n\"b\" \"2\"\nOK 2\n");
    wire_ask(wire, "scan \"\" keys Through c After a\n", "\"b\"\n\"c\"\nOK 2\n");
    wire_ask(wire, "COUNT '' AFTER b TO b\n", "OK 0\n");
    wire_ask(wire, "SCAN '' FROM b THROUGH b\n", "\"b\" \"2\"\nOK 1\n");
    wire_ask(wire, "SCAN '' LIMIT 9223372036854775807\n",
             "\"a\" \"1\"\n\"b\" \"2\"\n\"c\" \"3\"\n\"d\" \"4\"\nOK 4\n");
    wire_ask(wire, "SCAN '' LIMIT 4\n",
             "\"a\" \"1\"\n\"b\" \"2\"\n\"c\" \"3\"\n\"d\" \"4\"\nOK 4\n");
    wire_close(wire);
    daemon_free(server);
}
