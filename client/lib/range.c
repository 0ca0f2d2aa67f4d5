#include "client/lib/range.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>

void range_add(struct range_words *words, struct leveret_bytes word)
{
    assert(words->count < RANGE_MOST_WORDS);
    words->items[words->count++] = word;
}

void range_add_pair(struct range_words *words, const char *name, struct leveret_bytes argument)
{
    range_add(words, leveret_text(name));
    range_add(words, argument);
}

static void add_bound(struct range_words *words, const char *name, struct leveret_bytes bound)
{
    if (bound.data != NULL)
        range_add_pair(words, name, bound);
}

/* `text` has room for any number, and lives as long as the words. */
static void add_number(struct range_words *words, const char *name, uint64_t number, char text[24])
{
    if (number == 0)
        return;
    snprintf(text, 24, "%" PRIu64, number);
    range_add_pair(words, name, leveret_text(text));
}

static void add_flag(struct range_words *words, const char *name, const struct leveret_range *range,
                     enum leveret_range_flags flag)
{
    if ((range->flags & (unsigned)flag) != 0)
        range_add(words, leveret_text(name));
}

static const char *contradiction(const struct leveret_range *range)
{
    if (range->from.data != NULL && range->after.data != NULL)
        return "a range has one lower bound, from or after";
    if (range->to.data != NULL && range->through.data != NULL)
        return "a range has one upper bound, to or through";
    if ((range->flags & LEVERET_KEYS) != 0 && (range->flags & LEVERET_VALUES) != 0)
        return "rows of one part are of keys or of values";
    return NULL;
}

enum leveret_status range_words(struct leveret *db, const char *command,
                                const struct leveret_range *range, struct range_words *words)
{
    const char *problem = contradiction(range);
    if (problem != NULL)
        return connection_fail(db, LEVERET_MISUSE, "%s", problem);
    words->count = 0;
    range_add(words, leveret_text(command));
    range_add(words, range->prefix);
    add_bound(words, "FROM", range->from);
    add_bound(words, "AFTER", range->after);
    add_bound(words, "TO", range->to);
    add_bound(words, "THROUGH", range->through);
    add_flag(words, "REVERSE", range, LEVERET_REVERSE);
    add_flag(words, "KEYS", range, LEVERET_KEYS);
    add_flag(words, "VALUES", range, LEVERET_VALUES);
    add_number(words, "LIMIT", range->limit, words->limit);
    add_number(words, "BYTES", range->bytes, words->bytes);
    add_number(words, "AT", range->snapshot, words->snapshot);
    add_flag(words, "VERIFY", range, LEVERET_VERIFY);
    add_flag(words, "NOCACHE", range, LEVERET_NOCACHE);
    return LEVERET_OK;
}

struct leveret_range range_bounds(const struct leveret_range *range)
{
    return (struct leveret_range){.prefix = range->prefix,
                                  .from = range->from,
                                  .after = range->after,
                                  .to = range->to,
                                  .through = range->through};
}

bool range_is_bounds(const struct leveret_range *range)
{
    return range->limit == 0 && range->bytes == 0 && range->snapshot == 0 && range->flags == 0;
}
