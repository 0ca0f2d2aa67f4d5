#include "protocol/reply.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

/* The key without what is in front of all keys here. */
static struct slice bare(const struct reply *reply, struct slice key)
{
    if (key.data == NULL)
        return key;
    assert(key.len >= reply->strip);
    return slice_of(key.data + reply->strip, key.len - reply->strip);
}

void reply_fini(struct reply *reply)
{
    if (reply->rows != NULL)
        buffer_fini(&reply->rows->bytes);
    free(reply->rows);
    reply->rows = NULL;
}

void reply_begin_rows(struct reply *reply)
{
    reply->face->rows(reply);
}

bool reply_is_page(const struct reply *reply)
{
    return reply->rows != NULL && reply->rows->bytes.len >= REPLY_PAGE;
}

bool reply_fits(const struct reply *reply, struct slice key, struct slice value)
{
    size_t used = reply->out->len + (reply->rows == NULL ? 0 : reply->rows->bytes.len);
    size_t room = reply->most > used ? reply->most - used : 0;
    if (reply->most == 0)
        return true;
    if (key.len > room / 8) /* four for each byte of it, and as much for the value */
        return false;
    return reply->face->fits(value, room - 4 * key.len);
}

void reply_row(struct reply *reply, struct slice key, struct slice value)
{
    reply->face->row(reply, bare(reply, key), value);
}

size_t reply_mark(const struct reply *reply)
{
    return reply->out->len;
}

void reply_rewind(struct reply *reply, size_t mark)
{
    assert(mark <= reply->out->len);
    reply->out->len = mark;
}

void reply_change(struct reply *reply, enum reply_event event, struct slice key, struct slice value,
                  struct slice sequence)
{
    reply->face->change(reply, event, bare(reply, key), value, sequence);
}

void reply_remark(struct reply *reply, struct slice text)
{
    reply->face->remark(reply, text);
}

void reply_ok(struct reply *reply)
{
    reply->face->ok(reply);
}

void reply_value(struct reply *reply, struct slice value)
{
    reply->face->value(reply, value);
}

void reply_not_found(struct reply *reply)
{
    reply->face->not_found(reply);
}

void reply_conflict(struct reply *reply, struct slice key)
{
    reply->face->conflict(reply, bare(reply, key));
}

void reply_count(struct reply *reply, uint64_t count)
{
    reply->face->count(reply, count, REPLY_NONE);
}

void reply_count_more(struct reply *reply, uint64_t count, struct slice more)
{
    reply->face->count(reply, count, bare(reply, more));
}

void reply_error(struct reply *reply, enum status status, const char *format, ...)
{
    char text[REPLY_ERROR_TEXT];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    reply->erred = true;
    reply->erred_as = status;
    reply->face->error(reply, status, slice_from_string(text), REPLY_NONE);
}

void reply_error_more(struct reply *reply, enum status status, struct slice more, const char *text)
{
    reply->erred = true;
    reply->erred_as = status;
    reply->face->error(reply, status, slice_from_string(text), bare(reply, more));
}

void reply_error_from(struct reply *reply, enum status status, struct slice sequence,
                      const char *text)
{
    reply->erred = true;
    reply->erred_as = status;
    reply->face->error(reply, status, slice_from_string(text), sequence);
}
