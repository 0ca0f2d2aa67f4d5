#include "client/lib/exchange.h"

#include "client/lib/pipeline.h"
#include "client/lib/session.h"

enum leveret_status exchange_ending(struct leveret *db, const struct leveret_bytes *words,
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

enum leveret_status exchange_status(struct leveret *db, const struct leveret_bytes *words,
                                    size_t count)
{
    const struct leveret_answer *ending = NULL;
    return exchange_ending(db, words, count, &ending);
}

enum leveret_status exchange_word(struct leveret *db, const char *word)
{
    struct leveret_bytes words[] = {leveret_text(word)};
    return exchange_status(db, words, 1);
}

enum leveret_status exchange_value(struct leveret *db, const struct leveret_bytes *words,
                                   size_t count, struct leveret_bytes *value)
{
    const struct leveret_answer *ending = NULL;
    struct leveret_bytes found;
    enum leveret_status status = exchange_ending(db, words, count, &ending);
    if (status != LEVERET_OK)
        return status;
    if (!leveret_answer_value(ending, &found))
        return pipeline_unexpected(db);
    if (value != NULL)
        *value = found;
    return LEVERET_OK;
}

enum leveret_status exchange_count(struct leveret *db, const struct leveret_bytes *words,
                                   size_t words_count, uint64_t *count)
{
    const struct leveret_answer *ending = NULL;
    uint64_t found = 0;
    enum leveret_status status = exchange_ending(db, words, words_count, &ending);
    if (status != LEVERET_OK)
        return status;
    if (!leveret_answer_count(ending, &found))
        return pipeline_unexpected(db);
    if (count != NULL)
        *count = found;
    return LEVERET_OK;
}
