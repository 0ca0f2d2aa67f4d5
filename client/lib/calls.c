/* The calls that send one request and wait for its reply. */
#include <inttypes.h>
#include <stdio.h>

#include "client/lib/exchange.h"
#include "client/lib/pipeline.h"
#include "protocol/number.h"

enum leveret_status leveret_get(struct leveret *db, struct leveret_bytes key,
                                struct leveret_bytes *value)
{
    struct leveret_bytes words[] = {leveret_text("GET"), key};
    return exchange_value(db, words, 2, value);
}

enum leveret_status leveret_put(struct leveret *db, struct leveret_bytes key,
                                struct leveret_bytes value)
{
    struct leveret_bytes words[] = {leveret_text("PUT"), key, value};
    return exchange_status(db, words, 3);
}

enum leveret_status leveret_put_new(struct leveret *db, struct leveret_bytes key,
                                    struct leveret_bytes value)
{
    struct leveret_bytes words[] = {leveret_text("PUT"), key, value, leveret_text("NX")};
    return exchange_status(db, words, 4);
}

enum leveret_status leveret_put_over(struct leveret *db, struct leveret_bytes key,
                                     struct leveret_bytes value)
{
    struct leveret_bytes words[] = {leveret_text("PUT"), key, value, leveret_text("XX")};
    return exchange_status(db, words, 4);
}

enum leveret_status leveret_put_if(struct leveret *db, struct leveret_bytes key,
                                   struct leveret_bytes value, struct leveret_bytes old)
{
    struct leveret_bytes words[] = {leveret_text("PUT"), key, value, leveret_text("IFEQ"), old};
    return exchange_status(db, words, 5);
}

enum leveret_status leveret_del_if(struct leveret *db, struct leveret_bytes key,
                                   struct leveret_bytes old)
{
    struct leveret_bytes words[] = {leveret_text("DELIFEQ"), key, old};
    return exchange_status(db, words, 3);
}

enum leveret_status leveret_incr(struct leveret *db, struct leveret_bytes key, int64_t delta,
                                 int64_t *sum)
{
    char text[24];
    snprintf(text, sizeof(text), "%" PRId64, delta);
    struct leveret_bytes words[] = {leveret_text("INCR"), key, leveret_text(text)};
    struct leveret_bytes value;
    int64_t number = 0;
    enum leveret_status status = exchange_value(db, words, 3, &value);
    if (status != LEVERET_OK)
        return status;
    if (!number_read_signed(slice_of(value.data, value.len), &number))
        return pipeline_unexpected(db);
    if (sum != NULL)
        *sum = number;
    return LEVERET_OK;
}

enum leveret_status leveret_del(struct leveret *db, struct leveret_bytes key, bool *existed)
{
    struct leveret_bytes words[] = {leveret_text("DEL"), key};
    const struct leveret_answer *ending = NULL;
    enum leveret_status status = exchange_ending(db, words, 2, &ending);
    uint64_t count = 0;
    if (status == LEVERET_OK && existed != NULL) /* in a batch there is no count */
        *existed = leveret_answer_count(ending, &count) && count > 0;
    return status;
}

enum leveret_status leveret_exists(struct leveret *db, struct leveret_bytes key, bool *exists)
{
    struct leveret_bytes words[] = {leveret_text("EXISTS"), key};
    uint64_t count = 0;
    enum leveret_status status = exchange_count(db, words, 2, &count);
    if (status == LEVERET_OK && exists != NULL)
        *exists = count > 0;
    return status;
}

enum leveret_status leveret_ping(struct leveret *db)
{
    return exchange_word(db, "PING");
}

enum leveret_status leveret_sync(struct leveret *db)
{
    return exchange_word(db, "SYNC");
}

enum leveret_status leveret_property(struct leveret *db, const char *name,
                                     struct leveret_bytes *text)
{
    struct leveret_bytes words[] = {leveret_text("PROPERTY"), leveret_text(name)};
    return exchange_value(db, words, 2, text);
}

enum leveret_status leveret_begin(struct leveret *db)
{
    if (db->pending == 0 && !db->streaming && !leveret_connected(db))
        db->in_batch = false; /* the one before is gone; this is a new one */
    enum leveret_status status = exchange_word(db, "BEGIN");
    db->in_batch |= status == LEVERET_OK;
    return status;
}

enum leveret_status leveret_check(struct leveret *db, struct leveret_bytes key,
                                  struct leveret_bytes value)
{
    struct leveret_bytes words[] = {leveret_text("CHECK"), key, leveret_text("IFEQ"), value};
    return exchange_status(db, words, 4);
}

enum leveret_status leveret_check_absent(struct leveret *db, struct leveret_bytes key)
{
    struct leveret_bytes words[] = {leveret_text("CHECK"), key, leveret_text("ABSENT")};
    return exchange_status(db, words, 3);
}

enum leveret_status leveret_commit(struct leveret *db)
{
    enum leveret_status status = exchange_word(db, "COMMIT");
    db->in_batch &= status == LEVERET_MISUSE; /* then it never left */
    return status;
}

enum leveret_status leveret_abort(struct leveret *db)
{
    bool lost = db->in_batch && db->pending == 0 && !db->streaming && !leveret_connected(db);
    enum leveret_status status = lost ? LEVERET_OK : exchange_word(db, "ABORT");
    db->in_batch &= status == LEVERET_MISUSE;
    return status;
}
