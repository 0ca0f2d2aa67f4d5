#include "tests/fuzz/target.h"

#include <stdio.h>
#include <stdlib.h>

#include "protocol/quote.h"
#include "tests/lib/chance.h"

void target_expect(bool holds, const char *promise)
{
    if (holds)
        return;
    fprintf(stderr, "broken: %s\n", promise);
    abort();
}

static void show(const char *title, struct slice bytes)
{
    struct buffer text = {0};
    quote_append(&text, bytes);
    fprintf(stderr, "%s: %.*s\n", title, (int)text.len, text.data);
    buffer_fini(&text);
}

void target_expect_equal(const char *what, struct slice got, struct slice expected)
{
    if (slice_equal(got, expected))
        return;
    show("got     ", got);
    show("expected", expected);
    target_expect(false, what);
}

uint64_t target_seed(struct slice input)
{
    uint64_t hash = 0xcbf29ce484222325;
    for (size_t i = 0; i < input.len; i++)
        hash = (hash ^ (unsigned char)input.data[i]) * 0x100000001b3;
    return hash;
}

/* Cuts ---------------------------------------------------------------------- */

/* One run of a decoder: what came and was not used yet, and what was said. */
struct run {
    const struct cuts_decoder *decoder;
    void *state;
    struct buffer held;
    struct buffer said;
    bool over;
};

static void run_arrive(struct run *run, struct slice piece)
{
    if (run->over)
        return;
    buffer_append_slice(&run->held, piece);
    /* Of exactly this size, so that the byte behind it belongs to nobody. */
    char *window = malloc(run->held.len);
    target_expect(window != NULL, "there is memory");
    memcpy(window, run->held.data, run->held.len);
    size_t used = 0;
    run->over =
        !run->decoder->arrive(run->state, slice_of(window, run->held.len), &run->said, &used);
    target_expect(used <= run->held.len, "no more is used than there is");
    free(window);
    buffer_consume(&run->held, used);
}

/* Feeds pieces of `most` bytes, or with chance of at most that many. */
static void run_all(struct run *run, struct slice input, size_t most, struct chance *chance)
{
    for (size_t at = 0; at < input.len;) {
        size_t len = chance == NULL ? most : 1 + chance_below(chance, most);
        if (len > input.len - at)
            len = input.len - at;
        run_arrive(run, slice_of(input.data + at, len));
        at += len;
    }
    run->decoder->close(run->state);
    buffer_fini(&run->held);
}

/* Longer input is not fed byte by byte: a decoder may look at what it holds at each arrival. */
#define LONGEST_BY_BYTE 512

void target_expect_cuts_equal(const struct cuts_decoder *decoder, struct slice input)
{
    struct chance chance = {target_seed(input)};
    struct run whole = {.decoder = decoder, .state = decoder->open()};
    struct run bytes = {.decoder = decoder, .state = decoder->open()};
    struct run pieces = {.decoder = decoder, .state = decoder->open()};
    run_all(&whole, input, input.len, NULL);
    run_all(&bytes, input, input.len <= LONGEST_BY_BYTE ? 1 : LONGEST_BY_BYTE, NULL);
    run_all(&pieces, input, 1 + input.len / 3, &chance);
    target_expect_equal("byte by byte it is the same", buffer_slice(&bytes.said),
                        buffer_slice(&whole.said));
    target_expect_equal("in pieces it is the same", buffer_slice(&pieces.said),
                        buffer_slice(&whole.said));
    buffer_fini(&whole.said);
    buffer_fini(&bytes.said);
    buffer_fini(&pieces.said);
}
