#include "tests/interop/letters.h"

#include <stdio.h>

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

#define LONGEST_KEY 5000
#define LONGEST_VALUE                                                                              \
    60000 /* not too long for a key, where an odd number of words makes it one                     \
           */

static bool once_in(struct chance *chance, size_t times)
{
    return chance_below(chance, times) == 0;
}

/* Lists --------------------------------------------------------------------- */

static const char *const integers[] = {
    "0",
    "1",
    "-1",
    "2",
    "7",
    "-7",
    "10",
    "42",
    "1000",
    "-0",
    "007",
    "+5",
    " 1",
    "1 ",
    "1.5",
    "",
    "x",
    "1e3",
    "0x10",
    "9223372036854775807",
    "-9223372036854775808",
    "9223372036854775808",
    "-9223372036854775809",
    "18446744073709551615",
    "9223372036854775806",
    "4611686018427387904",
    "--1",
    "-",
};

static const char *const floats[] = {
    "0.1",
    "-0.1",
    "1.5",
    "3.0",
    "5",
    "-5",
    "1e3",
    "1E3",
    "1e-3",
    ".5",
    "1.",
    "+1.5",
    "inf",
    "-inf",
    "infinity",
    "nan",
    "1e400",
    "1e17",
    "1e-20",
    "0x1p3",
    "1e4932",
    "1e5000",
    "-1e300",
    "1e300",
    "3.14159265358979323846",
    "123456789012345678.25",
    " 1",
    "1 ",
    "",
    "x",
    "1.5x",
    "-0",
    "-0.0",
    "5e-324",
    "17179869184.5",
};

static const char *const offsets[] = {
    "0", "1", "2", "5", "30", "2000", "-1", "16777216", "536870912", "9223372036854775807", "x", "",
};

static const char *const set_options[] = {
    "NX", "XX", "GET", "KEEPTTL", "nx", "xx", "get", "keepttl", "NXX", "", "ABSENT",
};

static const char *const copy_options[] = {
    "REPLACE", "replace", "DB", "0", "1", "-1", "x", "",
};

static const char *const scan_options[] = {
    "MATCH", "COUNT", "TYPE", "match", "10", "0", "-1", "x", "*", "string", "list", "",
};

static const char *const hello_options[] = {
    "SETNAME", "AUTH", "setname", "x", "",
};

static const char *const names[] = {"", "n", "a name", "name-1", "\xff", "n\n", "!~"};

/* None that CLIENT KILL could take for one of the connections here. */
static const char *const any_words[] = {
    "ON", "OFF",      "on", "GET", "set",     "MGET",  "ID",   "TYPE",        "pubsub",
    "0",  "99999999", "x",  "",    "default", "HELLO", "ECHO", "127.0.0.1:1", "a b",
};

static const struct list {
    char letter;
    const char *const *items;
    size_t count;
} lists[] = {
    {'i', integers, COUNT_OF(integers)},
    {'f', floats, COUNT_OF(floats)},
    {'o', offsets, COUNT_OF(offsets)},
    {'s', set_options, COUNT_OF(set_options)},
    {'c', copy_options, COUNT_OF(copy_options)},
    {'m', scan_options, COUNT_OF(scan_options)},
    {'h', hello_options, COUNT_OF(hello_options)},
    {'n', names, COUNT_OF(names)},
    {'w', any_words, COUNT_OF(any_words)},
};

static void add_listed(struct words *words, struct chance *chance, char letter)
{
    const struct list *list = lists;
    while (list->letter != letter)
        list++;
    words_say(words, list->items[chance_below(chance, list->count)]);
}

/* Bytes --------------------------------------------------------------------- */

/* At most 2 bytes of the alphabet, seldom 3, and very seldom many. */
static void add_key(struct words *words, struct chance *chance)
{
    static const char alphabet[] = {'\0', ':', 'a', 'a', 'b', '\xff', '\n', '*'};
    char key[LONGEST_KEY];
    size_t len = once_in(chance, 50) ? 3 : chance_below(chance, 3);
    for (size_t i = 0; i < len; i++)
        key[i] = alphabet[chance_below(chance, sizeof(alphabet))];
    if (len > 0 && once_in(chance, 1000)) {
        memset(key + len, key[0], sizeof(key) - len);
        len = sizeof(key);
    }
    words_add(words, slice_of(key, len));
}

static void add_value(struct words *words, struct chance *chance)
{
    static char value[LONGEST_VALUE];
    size_t way = chance_below(chance, 1000);
    size_t len = way < 3 ? LONGEST_VALUE : chance_below(chance, way < 100 ? 600 : 12);
    if (way >= 500) {
        add_listed(words, chance, way >= 700 ? 'i' : 'f');
        return;
    }
    chance_bytes(chance, value, len);
    words_add(words, slice_of(value, len));
}

/* An index into a short value, on either side of both its ends. */
static void add_index(struct words *words, struct chance *chance)
{
    char text[32];
    if (once_in(chance, 8)) {
        add_listed(words, chance, 'i');
        return;
    }
    snprintf(text, sizeof(text), "%d", (int)chance_below(chance, 31) - 15);
    words_say(words, text);
}

static void add_glob(struct words *words, struct chance *chance)
{
    static const char alphabet[] = {'*', '*', '?', '[', ']',  '^',    '-', '\\',
                                    'a', 'a', 'b', ':', '\0', '\xff', '\n'};
    char glob[8];
    size_t len = chance_below(chance, sizeof(glob) + 1);
    for (size_t i = 0; i < len; i++)
        glob[i] = alphabet[chance_below(chance, sizeof(alphabet))];
    words_add(words, slice_of(glob, len));
}

void letters_add(struct words *words, struct chance *chance, char letter)
{
    if (letter == 'k')
        add_key(words, chance);
    else if (letter == 'v')
        add_value(words, chance);
    else if (letter == 'r')
        add_index(words, chance);
    else if (letter == 'g')
        add_glob(words, chance);
    else
        add_listed(words, chance, letter);
}
