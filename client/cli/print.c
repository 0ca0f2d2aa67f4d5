#include "client/cli/print.h"

#include "client/cli/complain.h"
#include "client/cli/json.h"
#include "protocol/quote.h"

#define MOST_PARTS 4 /* of a row */

static struct slice slice_from_bytes(struct leveret_bytes bytes)
{
    return slice_of(bytes.data, bytes.len);
}

static void end_line(const struct print *print)
{
    buffer_append_byte(&print->out->bytes, '\n');
}

/* Bytes in the text or the raw format. */
static void print_bytes(const struct print *print, struct leveret_bytes bytes)
{
    if (print->format == PRINT_RAW)
        buffer_append(&print->out->bytes, bytes.data, bytes.len);
    else
        quote_escape(&print->out->bytes, slice_from_bytes(bytes));
}

static void print_word(const struct print *print, const char *word)
{
    buffer_append_string(&print->out->bytes, word);
    end_line(print);
}

static void json_row(struct buffer *out, enum shape shape, struct leveret_bytes first,
                     const struct leveret_bytes *second)
{
    bool lone_value = second == NULL && shape == SHAPE_VALUES;
    buffer_append_byte(out, '{');
    json_field(out, lone_value ? "value" : "key", slice_from_bytes(first));
    if (second != NULL) {
        buffer_append_byte(out, ',');
        json_field(out, "value", slice_from_bytes(*second));
    } else if (shape == SHAPE_LOOKUP) {
        buffer_append_string(out, ",\"value\":null");
    }
    buffer_append_string(out, "}\n");
}

/* A change has what, a key if there is one, a value if there is one, and a sequence. */
static void json_change(struct buffer *out, const struct leveret_bytes *parts, size_t count)
{
    static const char *const names[] = {"key", "value"};
    buffer_append_byte(out, '{');
    json_field(out, "change", slice_from_bytes(parts[0]));
    for (size_t i = 1; i + 1 < count; i++) {
        buffer_append_byte(out, ',');
        json_field(out, names[i - 1], slice_from_bytes(parts[i]));
    }
    buffer_append_byte(out, ',');
    json_field(out, "sequence", slice_from_bytes(parts[count - 1]));
    buffer_append_string(out, "}\n");
}

static void print_row(const struct print *print, enum shape shape, const struct leveret_answer *row)
{
    struct leveret_bytes parts[MOST_PARTS] = {leveret_text("")};
    size_t count = 0;
    while (count < MOST_PARTS && leveret_answer_part(row, count, &parts[count]))
        count++;
    if (print->format == PRINT_JSON && shape == SHAPE_FEED && count > 1) {
        json_change(&print->out->bytes, parts, count);
        return;
    }
    if (print->format == PRINT_JSON) {
        json_row(&print->out->bytes, shape, parts[0], count > 1 ? &parts[1] : NULL);
        return;
    }
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            buffer_append_byte(&print->out->bytes, '\t');
        print_bytes(print, parts[i]);
    }
    end_line(print);
}

static void print_remark(const struct print *print, const struct leveret_answer *remark)
{
    struct leveret_bytes text = leveret_answer_text(remark);
    if (print->format == PRINT_JSON) {
        buffer_append_byte(&print->out->bytes, '{');
        json_field(&print->out->bytes, "remark", slice_from_bytes(text));
        buffer_append_byte(&print->out->bytes, '}');
    } else {
        buffer_append(&print->out->bytes, text.data, text.len);
    }
    end_line(print);
}

/* Progress is no part of the reply: it is for a person who waits. */
static void take_remark(const struct print *print, struct print_reply *reply,
                        const struct leveret_answer *remark)
{
    if (reply->shape != SHAPE_WORK) {
        reply->remarked = true;
        print_remark(print, remark);
    } else if (print->shows_progress) {
        complain_progress(leveret_answer_text(remark));
    }
}

void print_value(const struct print *print, struct leveret_bytes value)
{
    if (print->format == PRINT_JSON) {
        buffer_append_byte(&print->out->bytes, '{');
        json_field(&print->out->bytes, "value", slice_from_bytes(value));
        buffer_append_byte(&print->out->bytes, '}');
    } else {
        print_bytes(print, value);
    }
    if (print->format != PRINT_RAW || print->scene != PRINT_LONE)
        end_line(print);
}

/* The number behind rows is for people and for programs that tell replies apart. */
static void print_row_count(const struct print *print, uint64_t count,
                            const struct leveret_answer *ending)
{
    struct buffer *out = &print->out->bytes;
    struct leveret_bytes more;
    if (print->format == PRINT_JSON && print->scene != PRINT_LONE) {
        buffer_append_string(out, "{\"rows\":");
        buffer_append_u64(out, count);
        if (leveret_answer_more(ending, &more)) {
            buffer_append_byte(out, ',');
            json_field(out, "more", slice_from_bytes(more));
        }
        buffer_append_string(out, "}\n");
    } else if (print->format == PRINT_TEXT && print->scene == PRINT_PROMPT) {
        buffer_append_byte(out, '(');
        buffer_append_u64(out, count);
        buffer_append_string(out, count == 1 ? " row)\n" : " rows)\n");
    }
}

