/*
 * The line face: a data line starts with a double quote, a remark with #, and any other line is
 * the status that ends the reply.
 */
#include "protocol/quote.h"
#include "protocol/reply.h"

static void end_line(struct reply *reply)
{
    buffer_append(reply->out, &"\r\n"[!reply->crlf], 1 + (size_t)reply->crlf);
}

static void line_rows(struct reply *reply)
{
    (void)reply;
}

static void line_row(struct reply *reply, struct slice key, struct slice value)
{
    if (key.data != NULL)
        quote_append(reply->out, key);
    if (key.data != NULL && value.data != NULL)
        buffer_append_byte(reply->out, ' ');
    if (value.data != NULL)
        quote_append(reply->out, value);
    end_line(reply);
}

static void append_part(struct reply *reply, struct slice part)
{
    if (part.data == NULL)
        return;
    buffer_append_byte(reply->out, ' ');
    quote_append(reply->out, part);
}

static void line_change(struct reply *reply, enum reply_event event, struct slice key,
                        struct slice value, struct slice sequence)
{
    static const char *const words[] = {
        [REPLY_PUT] = "\"PUT\"", [REPLY_DEL] = "\"DEL\"", [REPLY_SEQUENCE] = "\"SEQ\""};
    buffer_append_string(reply->out, words[event]);
    append_part(reply, key);
    append_part(reply, value);
    append_part(reply, sequence);
    end_line(reply);
}

static void line_remark(struct reply *reply, struct slice text)
{
    buffer_append_string(reply->out, "# ");
    buffer_append_slice(reply->out, text);
    end_line(reply);
}

static void line_ok(struct reply *reply)
{
    buffer_append_string(reply->out, "OK");
    end_line(reply);
}

static void line_value(struct reply *reply, struct slice value)
{
    buffer_append_string(reply->out, "OK ");
    quote_append(reply->out, value);
    end_line(reply);
}

static void append_more(struct reply *reply, struct slice more)
{
    if (more.data == NULL)
        return;
    buffer_append_string(reply->out, " MORE ");
    quote_append(reply->out, more);
}

static void line_count(struct reply *reply, uint64_t count, struct slice more)
{
    buffer_append_string(reply->out, "OK ");
    buffer_append_u64(reply->out, count);
    append_more(reply, more);
    end_line(reply);
}

static void line_not_found(struct reply *reply)
{
    buffer_append_string(reply->out, "NOT_FOUND");
    end_line(reply);
}

static void line_conflict(struct reply *reply, struct slice key)
{
    buffer_append_string(reply->out, "CONFLICT ");
    quote_append(reply->out, key);
    end_line(reply);
}

static void line_error(struct reply *reply, enum status status, struct slice text,
                       struct slice more)
{
    buffer_append_string(reply->out, "ERR ");
    buffer_append_string(reply->out, status_word(status));
    buffer_append_byte(reply->out, ' ');
    quote_append(reply->out, text);
    append_more(reply, more);
    end_line(reply);
}

const struct reply_face reply_line = {
    .rows = line_rows,
    .row = line_row,
    .change = line_change,
    .remark = line_remark,
    .ok = line_ok,
    .value = line_value,
    .count = line_count,
    .not_found = line_not_found,
    .conflict = line_conflict,
    .error = line_error,
    .fits = quote_fits,
};
