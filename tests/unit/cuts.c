#include "tests/unit/cuts.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/lib/report.h"

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
    char *window = malloc(run->held.len > 0 ? run->held.len : 1);
    cr_assert(window != NULL);
    if (run->held.len > 0)
        memcpy(window, run->held.data, run->held.len);
    size_t used = 0;
    run->over =
        !run->decoder->arrive(run->state, slice_of(window, run->held.len), &run->said, &used);
    memset(window, '?', run->held.len);
    free(window);
    buffer_consume(&run->held, used);
}

/* Feeds pieces of `first` bytes, then of `then` bytes each. */
static void expect_cut(const struct cuts_decoder *decoder, struct slice input, size_t first,
                       size_t then, const char *expected)
{
    struct run run = {.decoder = decoder, .state = decoder->open()};
    size_t at = 0;
    size_t piece = first;
    while (at < input.len) {
        size_t len = piece < input.len - at ? piece : input.len - at;
        run_arrive(&run, slice_of(input.data + at, len));
        at += len;
        piece = then;
    }
    char what[120];
    snprintf(what, sizeof(what), "cut at %zu, then every %zu: %.60s", first, then,
             report_show(input));
    report_equal(what, buffer_slice(&run.said), slice_from_string(expected));
    decoder->close(run.state);
    buffer_fini(&run.held);
    buffer_fini(&run.said);
}

void cuts_expect(const struct cuts_decoder *decoder, struct slice input, const char *expected)
{
    expect_cut(decoder, input, input.len, input.len, expected);
    expect_cut(decoder, input, 1, 1, expected);
    for (size_t at = 1; at < input.len; at++)
        expect_cut(decoder, input, at, input.len, expected);
}
