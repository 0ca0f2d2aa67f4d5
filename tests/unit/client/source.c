#include "client/cli/source.h"

#include <criterion/criterion.h>
#include <unistd.h>

#include "tests/lib/report.h"

/* Every line of `text` as a source gives it, each behind its number and a colon. The text arrives
 * in pieces of `piece` bytes. */
static struct buffer read_all(struct slice text, size_t piece)
{
    int ends[2];
    struct source source;
    struct buffer said = {0};
    struct slice line;
    enum source_result result;
    size_t sent = 0;
    cr_assert(pipe(ends) == 0);
    source_init(&source, ends[0]);
    while ((result = source_next(&source, &line)) != SOURCE_END) {
        if (result == SOURCE_LINE) {
            buffer_append_u64(&said, source.line);
            buffer_append_byte(&said, ':');
            buffer_append_slice(&said, line);
            buffer_append_byte(&said, ';');
            continue;
        }
        size_t count = text.len - sent < piece ? text.len - sent : piece;
        if (count > 0)
            cr_assert_eq(write(ends[1], text.data + sent, count), (ssize_t)count);
        else if (!source.ended)
            close(ends[1]);
        sent += count;
        (void)source_fill(&source);
    }
    cr_assert_eq(source.error, 0);
    source_fini(&source);
    close(ends[0]);
    return said;
}

Test(source, lines_are_the_same_however_they_arrive)
{
    struct slice text = SLICE("one\r\n\n  three\nlast without an ending");
    for (size_t piece = 1; piece <= text.len; piece++) {
        struct buffer said = read_all(text, piece);
        report_equal("lines", buffer_slice(&said),
                     SLICE("1:one;2:;3:  three;4:last without an ending;"));
        buffer_fini(&said);
    }
}

Test(source, nothing_is_no_line)
{
    struct buffer said = read_all(SLICE(""), 1);
    report_equal("lines", buffer_slice(&said), SLICE(""));
    buffer_fini(&said);
}

Test(source, a_failure_to_read_is_an_end_with_a_reason)
{
    struct source source;
    source_init(&source, -1);
    cr_assert(!source_fill(&source));
    cr_assert(source.ended);
    cr_assert(source.error != 0);
    source_fini(&source);
}
