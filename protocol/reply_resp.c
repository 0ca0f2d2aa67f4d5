#include "protocol/reply_resp.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

static void end(struct reply *reply)
{
    buffer_append(reply->out, "\r\n", 2);
}

/* A type byte, a number, the end of the line: the head of most types. */
static void head(struct buffer *out, char type, uint64_t number)
{
    buffer_append_byte(out, type);
    buffer_append_u64(out, number);
    buffer_append(out, "\r\n", 2);
}

static void bulk(struct buffer *out, struct slice bytes)
{
    head(out, '$', bytes.len);
    buffer_append_slice(out, bytes);
    buffer_append(out, "\r\n", 2);
}

/* Redis's types ---------------------------------------------------------------- */

void reply_simple(struct reply *reply, const char *text)
{
    buffer_append_byte(reply->out, '+');
    buffer_append_string(reply->out, text);
    end(reply);
}

void reply_integer(struct reply *reply, int64_t number)
{
    buffer_append_byte(reply->out, ':');
    if (number < 0)
        buffer_append_byte(reply->out, '-');
    buffer_append_u64(reply->out, number < 0 ? 0 - (uint64_t)number : (uint64_t)number);
    end(reply);
}

void reply_bulk(struct reply *reply, struct slice bytes)
{
    bulk(reply->out, bytes);
}

void reply_text(struct reply *reply, const char *text)
{
    bulk(reply->out, slice_from_string(text));
}

void reply_null(struct reply *reply)
{
    buffer_append_string(reply->out, reply->resp3 ? "_\r\n" : "$-1\r\n");
}

void reply_null_array(struct reply *reply)
{
    buffer_append_string(reply->out, reply->resp3 ? "_\r\n" : "*-1\r\n");
}

void reply_double(struct reply *reply, double number)
{
    char text[64];
    if (isinf(number))
        snprintf(text, sizeof(text), "%sinf", number < 0 ? "-" : "");
    else
        snprintf(text, sizeof(text), "%.17g", number);
    if (!reply->resp3) {
        reply_text(reply, text);
        return;
    }
    buffer_append_byte(reply->out, ',');
    buffer_append_string(reply->out, text);
    end(reply);
}

void reply_boolean(struct reply *reply, bool truth)
{
    if (reply->resp3)
        buffer_append_string(reply->out, truth ? "#t\r\n" : "#f\r\n");
    else
        reply_integer(reply, truth);
}

void reply_verbatim(struct reply *reply, struct slice text)
{
    if (!reply->resp3) {
        reply_bulk(reply, text);
        return;
    }
    head(reply->out, '=', text.len + 4);
    buffer_append_string(reply->out, "txt:");
    buffer_append_slice(reply->out, text);
    end(reply);
}

void reply_array(struct reply *reply, size_t parts)
{
    head(reply->out, '*', parts);
}

void reply_set(struct reply *reply, size_t parts)
{
    head(reply->out, reply->resp3 ? '~' : '*', parts);
}

void reply_map(struct reply *reply, size_t parts)
{
    head(reply->out, reply->resp3 ? '%' : '*', reply->resp3 ? parts : 2 * parts);
}

/* An error is one line, whatever a peer's text holds. */
static void error(struct reply *reply, const char *code, struct slice text)
{
    buffer_append_byte(reply->out, '-');
    buffer_append_string(reply->out, code);
    for (size_t i = 0; i < text.len; i++) {
        char byte = text.data[i];
        buffer_append_byte(reply->out, byte == '\r' || byte == '\n' ? ' ' : byte);
    }
    end(reply);
    reply->erred = true;
}

void reply_fail(struct reply *reply, const char *format, ...)
{
    char text[REPLY_ERROR_TEXT];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    reply->erred_as = STATUS_COUNT;
    error(reply, "", slice_from_string(text));
}

void reply_formatted(struct reply *reply, struct slice bytes)
{
    buffer_append_slice(reply->out, bytes);
}

/* The face --------------------------------------------------------------------- */

/* An array has its length in front, so rows are collected until the ending. */
static void resp_rows(struct reply *reply)
{
    reply_fini(reply);
    reply->rows = calloc(1, sizeof(*reply->rows));
    reply->out->failed |= reply->rows == NULL;
}

static void resp_row(struct reply *reply, struct slice key, struct slice value)
{
    struct reply_rows *rows = reply->rows;
    if (rows == NULL)
        return; /* there was no memory, which `out` tells */
    if (key.data != NULL)
        bulk(&rows->bytes, key);
    if (value.data != NULL)
        bulk(&rows->bytes, value);
    rows->parts += (key.data != NULL) + (size_t)(value.data != NULL);
}

static void resp_remark(struct reply *reply, struct slice text)
{
    (void)reply;
    (void)text;
}

static void resp_ok(struct reply *reply)
{
    reply_simple(reply, "OK");
}

static void resp_count(struct reply *reply, uint64_t count, struct slice more)
{
    struct reply_rows *rows = reply->rows;
    if (rows == NULL) {
        reply_integer(reply, (int64_t)count);
        return;
    }
    reply_array(reply, 2);
    if (more.data != NULL)
        reply_bulk(reply, more);
    else
        reply_null(reply);
    reply_array(reply, rows->parts);
    buffer_append_slice(reply->out, buffer_slice(&rows->bytes));
    reply->out->failed |= rows->bytes.failed;
    reply_fini(reply);
}

static void resp_conflict(struct reply *reply, struct slice key)
{
    error(reply, "CONFLICT ", key);
}

static void resp_error(struct reply *reply, enum status status, struct slice text,
                       struct slice more)
{
    char code[40];
    (void)more; /* no row of it was sent */
    snprintf(code, sizeof(code), "%s ", status_word(status));
    error(reply, code, text);
    reply_fini(reply);
}

static bool resp_fits(struct slice bytes, size_t room)
{
    return bytes.len <= room;
}

const struct reply_face reply_resp = {
    .rows = resp_rows,
    .row = resp_row,
    .remark = resp_remark,
    .ok = resp_ok,
    .value = reply_bulk,
    .count = resp_count,
    .not_found = reply_null,
    .conflict = resp_conflict,
    .error = resp_error,
    .fits = resp_fits,
};
