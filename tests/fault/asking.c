#include "tests/fault/asking.h"

#include <stdio.h>
#include <stdlib.h>

#include <criterion/criterion.h>

#include "tests/fault/tally.h"
#include "tests/lib/report.h"

/* Saying ------------------------------------------------------------------- */

/* One request under construction: its words, on either face. */
struct saying {
    struct buffer *out;
    bool resp;
    bool begun;
};

static void say(struct saying *saying, struct slice word)
{
    char head[32];
    if (saying->resp) {
        snprintf(head, sizeof(head), "$%zu\r\n", word.len);
        buffer_append_string(saying->out, head);
        buffer_append_slice(saying->out, word);
        buffer_append_string(saying->out, "\r\n");
        return;
    }
    if (saying->begun)
        buffer_append_byte(saying->out, ' ');
    buffer_append_slice(saying->out, word);
    saying->begun = true;
}

static struct saying begin(struct buffer *out, bool resp, unsigned words, const char *command)
{
    struct saying saying = {.out = out, .resp = resp};
    char head[32];
    snprintf(head, sizeof(head), "*%u\r\n", words);
    if (resp)
        buffer_append_string(out, head);
    say(&saying, slice_from_string(command));
    return saying;
}

static void end(const struct saying *saying)
{
    if (!saying->resp)
        buffer_append_byte(saying->out, '\n');
    cr_assert(!saying->out->failed);
}

static void say_key(struct saying *saying, unsigned group, unsigned key)
{
    say(saying, slice_from_string(tally_key(group, key)));
}

static void say_pair(struct saying *saying, unsigned group, unsigned key, unsigned number)
{
    struct buffer value = {0};
    tally_append_value(&value, group, key, number);
    say_key(saying, group, key);
    say(saying, buffer_slice(&value));
    buffer_fini(&value);
}

static void append_word(struct buffer *out, bool resp, const char *word)
{
    struct saying saying = begin(out, resp, 1, word);
    end(&saying);
}

static void append_put(struct buffer *out, bool resp, unsigned group, unsigned number)
{
    unsigned keys = tally_keys(group);
    const char *command = resp ? (keys == 1 ? "SET" : "MSET") : (keys == 1 ? "PUT" : "MPUT");
    struct saying saying = begin(out, resp, 1 + 2 * keys, command);
    for (unsigned i = 0; i < keys; i++)
        say_pair(&saying, group, i, number);
    end(&saying);
}

static void append_batch(struct buffer *out, bool resp, unsigned group, unsigned number)
{
    append_word(out, resp, resp ? "MULTI" : "BEGIN");
    for (unsigned i = 0; i < tally_keys(group); i++) {
        struct saying saying = begin(out, resp, 3, resp ? "SET" : "PUT");
        say_pair(&saying, group, i, number);
        end(&saying);
    }
    append_word(out, resp, resp ? "EXEC" : "COMMIT");
}

static void append_delete(struct buffer *out, bool resp, unsigned group)
{
    struct saying saying = begin(out, resp, 1 + tally_keys(group), "DEL");
    for (unsigned i = 0; i < tally_keys(group); i++)
        say_key(&saying, group, i);
    end(&saying);
}

static void append_read(struct buffer *out, bool resp, unsigned group, unsigned key)
{
    struct saying saying = begin(out, resp, 2, "GET");
    say_key(&saying, group, key);
    end(&saying);
}

void asking_append(struct buffer *out, bool resp, enum asking kind, unsigned group, unsigned number)
{
    switch (kind) {
    case ASKING_PUT:
        append_put(out, resp, group, number);
        return;
    case ASKING_BATCH:
        append_batch(out, resp, group, number);
        return;
    case ASKING_DELETE:
        append_delete(out, resp, group);
        return;
    case ASKING_READ:
        append_read(out, resp, group, number);
        return;
    case ASKING_SYNC:
        append_word(out, resp, resp ? "LEVERET.SYNC" : "SYNC");
        return;
    }
}

