#include "commands/redis/options.h"

#include "commands/redis/cursor.h"
#include "protocol/number.h"
#include "protocol/reply_resp.h"

/* What Redis looks at when nobody says COUNT. */
#define USUAL_COUNT 10

/* Redis's words are strings of C. */
static struct slice text_of(struct slice word)
{
    return slice_of(word.data, word.len == 0 ? 0 : strnlen(word.data, word.len));
}

static bool is(struct slice word, struct slice name)
{
    return slice_equal_fold(text_of(word), name);
}

/* A number as Redis writes it: no zero in front, no minus zero. */
static bool read_integer(struct slice text, int64_t *number)
{
    size_t sign = text.len > 0 && text.data[0] == '-';
    bool zero = text.len > sign && text.data[sign] == '0';
    return !(zero && text.len > 1) && number_read_signed(text, number);
}

static bool read_count(struct call *call, struct slice value, struct options_scan *options)
{
    int64_t count = 0;
    if (!read_integer(value, &count)) {
        reply_fail(&call->reply, "ERR value is not an integer or out of range");
        return false;
    }
    if (count < 1) {
        reply_fail(&call->reply, "ERR syntax error");
        return false;
    }
    options->count = (uint64_t)count;
    return true;
}

/* One option, whose value may be missing. */
static bool read_option(struct call *call, size_t at, struct options_scan *options)
{
    struct slice name = call_argument(call, at);
    bool has_value = at + 1 < call_argument_count(call);
    struct slice value = has_value ? call_argument(call, at + 1) : SLICE("");
    if (has_value && is(name, SLICE("COUNT")))
        return read_count(call, value, options);
    if (has_value && is(name, SLICE("MATCH"))) {
        options->match = value.len == 0 ? SLICE("") : value;
    } else if (has_value && is(name, SLICE("TYPE"))) {
        options->strings = is(value, SLICE("string"));
    } else {
        reply_fail(&call->reply, "ERR syntax error");
        return false;
    }
    return true;
}

bool options_read_scan(struct call *call, struct options_scan *options)
{
    *options = (struct options_scan){.count = USUAL_COUNT, .strings = true};
    if (!cursor_read(call_argument(call, 0), &options->cursor)) {
        reply_fail(&call->reply, "ERR invalid cursor");
        return false;
    }
    for (size_t at = 1; at < call_argument_count(call); at += 2)
        if (!read_option(call, at, options))
            return false;
    return true;
}
