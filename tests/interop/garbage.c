#include "tests/interop/garbage.h"

#include <stdlib.h>

#include "tests/interop/words.h"

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

/* With its type the shortest line that is too long to hold a length. Nothing may follow it. */
#define ENDLESS 65536

/* The word that is spoiled, and how. */
struct spoil {
    size_t place; /* of the word; SIZE_MAX: the head of the array */
    const char *length;
    const char *type;
    const char *head_end;
    const char *data_end;
    bool endless;
};

/* Lengths; only one of the servers takes the last two as numbers of words. */
static const char *const lengths[] = {"",
                                      "-1",
                                      "-2",
                                      "-0",
                                      "0",
                                      "00",
                                      "01",
                                      "+1",
                                      "+3",
                                      " 3",
                                      "3 ",
                                      "3x",
                                      "x",
                                      "0x3",
                                      "3.0",
                                      "1e1",
                                      "--",
                                      "-",
                                      "-10",
                                      "1",
                                      "2",
                                      "9",
                                      "100",
                                      "65536",
                                      "2147483648",
                                      "-2147483649",
                                      "4294967295",
                                      "9223372036854775807",
                                      "9223372036854775808",
                                      "-9223372036854775808",
                                      "18446744073709551616",
                                      "99999999999999999999999999",
                                      "16777216",
                                      "16777217"};

static const char *const types[] = {"*", ":", "+", "-", "%", " ", "3", "x", "\n", "\r", "\xff", ""};
static const char *const ends[] = {"\n", "\r", "", "\n\n", "\r\r", "xx", "\rx", " \r\n", "\n\r"};

#define PICK(chance, list) (list)[chance_below(chance, COUNT_OF(list))]

static struct spoil choose(struct chance *chance, size_t words)
{
    size_t place = chance_below(chance, words + 1);
    struct spoil spoil = {.place = place == words ? SIZE_MAX : place};
    switch (chance_below(chance, 16)) {
    case 0:
        spoil.endless = true;
        break;
    case 1:
    case 2:
    case 3:
        spoil.type = spoil.place == SIZE_MAX ? NULL : PICK(chance, types);
        break;
    case 4:
    case 5:
        spoil.head_end = PICK(chance, ends);
        break;
    case 6:
    case 7:
        spoil.data_end = PICK(chance, ends);
        break;
    default:
        spoil.length = lengths[chance_below(chance, COUNT_OF(lengths) - (place == words ? 2 : 0))];
    }
    return spoil;
}

static const char *or_else(const char *text, const char *otherwise)
{
    return text != NULL ? text : otherwise;
}

static void append_head(struct buffer *out, const struct spoil *spoil, const char *type,
                        size_t number)
{
    buffer_append_string(out, or_else(spoil->type, type));
    for (size_t i = 0; spoil->endless && i < ENDLESS; i++)
        buffer_append_byte(out, '1');
    if (spoil->endless)
        return;
    if (spoil->length != NULL)
        buffer_append_string(out, spoil->length);
    else
        buffer_append_u64(out, number);
    buffer_append_string(out, or_else(spoil->head_end, "\r\n"));
}

static void append_word(struct buffer *out, const struct spoil *spoil, struct slice word)
{
    append_head(out, spoil, "$", word.len);
    if (spoil->endless)
        return;
    buffer_append_slice(out, word);
    buffer_append_string(out, or_else(spoil->data_end, "\r\n"));
}

/* So many words and bytes follow a length that is smaller than it was; a length that is no number
 * may be followed by anything. */
static size_t shortened(const struct spoil *spoil, size_t length)
{
    long long declared = spoil->length == NULL ? (long long)length : atoll(spoil->length);
    if (declared >= (long long)length)
        return length;
    return declared < 0 ? 0 : (size_t)declared;
}

/* The last word, behind which nothing may be left. */
static void append_last(struct buffer *out, const struct spoil *spoil, struct slice word)
{
    size_t tail = spoil->data_end == NULL ? 2 : strlen(spoil->data_end);
    append_word(out, spoil, slice_of(word.data, shortened(spoil, word.len)));
    out->len -= tail > 2 && !spoil->endless ? tail - 2 : 0;
}

/* An array whose parts are whole and one of which is wrong. */
static void append_spoiled(struct buffer *out, struct chance *chance, const struct words *words)
{
    static const struct spoil sound;
    struct spoil spoil = choose(chance, words->count);
    bool head = spoil.place == SIZE_MAX;
    append_head(out, head ? &spoil : &sound, "*", words->count);
    if (head && spoil.endless)
        return;
    size_t count = head ? shortened(&spoil, words->count) : words->count;
    for (size_t i = 0; i < count; i++) {
        const struct spoil *here = i == spoil.place ? &spoil : &sound;
        struct slice word = buffer_slice(&words->items[i]);
        if (i + 1 == count)
            append_last(out, here, word);
        else
            append_word(out, here, word);
        if (here->endless)
            return;
    }
}

static void choose_words(struct words *words, struct chance *chance)
{
    static const char *const more[] = {"", "a", "abc", "abcdef", "\r\n", "\n", "abcdefghijkl"};
    words_begin(words, "MGET");
    for (size_t count = 1 + chance_below(chance, 3); count > 0; count--)
        words_say(words, PICK(chance, more));
}

void garbage_append(struct buffer *out, struct chance *chance)
{
    static struct words words;
    for (size_t whole = chance_below(chance, 3); whole > 0; whole--)
        buffer_append_string(out, "*1\r\n$4\r\nPING\r\n");
    size_t start = out->len;
    choose_words(&words, chance);
    append_spoiled(out, chance, &words);
    if (chance_below(chance, 8) == 0)
        out->len = start + 1 + chance_below(chance, out->len - start);
}
