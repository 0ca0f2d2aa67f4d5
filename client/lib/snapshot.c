/* Snapshots, and one key as it was at one of them. */
#include <inttypes.h>
#include <stdio.h>

#include "client/lib/exchange.h"
#include "client/lib/pipeline.h"
#include "client/lib/range.h"
#include "protocol/number.h"

enum leveret_status leveret_snapshot(struct leveret *db, unsigned ttl, uint64_t *snapshot)
{
    char seconds[16];
    snprintf(seconds, sizeof(seconds), "%u", ttl);
    struct leveret_bytes words[] = {leveret_text("SNAPSHOT"), leveret_text("TTL"),
                                    leveret_text(seconds)};
    struct leveret_bytes text;
    uint64_t number = 0;
    enum leveret_status status = exchange_value(db, words, ttl == 0 ? 1 : 3, &text);
    if (status != LEVERET_OK)
        return status;
    /* 0 would read the store as it is now, where a view was asked for. */
    if (!number_read(slice_of(text.data, text.len), UINT64_MAX, &number) || number == 0)
        return pipeline_unexpected(db);
    if (snapshot != NULL)
        *snapshot = number;
    return LEVERET_OK;
}

enum leveret_status leveret_release(struct leveret *db, uint64_t snapshot)
{
    char number[24];
    snprintf(number, sizeof(number), "%" PRIu64, snapshot);
    struct leveret_bytes words[] = {leveret_text("RELEASE"), leveret_text(number)};
    return exchange_status(db, words, 2);
}

enum leveret_status leveret_get_at(struct leveret *db, struct leveret_bytes key, uint64_t snapshot,
                                   unsigned flags, struct leveret_bytes *value)
{
    struct leveret_range view = {.prefix = key, .snapshot = snapshot, .flags = flags};
    struct range_words words;
    if ((flags & ~(unsigned)(LEVERET_VERIFY | LEVERET_NOCACHE)) != 0)
        return connection_fail(db, LEVERET_MISUSE, "one key is read with VERIFY and NOCACHE only");
    enum leveret_status status = range_words(db, "GET", &view, &words);
    return status == LEVERET_OK ? exchange_value(db, words.items, words.count, value) : status;
}
