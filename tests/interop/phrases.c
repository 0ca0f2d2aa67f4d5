#include "tests/interop/phrases.h"

#include <ctype.h>

#include "protocol/redis.h"
#include "tests/interop/letters.h"

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

/* The shape of a request: its first words, then a letter of letters.h for each of the others. An
 * asterisk stands for up to 3 more of the last letter, an ampersand for up to 3 more pairs of the
 * last two. */
struct shape {
    const char *name;
    const char *letters;
    unsigned weight;
    enum phrase_likeness likeness;
    const char *more; /* words with spaces between, behind the name; or NULL */
};

static const struct shape shapes[] = {
    {"GET", "k", 60, PHRASE_SAME, NULL},
    {"SET", "kv", 60, PHRASE_SAME, NULL},
    {"SET", "kvs*", 60, PHRASE_SAME, NULL},
    {"SETNX", "kv", 15, PHRASE_SAME, NULL},
    {"GETSET", "kv", 15, PHRASE_SAME, NULL},
    {"GETDEL", "k", 15, PHRASE_SAME, NULL},
    {"GETRANGE", "krr", 40, PHRASE_SAME, NULL},
    {"SUBSTR", "krr", 10, PHRASE_SAME, NULL},
    {"SETRANGE", "kov", 40, PHRASE_SAME, NULL},
    {"STRLEN", "k", 15, PHRASE_SAME, NULL},
    {"APPEND", "kv", 25, PHRASE_SAME, NULL},
    {"MGET", "k*", 30, PHRASE_SAME, NULL},
    {"MSET", "kv&", 25, PHRASE_SAME, NULL},
    {"MSETNX", "kv&", 20, PHRASE_SAME, NULL},
    {"INCR", "k", 30, PHRASE_SAME, NULL},
    {"DECR", "k", 30, PHRASE_SAME, NULL},
    {"INCRBY", "ki", 30, PHRASE_SAME, NULL},
    {"DECRBY", "ki", 30, PHRASE_SAME, NULL},
    {"INCRBYFLOAT", "kf", 60, PHRASE_SAME, NULL},
    {"DEL", "k*", 30, PHRASE_SAME, NULL},
    {"UNLINK", "k*", 10, PHRASE_SAME, NULL},
    {"EXISTS", "k*", 20, PHRASE_SAME, NULL},
    {"TOUCH", "k*", 10, PHRASE_SAME, NULL},
    {"TYPE", "k", 15, PHRASE_SAME, NULL},
    {"RENAME", "kk", 20, PHRASE_SAME, NULL},
    {"RENAMENX", "kk", 20, PHRASE_SAME, NULL},
    {"COPY", "kk", 10, PHRASE_SAME, NULL},
    {"COPY", "kkc*", 15, PHRASE_SAME, NULL},
    {"KEYS", "g", 15, PHRASE_SORTED, NULL},
    {"SCAN", "m*", 10, PHRASE_TYPE, "0"},
    {"SCAN", "m", 5, PHRASE_TYPE, "x"},
    {"SCAN", "", 2, PHRASE_TYPE, "18446744073709551616"},
    {"DBSIZE", "", 10, PHRASE_SAME, NULL},
    {"RANDOMKEY", "", 5, PHRASE_TYPE, NULL},
    {"MULTI", "", 40, PHRASE_SAME, NULL},
    {"EXEC", "", 10, PHRASE_SAME, NULL},
    {"DISCARD", "", 5, PHRASE_SAME, NULL},
    {"WATCH", "k*", 30, PHRASE_SAME, NULL},
    {"UNWATCH", "", 5, PHRASE_SAME, NULL},
    {"PING", "", 10, PHRASE_SAME, NULL},
    {"PING", "v", 10, PHRASE_SAME, NULL},
    {"ECHO", "v", 10, PHRASE_SAME, NULL},
    {"SELECT", "i", 5, PHRASE_SAME, NULL},
    {"HELLO", "", 15, PHRASE_TYPE, "3"},
    {"HELLO", "", 5, PHRASE_TYPE, "2"},
    {"HELLO", "", 2, PHRASE_TYPE, NULL},
    {"HELLO", "h", 5, PHRASE_TYPE, "3"},
    {"HELLO", "i", 5, PHRASE_TYPE, NULL},
    {"HELLO", "n", 5, PHRASE_TYPE, "3 SETNAME"},
    {"HELLO", "ww", 3, PHRASE_TYPE, "2 AUTH"},
    {"HELLO", "n", 3, PHRASE_TYPE, "3 AUTH default x SETNAME"},
    {"AUTH", "w", 2, PHRASE_SAME, NULL},
    {"AUTH", "ww", 2, PHRASE_SAME, NULL},
    {"AUTH", "w", 2, PHRASE_SAME, "default"},
    {"RESET", "", 2, PHRASE_SAME, NULL},
    {"QUIT", "", 1, PHRASE_SAME, NULL},
    {"CLIENT", "", 2, PHRASE_TYPE, "ID"},
    {"CLIENT", "", 5, PHRASE_SAME, "GETNAME"},
    {"CLIENT", "n", 8, PHRASE_SAME, "SETNAME"},
    {"CLIENT", "", 2, PHRASE_TYPE, "LIST"},
    {"CLIENT", "", 2, PHRASE_TYPE, "INFO"},
    {"CLIENT", "w", 3, PHRASE_SAME, "NO-EVICT"},
    {"CLIENT", "i", 2, PHRASE_SAME, "REPLY"},
    {"CLIENT", "w", 3, PHRASE_SAME, "KILL"},
    {"CLIENT", "w*", 2, PHRASE_TYPE, "w"},
    {"COMMAND", "w", 3, PHRASE_SAME, "nosuch"},
    {"COMMAND", "wk*", 3, PHRASE_SAME, "GETKEYS"},
    {"COMMAND", "kv", 3, PHRASE_SAME, "GETKEYS"},
    {"CONFIG", "", 2, PHRASE_SAME, "GET"},
    {"CONFIG", "w", 2, PHRASE_SAME, "nosuch"},
    {"INFO", "", 1, PHRASE_TYPE, NULL},
    {"TIME", "", 2, PHRASE_TYPE, NULL},
    {"LOLWUT", "", 1, PHRASE_TYPE, NULL},
    {"WAIT", "i", 4, PHRASE_SAME, "0"},
    {"EXPIRE", "ki", 4, PHRASE_SAME, NULL},
    {"LPUSH", "kv*", 4, PHRASE_SAME, NULL},
    {"LCS", "kk", 2, PHRASE_SAME, NULL},
    {"", "w*", 2, PHRASE_SAME, NULL},
    {"nosuch", "v*", 6, PHRASE_SAME, NULL},
};

