#include "tests/system/transcript.h"

#include <criterion/criterion.h>
#include <stdlib.h>

#include "tests/lib/text.h"

static void add_request(struct transcript *transcript, struct slice request)
{
    size_t bytes = (transcript->count + 1) * sizeof(*transcript->steps);
    transcript->steps = realloc(transcript->steps, bytes);
    cr_assert(transcript->steps != NULL);
    transcript->steps[transcript->count++] =
        (struct transcript_step){.request = request, .block = transcript->blocks - 1};
}

static void add_reply_line(struct transcript *transcript, struct slice line)
{
    struct transcript_step *step = &transcript->steps[transcript->count - 1];
    const char *start = step->reply.data == NULL ? line.data : step->reply.data;
    step->reply = slice_of(start, (size_t)(line.data + line.len + 1 - start));
}

void transcript_read(struct transcript *transcript, struct slice text)
{
    *transcript = (struct transcript){0};
    struct slice line;
    bool inside = false;
    while (text_line(&text, &line)) {
        if (slice_equal(line, SLICE("```transcript"))) {
            inside = true;
            transcript->blocks++;
        } else if (slice_has_prefix(line, SLICE("```"))) {
            inside = false;
        } else if (inside && text_skip(&line, SLICE("> "))) {
            add_request(transcript, line);
        } else if (inside) {
            add_reply_line(transcript, line);
        }
    }
}

void transcript_fini(struct transcript *transcript)
{
    free(transcript->steps);
    *transcript = (struct transcript){0};
}

static bool next_line(struct slice *rest, struct slice *line)
{
    if (!text_line(rest, line))
        return false;
    if (line->len > 0 && line->data[line->len - 1] == '\r')
        line->len--;
    return true;
}

bool transcript_matches(struct slice reply, struct slice expected)
{
    struct slice wanted;
    if (!text_line(&expected, &wanted))
        return reply.len == 0;
    struct slice line;
    if (slice_equal(wanted, SLICE("..."))) {
        if (transcript_matches(reply, expected))
            return true;
        struct slice again = slice_of(wanted.data, wanted.len + 1 + expected.len);
        return next_line(&reply, &line) && transcript_matches(reply, again);
    }
    return next_line(&reply, &line) && slice_equal(line, wanted) &&
           transcript_matches(reply, expected);
}
