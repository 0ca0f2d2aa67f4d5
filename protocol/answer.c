#include "protocol/answer.h"

#include "protocol/number.h"

/* A server may hold values longer than it accepts, so a client bounds a line only against a peer
 * that never ends one. */
#define LONGEST_ANSWER ((size_t)1024 * 1024 * 1024)

/* A row of a change feed: what happened, the key, the value, the sequence. */
#define MOST_PARTS 4

void answer_fini(struct answer *answer)
{
    tokens_fini(&answer->tokens);
    *answer = (struct answer){0};
}

/* The status an ending's words stand for; false when they are no ending. */
static bool read_status(struct answer *answer)
{
    const struct tokens *words = &answer->tokens;
    if (words->count == 0)
        return false;
    if (slice_equal(words->items[0], SLICE("ERR"))) {
        if (words->count < 3)
            return false;
        answer->status = status_from_word(words->items[1]);
        return true;
    }
    answer->status = status_from_word(words->items[0]);
    return answer->status <= STATUS_CONFLICT;
}

enum answer_result answer_decode(struct answer_decoder *decoder, struct slice input,
                                 struct answer *answer, size_t *used)
{
    struct slice line;
    bool crlf = false;
    *used = 0;
    switch (line_find(&decoder->finder, input, LONGEST_ANSWER, &line, &crlf, used)) {
    case LINE_MORE:
        return ANSWER_MORE;
    case LINE_TOO_LONG:
        return ANSWER_BAD;
    case LINE_FOUND:
        break;
    }
    if (line.len > 0 && line.data[0] == '#') {
        size_t skip = line.len > 1 && line.data[1] == ' ' ? 2 : 1;
        answer->remark = slice_of(line.data + skip, line.len - skip);
        return ANSWER_REMARK;
    }
    if (line_split(line, &answer->tokens) != LINE_SPLIT_OK)
        return ANSWER_BAD;
    if (line.len > 0 && line.data[0] == '"')
        return answer->tokens.count <= MOST_PARTS ? ANSWER_ROW : ANSWER_BAD;
    return read_status(answer) ? ANSWER_ENDING : ANSWER_BAD;
}

bool answer_more_key(const struct answer *answer, struct slice *key)
{
    const struct tokens *words = &answer->tokens;
    if (words->count < 4 || !slice_equal(words->items[words->count - 2], SLICE("MORE")))
        return false;
    *key = words->items[words->count - 1];
    return true;
}

bool answer_count(const struct answer *answer, uint64_t *count)
{
    const struct tokens *words = &answer->tokens;
    return answer->status == STATUS_OK && words->count >= 2 &&
           number_read(words->items[1], UINT64_MAX, count);
}
