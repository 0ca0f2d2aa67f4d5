/* The calls about a range that answer a number or nothing. */
#include "client/lib/exchange.h"
#include "client/lib/range.h"

/* Asks a command that answers a number about the range. */
static enum leveret_status exchange_range(struct leveret *db, const char *name,
                                          const struct leveret_range *range, uint64_t *number)
{
    struct range_words words;
    enum leveret_status status = range_words(db, name, range, &words);
    return status == LEVERET_OK ? exchange_count(db, words.items, words.count, number) : status;
}

enum leveret_status leveret_count(struct leveret *db, const struct leveret_range *range,
                                  uint64_t *count)
{
    struct leveret_range plain = *range;
    plain.flags &= ~(unsigned)(LEVERET_KEYS | LEVERET_VALUES);
    plain.bytes = 0;
    return exchange_range(db, "COUNT", &plain, count);
}

enum leveret_status leveret_size(struct leveret *db, const struct leveret_range *range,
                                 uint64_t *bytes)
{
    struct leveret_range plain = range_bounds(range);
    return exchange_range(db, "SIZE", &plain, bytes);
}

enum leveret_status leveret_compact(struct leveret *db, const struct leveret_range *range)
{
    if (range == NULL)
        return exchange_word(db, "COMPACT");
    struct leveret_range plain = range_bounds(range);
    struct range_words words;
    enum leveret_status status = range_words(db, "COMPACT", &plain, &words);
    return status == LEVERET_OK ? exchange_status(db, words.items, words.count) : status;
}

enum leveret_status leveret_del_range(struct leveret *db, const struct leveret_range *range,
                                      bool dry_run, uint64_t *deleted)
{
    struct range_words words;
    if (!range_is_bounds(range)) /* without its limit it would delete more than was meant */
        return connection_fail(db, LEVERET_MISUSE, "a range is deleted by prefix and bounds only");
    enum leveret_status status = range_words(db, "DELPREFIX", range, &words);
    if (status == LEVERET_OK && dry_run)
        range_add(&words, leveret_text("DRYRUN"));
    return status == LEVERET_OK ? exchange_count(db, words.items, words.count, deleted) : status;
}