static void print_count(const struct print *print, uint64_t count)
{
    bool json = print->format == PRINT_JSON;
    if (json)
        buffer_append_string(&print->out->bytes, "{\"count\":");
    buffer_append_u64(&print->out->bytes, count);
    if (json)
        buffer_append_byte(&print->out->bytes, '}');
    end_line(print);
}

/* An OK that carries nothing. Behind remarks it would add nothing either. */
static void print_bare(const struct print *print, const struct print_reply *reply)
{
    if (print->format == PRINT_JSON)
        print_word(print, "{\"status\":\"OK\"}");
    else if (print->format == PRINT_TEXT && !reply->remarked)
        print_word(print, "OK");
}

void print_done(const struct print *print)
{
    print_bare(print, &(struct print_reply){0});
}

static void print_ok(const struct print *print, const struct print_reply *reply,
                     const struct leveret_answer *ending)
{
    struct leveret_bytes value;
    uint64_t count = 0;
    if (leveret_answer_value(ending, &value))
        print_value(print, value);
    else if (!leveret_answer_count(ending, &count))
        print_bare(print, reply);
    else if (shape_may_write(reply->shape))
        print_count(print, count);
    else
        print_row_count(print, count, ending);
}

static void print_json_error(const struct print *print, const struct leveret_answer *ending)
{
    struct buffer *out = &print->out->bytes;
    struct leveret_bytes more;
    buffer_append_string(out, "{\"status\":\"ERR\",");
    json_field(out, "code", slice_from_bytes(leveret_answer_code(ending)));
    buffer_append_byte(out, ',');
    json_field(out, "message", slice_from_bytes(leveret_answer_text(ending)));
    if (leveret_answer_more(ending, &more)) {
        buffer_append_byte(out, ',');
        json_field(out, "more", slice_from_bytes(more));
    }
    buffer_append_string(out, "}\n");
}

static void print_json_absent(struct buffer *out, const char *word, const struct leveret_bytes *key)
{
    buffer_append_string(out, "{\"status\":\"");
    buffer_append_string(out, word);
    buffer_append_byte(out, '"');
    if (key != NULL) {
        buffer_append_byte(out, ',');
        json_field(out, "key", slice_from_bytes(*key));
    }
    buffer_append_string(out, "}\n");
}

/* NOT_FOUND or CONFLICT, which are no errors: in a series they hold the place of the reply. Of a
 * CONFLICT the key is told, which behind a COMMIT is one of many. */
static void print_absent(const struct print *print, const char *word,
                         const struct leveret_answer *ending)
{
    struct leveret_bytes key;
    bool has_key = leveret_answer_part(ending, 0, &key);
    if (print->format == PRINT_JSON) {
        print_json_absent(&print->out->bytes, word, has_key ? &key : NULL);
    } else if (print->format == PRINT_RAW || print->scene == PRINT_LONE) {
        complain_absent(word, has_key ? &key : NULL);
    } else {
        buffer_append_string(&print->out->bytes, word);
        if (has_key) {
            buffer_append_byte(&print->out->bytes, '\t');
            print_bytes(print, key);
        }
        end_line(print);
    }
}

static void print_ending(const struct print *print, const struct print_reply *reply,
                         const struct leveret_answer *ending)
{
    struct leveret_bytes more;
    switch (leveret_answer_status(ending)) {
    case LEVERET_OK:
        print_ok(print, reply, ending);
        break;
    case LEVERET_NOT_FOUND:
        print_absent(print, "NOT_FOUND", ending);
        break;
    case LEVERET_CONFLICT:
        print_absent(print, "CONFLICT", ending);
        break;
    default:
        if (print->format == PRINT_JSON && print->scene != PRINT_LONE)
            print_json_error(print, ending);
        (void)output_flush(print->out); /* so that the complaint stands below the rows */
        complain_error(ending, reply->line);
    }
    if (leveret_answer_more(ending, &more)) {
        (void)output_flush(print->out);
        if (reply->shape == SHAPE_FEED)
            complain_resume(more);
        else
            complain_more(more);
    }
}

enum exit_status print_answer(const struct print *print, struct print_reply *reply,
                              const struct leveret_answer *answer)
{
    enum exit_status outcome = EXIT_FINE;
    switch (leveret_answer_kind(answer)) {
    case LEVERET_ROW:
        print_row(print, reply->shape, answer);
        break;
    case LEVERET_REMARK:
        take_remark(print, reply, answer);
        break;
    case LEVERET_ENDING:
        print_ending(print, reply, answer);
        outcome = exit_from_status(leveret_answer_status(answer));
        break;
    }
    return output_settle(print->out) ? outcome : EXIT_REFUSED;
}
