/*
 * LIST against a model: the children one level down, for every prefix, delimiter and page.
 */
#include <criterion/criterion.h>

#include "protocol/quote.h"
#include "tests/lib/chance.h"
#include "tests/lib/daemon.h"
#include "tests/lib/report.h"
#include "tests/system/children.h"

static struct daemon *server;
static struct wire *wire;
static struct model model;

static void start(void)
{
    server = daemon_new();
    daemon_start(server, "--sync", "never", NULL);
    wire = daemon_connect(server);
}

static void stop(void)
{
    wire_close(wire);
    daemon_free(server);
    model_fini(&model);
}

TestSuite(list, .init = start, .fini = stop, .timeout = 90);

static void expect_list(const struct children_query *question)
{
    struct buffer request = {0};
    struct buffer expected = {0};
    children_request(&request, question);
    children_answer(&model, question, &expected);
    wire_send(wire, buffer_slice(&request));
    wire_expect_bytes(wire, buffer_slice(&expected));
    buffer_fini(&request);
    buffer_fini(&expected);
}

static void put(struct slice key)
{
    struct buffer request = {0};
    model_put(&model, key, SLICE("v"));
    buffer_append_string(&request, "PUT ");
    quote_append(&request, key);
    buffer_append_string(&request, " v\n");
    wire_send(wire, buffer_slice(&request));
    wire_expect(wire, "OK\n");
    buffer_fini(&request);
}

Test(list, stands_at_the_edges)
{
    static const struct slice keys[] = {
        SLICE(""),          SLICE(":"),         SLICE("::"),
        SLICE("a"),         SLICE("a:"),        SLICE("a:\xff"),
        SLICE("a:b:c"),     SLICE("a:b:d"),     SLICE("a;"),
        SLICE("\xff"),      SLICE("\xff\xff"),  SLICE("\xff:\xff"),
        SLICE("\xff\xff:"), SLICE("x\xff\xff"), SLICE("x\xff\xff\xff"),
    };
    static const struct slice prefixes[] = {SLICE(""),     SLICE("a"),        SLICE("a:"),
                                            SLICE("a:b:"), SLICE(":"),        SLICE("\xff"),
                                            SLICE("x"),    SLICE("\xff\xff"), SLICE("nothing")};
    static const struct slice delims[] = {SLICE(":"), SLICE("\xff"), SLICE("\xff\xff"), SLICE("b:"),
                                          SLICE("\0")};
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
        put(keys[i]);
    for (size_t p = 0; p < sizeof(prefixes) / sizeof(prefixes[0]); p++)
        for (size_t d = 0; d < sizeof(delims) / sizeof(delims[0]); d++)
            expect_list(&(struct children_query){.prefix = prefixes[p], .delim = delims[d]});
}

static struct slice any_key(struct chance *chance, char *into, size_t least, size_t most)
{
    static const char alphabet[] = {':', 'a', 'b', '\xff'};
    size_t len = least + chance_below(chance, most + 1 - least);
    for (size_t i = 0; i < len; i++)
        into[i] = alphabet[chance_below(chance, sizeof(alphabet))];
    return slice_of(into, len);
}

Test(list, agrees_with_a_sorted_list_on_random_questions)
{
    struct chance chance = {35};
    char key[8];
    char prefix[3];
    char delim[2];
    char after[4];
    for (unsigned i = 0; i < 400; i++)
        put(any_key(&chance, key, 0, sizeof(key)));
    for (unsigned round = 0; round < 2000; round++) {
        struct slice behind = any_key(&chance, after, 0, sizeof(after));
        expect_list(&(struct children_query){
            .after = chance_below(&chance, 2) == 0 ? NULL : &behind,
            .prefix = any_key(&chance, prefix, 0, sizeof(prefix)),
            .delim = chance_below(&chance, 2) == 0 ? SLICE(":") : any_key(&chance, delim, 1, 2),
            .limit = chance_below(&chance, 2) == 0 ? 0 : 1 + chance_below(&chance, 20),
        });
    }
}

/* Resumed behind the child that each ending names, pages are the whole. */
Test(list, is_whole_when_read_page_by_page)
{
    struct chance chance = {36};
    char key[8];
    for (unsigned i = 0; i < 300; i++)
        put(any_key(&chance, key, 0, sizeof(key)));
    struct children_query question = {.prefix = SLICE("a"), .delim = SLICE(":"), .limit = 3};
    struct slice last = {NULL, 0};
    size_t at = 0;
    for (;;) {
        expect_list(&question);
        struct slice child = {NULL, 0};
        for (unsigned i = 0; i < 3; i++) {
            child = children_next(&model, &question, &at, last);
            if (child.data == NULL)
                return;
            last = child;
        }
        question.after = &last;
    }
}
