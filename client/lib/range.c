#include "client/lib/range.h"

#include <inttypes.h>
#include <stdio.h>

static void add(struct range_words *words, struct leveret_bytes word)
{
    words->items[words->count++] = word;
}

static void add_bound(struct range_words *words, const char *name, struct leveret_bytes bound)
{
    if (bound.data == NULL)
        return;
    add(words, leveret_text(name));
    add(words, bound);
}

static void add_flag(struct range_words *words, const char *name, const struct leveret_range *range,
                     enum leveret_range_flags flag)
{
    if ((range->flags & (unsigned)flag) != 0)
        add(words, leveret_text(name));
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
    add(words, leveret_text(command));
    add(words, range->prefix);
    add_bound(words, "FROM", range->from);
    add_bound(words, "AFTER", range->after);
    add_bound(words, "TO", range->to);
    add_bound(words, "THROUGH", range->through);
    add_flag(words, "REVERSE", range, LEVERET_REVERSE);
    add_flag(words, "KEYS", range, LEVERET_KEYS);
    add_flag(words, "VALUES", range, LEVERET_VALUES);
    if (range->limit > 0) {
        snprintf(words->limit, sizeof(words->limit), "%" PRIu64, range->limit);
        add(words, leveret_text("LIMIT"));
        add(words, leveret_text(words->limit));
    }
    return LEVERET_OK;
}
