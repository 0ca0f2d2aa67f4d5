#include "tests/system/transcript.h"

#include <criterion/criterion.h>
#include <stdlib.h>

#include "tests/lib/text.h"

static void add_request(struct transcript *transcript, struct slice request, bool redis)
{
    size_t bytes = (transcript->count + 1) * sizeof(*transcript->steps);
    transcript->steps = realloc(transcript->steps, bytes);
    cr_assert(transcript->steps != NULL);
    transcript->steps[transcript->count++] = (struct transcript_step){
        .request = request, .redis = redis, .block = transcript->blocks - 1};
}

static void add_reply_line(struct transcript *transcript, struct slice line)
{
    struct transcript_step *step = &transcript->steps[transcript->count - 1];
    const char *start = step->reply.data == NULL ? line.data : step->reply.data;
    step->reply = slice_of(start, (size_t)(line.data + line.len + 1 - start));
}

/* Whether the lines behind this fence stand between fences. */
static bool fence_opens(struct slice fence, bool open)
{
    bool bare = slice_equal(fence, SLICE("```"));
    cr_assert_eq(bare, open, "a fence too few or too many at %.*s", (int)fence.len, fence.data);
    return !open;
}

void transcript_read(struct transcript *transcript, struct slice text)
{
    *transcript = (struct transcript){0};
    struct slice line;
    bool open = false;
    bool inside = false;
    bool redis = false;
    while (text_line(&text, &line)) {
        if (slice_has_prefix(line, SLICE("```"))) {
            open = fence_opens(line, open);
            redis = slice_equal(line, SLICE("```redis"));
            inside = redis || slice_equal(line, SLICE("```transcript"));
            transcript->blocks += inside;
        } else if (inside && text_skip(&line, SLICE("> "))) {
            add_request(transcript, line, redis);
        } else if (inside) {
            add_reply_line(transcript, line);
        }
    }
    cr_assert(!open, "the last fence is not closed");
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

/* Names ----------------------------------------------------------------------- */

/* Takes a word like $id off the start, without the dollar. */
static bool take_name(struct slice *text, struct slice *name)
{
    size_t len = 1;
    while (len < text->len && text->data[len] >= 'a' && text->data[len] <= 'z')
        len++;
    if (text->len == 0 || text->data[0] != '$' || len == 1)
        return false;
    *name = slice_of(text->data + 1, len - 1);
    *text = slice_of(text->data + len, text->len - len);
    return true;
}

static const char *find_digits(const struct transcript_names *names, struct slice name)
{
    for (size_t i = 0; i < names->count; i++)
        if (slice_equal(slice_from_string(names->items[i].name), name))
            return names->items[i].digits;
    return NULL;
}

/* Takes digits off the start of the text and gives them the name. */
static bool choose(struct transcript_names *names, struct slice name, struct slice *text)
{
    size_t len = 0;
    while (len < text->len && text->data[len] >= '0' && text->data[len] <= '9')
        len++;
    size_t at = names->count;
    cr_assert(at < sizeof(names->items) / sizeof(names->items[0]) &&
                  name.len < sizeof(names->items[0].name) && len < sizeof(names->items[0].digits),
              "no room for $%.*s", (int)name.len, name.data);
    memcpy(names->items[at].name, name.data, name.len);
    memcpy(names->items[at].digits, text->data, len);
    names->items[at].name[name.len] = names->items[at].digits[len] = '\0';
    names->count++;
    *text = slice_of(text->data + len, text->len - len);
    return len > 0;
}

bool transcript_uses_names(const struct transcript_step *step)
{
    struct slice name;
    for (struct slice rest = step->request; rest.len > 0; rest.data++, rest.len--)
        if (take_name(&(struct slice){rest.data, rest.len}, &name))
            return true;
    return false;
}

void transcript_append_request(const struct transcript_names *names,
                               const struct transcript_step *step, struct buffer *out)
{
    struct slice rest = step->request;
    struct slice name;
    while (rest.len > 0) {
        if (!take_name(&rest, &name)) {
            buffer_append_byte(out, rest.data[0]);
            rest = slice_of(rest.data + 1, rest.len - 1);
            continue;
        }
        const char *digits = find_digits(names, name);
        cr_assert(digits != NULL, "> %.*s: the server has not chosen yet", (int)step->request.len,
                  step->request.data);
        buffer_append_string(out, digits);
    }
}

/* Matching -------------------------------------------------------------------- */

static bool line_matches(struct transcript_names *names, struct slice line, struct slice wanted)
{
    struct slice name;
    while (wanted.len > 0) {
        if (!take_name(&wanted, &name)) {
            if (!text_skip(&line, slice_of(wanted.data, 1)))
                return false;
            wanted = slice_of(wanted.data + 1, wanted.len - 1);
            continue;
        }
        const char *digits = find_digits(names, name);
        if (digits == NULL ? !choose(names, name, &line)
                           : !text_skip(&line, slice_from_string(digits)))
            return false;
    }
    return line.len == 0;
}

bool transcript_matches(struct transcript_names *names, struct slice reply, struct slice expected)
{
    struct slice wanted;
    struct slice line;
    if (!text_line(&expected, &wanted))
        return reply.len == 0;
    if (slice_equal(wanted, SLICE("..."))) {
        if (transcript_matches(names, reply, expected))
            return true;
        struct slice again = slice_of(wanted.data, wanted.len + 1 + expected.len);
        return next_line(&reply, &line) && transcript_matches(names, reply, again);
    }
    struct transcript_names tried = *names;
    if (!next_line(&reply, &line) || !line_matches(&tried, line, wanted) ||
        !transcript_matches(&tried, reply, expected))
        return false;
    *names = tried;
    return true;
}
