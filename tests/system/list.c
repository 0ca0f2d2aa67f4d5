/*
 * LIST against a model: the children one level down, for every prefix, delimiter and page.
 */
#include <criterion/criterion.h>

#include "protocol/quote.h"
#include "tests/lib/chance.h"
#include "tests/lib/daemon.h"
#include "tests/lib/report.h"
#include "tests/system/model.h"

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

/* What one LIST asks for. */
struct question {
    struct slice prefix;
    struct slice delim;
    const struct slice *after; /* NULL: from the start */
    uint64_t limit;            /* 0: none */
};

/* The child that the key belongs to: up to and with the first delimiter behind the prefix. */
static struct slice child_of(struct slice key, const struct question *question)
{
    const char *start = key.data + question->prefix.len;
    size_t rest = key.len - question->prefix.len;
    const char *found =
        rest == 0 ? NULL : memmem(start, rest, question->delim.data, question->delim.len);
    if (found == NULL)
        return key;
    return slice_of(key.data, (size_t)(found - key.data) + question->delim.len);
}

static void append_question(struct buffer *out, const struct question *question)
{
    buffer_append_string(out, "LIST ");
    quote_append(out, question->prefix);
    if (!slice_equal(question->delim, SLICE(":"))) {
        buffer_append_string(out, " DELIM ");
        quote_append(out, question->delim);
    }
    if (question->after != NULL) {
        buffer_append_string(out, " AFTER ");
        quote_append(out, *question->after);
    }
    if (question->limit > 0) {
        buffer_append_string(out, " LIMIT ");
        buffer_append_u64(out, question->limit);
    }
    buffer_append_byte(out, '\n');
}

/* The child to come behind `last`, or no data. Children come in the order of their keys. */
static struct slice next_child(size_t *at, struct slice last, const struct question *question)
{
    for (; *at < model.count; (*at)++) {
        struct slice key = buffer_slice(&model.rows[*at].key);
        if (!slice_has_prefix(key, question->prefix))
            continue;
        struct slice child = key.len == 0 ? SLICE("") : child_of(key, question);
        bool again = last.data != NULL && slice_equal(child, last);
        bool before = question->after != NULL && slice_compare(child, *question->after) <= 0;
        if (!again && !before)
            return child;
    }
    return slice_of(NULL, 0);
}

static void append_answer(struct buffer *out, const struct question *question)
{
    uint64_t count = 0;
    size_t at = 0;
    struct slice last = {NULL, 0};
    struct slice child = next_child(&at, last, question);
    while (child.data != NULL && (question->limit == 0 || count < question->limit)) {
        quote_append(out, child);
        buffer_append_byte(out, '\n');
        count++;
        last = child;
        child = next_child(&at, last, question);
    }
    buffer_append_string(out, "OK ");
    buffer_append_u64(out, count);
    if (child.data != NULL && count > 0) {
        buffer_append_string(out, " MORE ");
        quote_append(out, last);
    }
    buffer_append_byte(out, '\n');
}

static void expect_list(const struct question *question)
{
    struct buffer request = {0};
    struct buffer expected = {0};
    append_question(&request, question);
    append_answer(&expected, question);
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
            expect_list(&(struct question){.prefix = prefixes[p], .delim = delims[d]});
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
    for (unsigned i = 0; i < 400; i++)
        put(any_key(&chance, key, 0, sizeof(key)));
    for (unsigned round = 0; round < 2000; round++) {
        expect_list(&(struct question){
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
    struct question question = {.prefix = SLICE("a"), .delim = SLICE(":"), .limit = 3};
    struct slice last = {NULL, 0};
    size_t at = 0;
    for (;;) {
        expect_list(&question);
        struct slice child = {NULL, 0};
        for (unsigned i = 0; i < 3; i++) {
            child = next_child(&at, last, &question);
            if (child.data == NULL)
                return;
            last = child;
        }
        question.after = &last;
    }
}
