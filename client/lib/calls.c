/* The calls that send one request and wait for its reply. */
#include <inttypes.h>
#include <stdio.h>

#include "client/lib/pipeline.h"
#include "client/lib/range.h"
#include "client/lib/session.h"
#include "protocol/number.h"

/*
 * One whole exchange. On OK *ending is the reply's last line; rows before it are passed over, for
 * none of these requests has any.
 */
static enum leveret_status exchange(struct leveret *db, const struct leveret_bytes *words,
                                    size_t count, const struct leveret_answer **ending)
{
    enum leveret_status status = session_check_idle(db);
    if (status == LEVERET_OK)
        status = session_request(db, words, count);
    while (status == LEVERET_OK) {
        status = pipeline_next(db, ending);
        if (status == LEVERET_OK && leveret_answer_kind(*ending) == LEVERET_ENDING)
            return pipeline_conclude(db, *ending);
    }
    return status;
}

enum leveret_status leveret_get(struct leveret *db, struct leveret_bytes key,
                                struct leveret_bytes *value)
{
    struct leveret_bytes words[] = {leveret_text("GET"), key};
    const struct leveret_answer *ending = NULL;
    struct leveret_bytes found;
    enum leveret_status status = exchange(db, words, 2, &ending);
    if (status != LEVERET_OK)
        return status;
    if (!leveret_answer_value(ending, &found))
        return pipeline_unexpected(db);
    if (value != NULL)
        *value = found;
    return LEVERET_OK;
}

/* One exchange of which only the status counts. */
static enum leveret_status exchange_status(struct leveret *db, const struct leveret_bytes *words,
                                           size_t count)
{
    const struct leveret_answer *ending = NULL;
    return exchange(db, words, count, &ending);
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
    const struct leveret_answer *ending = NULL;
    struct leveret_bytes value;
    int64_t number = 0;
    enum leveret_status status = exchange(db, words, 3, &ending);
    if (status != LEVERET_OK)
        return status;
    if (!leveret_answer_value(ending, &value) ||
        !number_read_signed(slice_of(value.data, value.len), &number))
        return pipeline_unexpected(db);
    if (sum != NULL)
        *sum = number;
    return LEVERET_OK;
}

static enum leveret_status exchange_count(struct leveret *db, const struct leveret_bytes *words,
                                          size_t words_count, uint64_t *count)
{
    const struct leveret_answer *ending = NULL;
    enum leveret_status status = exchange(db, words, words_count, &ending);
    if (status == LEVERET_OK && !leveret_answer_count(ending, count))
        return pipeline_unexpected(db);
    return status;
}

enum leveret_status leveret_del(struct leveret *db, struct leveret_bytes key, bool *existed)
{
    struct leveret_bytes words[] = {leveret_text("DEL"), key};
    const struct leveret_answer *ending = NULL;
    enum leveret_status status = exchange(db, words, 2, &ending);
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

/* A request of one word. */
static enum leveret_status exchange_word(struct leveret *db, const char *word)
{
    struct leveret_bytes words[] = {leveret_text(word)};
    return exchange_status(db, words, 1);
}

enum leveret_status leveret_ping(struct leveret *db)
{
    return exchange_word(db, "PING");
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

/* Asks a command that answers a number about the range. */
static enum leveret_status exchange_range(struct leveret *db, const char *name,
                                          const struct leveret_range *range, uint64_t *number)
{
    struct range_words words;
    enum leveret_status status = range_words(db, name, range, &words);
    uint64_t found = 0;
    if (status == LEVERET_OK)
        status = exchange_count(db, words.items, words.count, &found);
    if (status == LEVERET_OK && number != NULL)
        *number = found;
    return status;
}

enum leveret_status leveret_count(struct leveret *db, const struct leveret_range *range,
                                  uint64_t *count)
{
    struct leveret_range plain = *range;
    plain.flags &= ~(unsigned)(LEVERET_KEYS | LEVERET_VALUES);
    return exchange_range(db, "COUNT", &plain, count);
}

enum leveret_status leveret_size(struct leveret *db, const struct leveret_range *range,
                                 uint64_t *bytes)
{
    struct leveret_range plain = *range;
    plain.flags = 0;
    plain.limit = 0;
    return exchange_range(db, "SIZE", &plain, bytes);
}
