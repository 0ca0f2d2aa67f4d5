/* What a line of a reply holds. */
#include "client/lib/connection.h"

static struct leveret_bytes bytes_from_slice(struct slice slice)
{
    return leveret_bytes(slice.data, slice.len);
}

enum leveret_kind leveret_answer_kind(const struct leveret_answer *answer)
{
    return answer->kind;
}

/* Where the parts begin among the words; as many as there are words when it has none. */
static size_t first_part(const struct leveret_answer *answer)
{
    if (answer->kind == LEVERET_ROW)
        return 0;
    if (answer->kind == LEVERET_ENDING && answer->line.status == STATUS_CONFLICT)
        return 1;
    return answer->line.tokens.count;
}

bool leveret_answer_part(const struct leveret_answer *answer, size_t index,
                         struct leveret_bytes *part)
{
    const struct tokens *words = &answer->line.tokens;
    size_t first = answer->kind == LEVERET_REMARK ? words->count : first_part(answer);
    if (index >= words->count - first)
        return false;
    *part = bytes_from_slice(words->items[first + index]);
    return true;
}

enum leveret_status leveret_answer_status(const struct leveret_answer *answer)
{
    switch (answer->line.status) {
    case STATUS_OK:
        return LEVERET_OK;
    case STATUS_NOT_FOUND:
        return LEVERET_NOT_FOUND;
    case STATUS_CONFLICT:
        return LEVERET_CONFLICT;
    default:
        return LEVERET_ERROR;
    }
}

bool leveret_answer_value(const struct leveret_answer *answer, struct leveret_bytes *value)
{
    if (answer->kind != LEVERET_ENDING || !answer->has_value)
        return false;
    *value = bytes_from_slice(answer->line.tokens.items[1]);
    return true;
}

bool leveret_answer_count(const struct leveret_answer *answer, uint64_t *count)
{
    return answer->kind == LEVERET_ENDING && !answer->has_value &&
           answer_count(&answer->line, count);
}

bool leveret_answer_more(const struct leveret_answer *answer, struct leveret_bytes *key)
{
    struct slice more;
    if (answer->kind != LEVERET_ENDING || !answer_more_key(&answer->line, &more))
        return false;
    *key = bytes_from_slice(more);
    return true;
}

static bool is_error(const struct leveret_answer *answer)
{
    return answer->kind == LEVERET_ENDING && leveret_answer_status(answer) == LEVERET_ERROR;
}

struct leveret_bytes leveret_answer_code(const struct leveret_answer *answer)
{
    if (!is_error(answer))
        return leveret_text("");
    return bytes_from_slice(answer->line.tokens.items[1]);
}

struct leveret_bytes leveret_answer_text(const struct leveret_answer *answer)
{
    if (answer->kind == LEVERET_REMARK)
        return bytes_from_slice(answer->line.remark);
    return is_error(answer) ? bytes_from_slice(answer->line.tokens.items[2]) : leveret_text("");
}