static bool once_in(struct chance *chance, size_t times)
{
    return chance_below(chance, times) == 0;
}

/* Shapes --------------------------------------------------------------------- */

static const struct shape *pick(struct chance *chance)
{
    static size_t total;
    if (total == 0)
        for (size_t i = 0; i < COUNT_OF(shapes); i++)
            total += shapes[i].weight;
    size_t left = chance_below(chance, total);
    const struct shape *shape = shapes;
    for (; left >= shape->weight; shape++)
        left -= shape->weight;
    return shape;
}

static bool can_be_queued(const struct shape *shape)
{
    const struct redis_command *command = redis_find(slice_from_string(shape->name));
    return command == NULL || (command->flags & REDIS_NOT_QUEUED) == 0;
}

/* One that fits a connection in a transaction or out of it. */
static const struct shape *pick_fitting(struct chance *chance, bool open)
{
    static const struct shape exec = {"EXEC", "", 0, PHRASE_SAME, NULL};
    if (open && once_in(chance, 6))
        return &exec;
    for (;;) {
        const struct shape *shape = pick(chance);
        if (!open || (can_be_queued(shape) && shape->likeness == PHRASE_SAME))
            return shape;
    }
}

static void add_letters(struct words *words, struct chance *chance, const char *letters)
{
    for (const char *at = letters; *at != '\0'; at++) {
        bool single = *at == '*';
        bool pair = *at == '&';
        for (size_t more = single || pair ? chance_below(chance, 4) : 0; more > 0; more--) {
            if (pair)
                letters_add(words, chance, at[-2]);
            letters_add(words, chance, at[-1]);
        }
        if (!single && !pair)
            letters_add(words, chance, *at);
    }
}

static void add_more(struct words *words, const char *more)
{
    while (*more != '\0') {
        size_t len = strcspn(more, " ");
        words_add(words, slice_of(more, len));
        more += len + strspn(more + len, " ");
    }
}

/* HELLO takes any number of words; that some are wrong shows after others in Redis. */
static void spoil_arity(struct words *words, struct chance *chance)
{
    if (words_is(words, 0, "HELLO"))
        return;
    if (words->count > 1 && once_in(chance, 2))
        words->count--;
    else
        letters_add(words, chance, once_in(chance, 2) ? 'i' : 'w');
}

static void change_case(struct words *words, struct chance *chance)
{
    struct buffer *name = &words->items[0];
    for (size_t i = 0; i < name->len; i++)
        if (once_in(chance, 2))
            name->data[i] = (char)tolower((unsigned char)name->data[i]);
}

/* A name of many bytes, or with bytes that have no place in a name. Behind the name of a command
 * Redis sees a NUL or not as chance has it: it hashes all bytes and compares those before. */
static void spoil_name(struct words *words, struct chance *chance)
{
    static const char *const additions[] = {"\n", "\r\n-OK", " ", "'", "x", "\xff"};
    struct buffer *name = &words->items[0];
    if (redis_find(buffer_slice(name)) == NULL)
        buffer_append(name, "\0x", 2);
    else if (once_in(chance, 4))
        for (size_t i = 0; i < 130; i++)
            buffer_append_byte(name, 'y');
    else
        buffer_append_string(name, additions[chance_below(chance, COUNT_OF(additions))]);
}

static bool is_alone(const struct words *words, const char *name)
{
    return words->count == 1 && words_is(words, 0, name);
}

enum phrase_likeness phrases_make(struct words *words, struct chance *chance, bool *open)
{
    const struct shape *shape = pick_fitting(chance, *open);
    words_begin(words, shape->name);
    if (shape->more != NULL)
        add_more(words, shape->more);
    add_letters(words, chance, shape->letters);
    if (once_in(chance, *open ? 120 : 15))
        spoil_arity(words, chance);
    if (once_in(chance, 10))
        change_case(words, chance);
    if (once_in(chance, *open ? 400 : 80))
        spoil_name(words, chance);
    if (is_alone(words, "MULTI"))
        *open = true;
    else if (is_alone(words, "EXEC") || is_alone(words, "DISCARD") || is_alone(words, "RESET") ||
             words_is(words, 0, "QUIT"))
        *open = false;
    return shape->likeness;
}
