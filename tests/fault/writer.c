#include "tests/fault/writer.h"

#include <stdio.h>
#include <stdlib.h>

#define MOST_CHANGES 6

/* What a step is made of. */
struct step {
    struct writer *writer;
    struct ledger_contents contents;
    struct buffer *requests;
    unsigned lines; /* of its answer */
};

void writer_init(struct writer *writer, unsigned number, uint64_t seed)
{
    static const struct ledger_contents nothing;
    *writer = (struct writer){.number = number, .resp = number % 2 == 1, .chance = {seed}};
    ledger_begin(&writer->ledger, &nothing);
}

void writer_fini(struct writer *writer)
{
    ledger_fini(&writer->ledger);
}

void writer_begin(struct writer *writer, const struct ledger_contents *contents)
{
    ledger_begin(&writer->ledger, contents);
    writer->first = 0;
    writer->waiting = 0;
}

/* Words -------------------------------------------------------------------- */

#define KEY_SIZE 16

static void name_key(char *text, unsigned number, unsigned key)
{
    snprintf(text, KEY_SIZE, "w%02u:k%02u", number % 100, key % 100);
}

/* Writes the value of that number; `text` has room for WRITER_VALUE_MOST and a NUL. */
static size_t spell_value(char *text, unsigned number, uint32_t value)
{
    struct chance chance = {value};
    int head = snprintf(text, WRITER_VALUE_MOST, "%u.%u.", number, value);
    size_t len = (size_t)head + chance_below(&chance, WRITER_VALUE_MOST - (size_t)head + 1);
    for (size_t i = (size_t)head; i < len; i++)
        text[i] = (char)('a' + (value + i) % 26);
    text[len] = '\0';
    return len;
}

/* A request is a command and its words, in the spelling of the face. */
static void begin_request(struct step *step, const char *line, const char *redis, unsigned words)
{
    char text[64];
    if (step->writer->resp)
        snprintf(text, sizeof(text), "*%u\r\n$%zu\r\n%s\r\n", words + 1, strlen(redis), redis);
    else
        snprintf(text, sizeof(text), "%s", line);
    buffer_append_string(step->requests, text);
}

static void add_word(struct step *step, struct slice word)
{
    char text[32];
    snprintf(text, sizeof(text), "$%zu\r\n", word.len);
    buffer_append_string(step->requests, step->writer->resp ? text : " ");
    buffer_append_slice(step->requests, word);
    buffer_append_string(step->requests, step->writer->resp ? "\r\n" : "");
}

static void end_request(struct step *step)
{
    if (!step->writer->resp)
        buffer_append_byte(step->requests, '\n');
    step->lines++;
}

static void say(struct step *step, const char *line, const char *redis)
{
    begin_request(step, line, redis, 0);
    end_request(step);
}

/* Changes ------------------------------------------------------------------ */

static void add_key(struct step *step, unsigned key)
{
    char text[KEY_SIZE];
    name_key(text, step->writer->number, key);
    add_word(step, slice_from_string(text));
}

static void add_pair(struct step *step, unsigned key)
{
    char text[WRITER_VALUE_MOST + 1];
    uint32_t value = ++step->writer->last_value;
    add_key(step, key);
    add_word(step, slice_of(text, spell_value(text, step->writer->number, value)));
    step->contents.values[key] = value;
}

static unsigned any_key(struct step *step)
{
    return (unsigned)chance_below(&step->writer->chance, LEDGER_KEYS);
}

static unsigned any_count(struct step *step)
{
    return 1 + (unsigned)chance_below(&step->writer->chance, MOST_CHANGES);
}

static void put_one(struct step *step)
{
    begin_request(step, "PUT", "SET", 2);
    add_pair(step, any_key(step));
    end_request(step);
}

static void put_several(struct step *step)
{
    unsigned count = any_count(step);
    begin_request(step, "MPUT", "MSET", 2 * count);
    for (unsigned i = 0; i < count; i++)
        add_pair(step, any_key(step));
    end_request(step);
}

static void delete_several(struct step *step)
{
    unsigned count = any_count(step);
    begin_request(step, "DEL", "DEL", count);
    for (unsigned i = 0; i < count; i++) {
        unsigned key = any_key(step);
        add_key(step, key);
        step->contents.values[key] = 0;
    }
    end_request(step);
}

static void change(struct step *step)
{
    switch (chance_below(&step->writer->chance, 4)) {
    case 0:
        delete_several(step);
        break;
    case 1:
        put_several(step);
        break;
    default:
        put_one(step);
        break;
    }
}

/* Redis answers each command of a transaction twice: when it is queued, and behind EXEC. */
static void batch(struct step *step)
{
    unsigned count = any_count(step);
    say(step, "BEGIN", "MULTI");
    for (unsigned i = 0; i < count; i++)
        change(step);
    say(step, "COMMIT", "EXEC");
    if (step->writer->resp)
        step->lines += count;
}

void writer_ask(struct writer *writer, struct buffer *requests)
{
    struct step step = {.writer = writer, .requests = requests};
    if (writer->waiting == WRITER_DEPTH)
        abort();
    step.contents = *ledger_last(&writer->ledger);
    if (chance_below(&writer->chance, 3) == 0)
        batch(&step);
    else
        change(&step);
    ledger_ask(&writer->ledger, &step.contents);
    writer->lines[(writer->first + writer->waiting) % WRITER_DEPTH] = step.lines;
    writer->waiting++;
}

/* Answers ------------------------------------------------------------------ */

enum writer_news writer_hear(struct writer *writer, struct slice line)
{
    if (slice_has_prefix(line, SLICE("ERR ")) || slice_has_prefix(line, SLICE("-")))
        return WRITER_REFUSED;
    bool fits = writer->resp ? line.len > 0 && strchr("+:*", line.data[0]) != NULL
                             : slice_has_prefix(line, SLICE("OK"));
    if (!fits || writer->waiting == 0)
        abort(); /* the protocol is broken: no test goes on from here */
    if (--writer->lines[writer->first] > 0)
        return WRITER_NONE;
    writer->first = (writer->first + 1) % WRITER_DEPTH;
    writer->waiting--;
    ledger_acknowledge(&writer->ledger);
    return WRITER_ACKNOWLEDGED;
}

bool writer_read_row(struct slice row, unsigned *number, unsigned *key, uint32_t *value)
{
    char text[2 * WRITER_VALUE_MOST];
    char expected[WRITER_VALUE_MOST + 1];
    unsigned owner = 0;
    if (row.len >= sizeof(text))
        return false;
    memcpy(text, row.data, row.len);
    text[row.len] = '\0';
    if (sscanf(text, "\"w%2u:k%2u\" \"%u.%u.", number, key, &owner, value) != 4 ||
        owner != *number || *key >= LEDGER_KEYS || *value == 0)
        return false;
    struct slice rest =
        slice_of(text + strlen("\"w00:k00\" \""), row.len - strlen("\"w00:k00\" \""));
    size_t len = spell_value(expected, *number, *value);
    expected[len] = '"';
    return slice_equal(rest, slice_of(expected, len + 1));
}