/* Hearing ------------------------------------------------------------------ */

/* Takes a line off *rest, its ending left out; false when it is not whole. */
static bool take_line(struct slice *rest, struct slice *line)
{
    const char *lf = rest->len == 0 ? NULL : memchr(rest->data, '\n', rest->len);
    if (lf == NULL)
        return false;
    size_t len = (size_t)(lf - rest->data);
    *line = slice_of(rest->data, len > 0 && lf[-1] == '\r' ? len - 1 : len);
    *rest = slice_of(rest->data + len + 1, rest->len - len - 1);
    return true;
}

/* What a word behind ERR or a dash means. Only those of a disk in trouble may come. */
static enum status status_of(struct slice text)
{
    const char *space = memchr(text.data, ' ', text.len);
    cr_assert(space != NULL, "%s is no error", report_show(text));
    enum status status = status_from_word(slice_of(text.data, (size_t)(space - text.data)));
    cr_assert(status == STATUS_UNKNOWN || status == STATUS_READONLY || status == STATUS_IO ||
                  strcmp(status_word(status), "FULL") == 0,
              "the answer is %s", report_show(text));
    return status;
}

/* One reply of the line face. */
static bool hear_line(struct slice *rest, struct answered *answer)
{
    struct slice line;
    if (!take_line(rest, &line))
        return false;
    *answer = (struct answered){.status = STATUS_OK};
    if (slice_has_prefix(line, SLICE("ERR ")))
        answer->status = status_of(slice_of(line.data + 4, line.len - 4));
    else if (slice_equal(line, SLICE("NOT_FOUND")))
        answer->status = STATUS_NOT_FOUND;
    else
        cr_assert(slice_has_prefix(line, SLICE("OK")), "the answer is %s", report_show(line));
    if (slice_has_prefix(line, SLICE("OK \"")))
        answer->value = slice_of(line.data + 4, line.len - 5);
    return true;
}

/* The bytes of a bulk string whose head was taken. */
static bool take_bulk(struct slice *rest, struct slice head, struct answered *answer)
{
    long len = strtol(head.data + 1, NULL, 10);
    if (len < 0) {
        answer->status = STATUS_NOT_FOUND;
        return true;
    }
    if (rest->len < (size_t)len + 2)
        return false;
    answer->value = slice_of(rest->data, (size_t)len);
    *rest = slice_of(rest->data + len + 2, rest->len - (size_t)len - 2);
    return true;
}

/* One reply of the RESP face. Of an array the first error among its parts is what counts. */
static bool hear_resp(struct slice *rest, struct answered *answer)
{
    struct slice head;
    *answer = (struct answered){.status = STATUS_OK};
    for (long parts = 1; parts > 0; parts--) {
        if (!take_line(rest, &head))
            return false;
        cr_assert(!slice_has_prefix(head, SLICE("*-")), "EXEC did nothing");
        if (head.data[0] == '*')
            parts += strtol(head.data + 1, NULL, 10);
        else if (head.data[0] == '$' && !take_bulk(rest, head, answer))
            return false;
        else if (head.data[0] == '-' && answer->status == STATUS_OK)
            answer->status = status_of(slice_of(head.data + 1, head.len - 1));
    }
    return true;
}

size_t asking_read(struct slice input, bool resp, enum asking kind, unsigned group,
                   struct answered *answer)
{
    unsigned replies = kind == ASKING_BATCH ? 2 + tally_keys(group) : 1;
    struct slice rest = input;
    for (unsigned i = 0; i < replies; i++) {
        if (!(resp ? hear_resp(&rest, answer) : hear_line(&rest, answer)))
            return 0;
        cr_assert(i + 1 == replies || answer->status == STATUS_OK, "no batch can be opened: %s",
                  report_show(input));
    }
    return input.len - rest.len;
}
