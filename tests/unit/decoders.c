#include "tests/unit/decoders.h"

#include <assert.h>
#include <stdlib.h>

#include "protocol/answer.h"
#include "protocol/quote.h"
#include "protocol/request.h"

/* Requests ---------------------------------------------------------------- */

/* The daemon's way with a decoder: decode until it asks for more or the peer is lost. */
struct request_state {
    struct request_decoder decoder;
    struct request request;
};

static void *open_request(void)
{
    return calloc(1, sizeof(struct request_state));
}

static void close_request(void *state)
{
    struct request_state *decoding = state;
    request_fini(&decoding->request);
    free(decoding);
}

static void say_request(struct buffer *said, const struct request *request)
{
    const char *ending = request->crlf ? "CRLF" : "LF";
    buffer_append_string(said, request->face == REQUEST_RESP ? "RESP" : ending);
    for (size_t i = 0; i < request->argv.count; i++) {
        buffer_append_byte(said, ' ');
        quote_append(said, request->argv.items[i]);
    }
    buffer_append_byte(said, '\n');
}

static void say_problem(struct buffer *said, const char *kind, const struct request *request)
{
    buffer_append_string(said, kind);
    buffer_append_byte(said, ' ');
    buffer_append_string(said, status_word(request->status));
    buffer_append_string(said, ": ");
    buffer_append_string(said, request->problem);
    buffer_append_byte(said, '\n');
}

static bool arrive_request(void *state, struct slice window, struct buffer *said, size_t *used)
{
    struct request_state *decoding = state;
    struct request *request = &decoding->request;
    for (;;) {
        size_t step = 0;
        enum request_result result = request_decode(
            &decoding->decoder, slice_of(window.data + *used, window.len - *used), request, &step);
        *used += step;
        switch (result) {
        case REQUEST_READY:
            say_request(said, request);
            break;
        case REQUEST_MORE:
            return true;
        case REQUEST_BAD:
            say_problem(said, "BAD", request);
            break;
        case REQUEST_LOST:
            say_problem(said, "LOST", request);
            return false;
        }
    }
}

const struct cuts_decoder decoders_request = {open_request, arrive_request, close_request};

/* RESP -------------------------------------------------------------------- */

static void *open_resp(void)
{
    return calloc(1, sizeof(struct decoders_resp_state));
}

static void close_resp(void *state)
{
    struct decoders_resp_state *decoding = state;
    tokens_fini(&decoding->argv);
    free(decoding);
}

static void say_words(struct buffer *said, const struct tokens *argv)
{
    for (size_t i = 0; i < argv->count; i++) {
        if (i > 0)
            buffer_append_byte(said, ' ');
        quote_append(said, argv->items[i]);
    }
    buffer_append_byte(said, '\n');
}

static bool arrive_resp(void *state, struct slice window, struct buffer *said, size_t *used)
{
    struct decoders_resp_state *decoding = state;
    char problem[RESP_PROBLEM];
    for (;;) {
        size_t step = 0;
        enum resp_result result =
            resp_decode(&decoding->decoder, slice_of(window.data + *used, window.len - *used),
                        &decoding->argv, problem, &step);
        *used += step;
        switch (result) {
        case RESP_READY:
            say_words(said, &decoding->argv);
            break;
        case RESP_EMPTY:
            buffer_append_string(said, "nothing\n");
            break;
        case RESP_MORE:
            assert(step == 0);
            return true;
        case RESP_LOST:
            buffer_append_string(said, problem);
            buffer_append_byte(said, '\n');
            return false;
        case RESP_NO_MEMORY:
            abort();
        }
        if (*used == window.len)
            return true;
    }
}

const struct cuts_decoder decoders_resp = {open_resp, arrive_resp, close_resp};

/* Answers ----------------------------------------------------------------- */

/* A client's way with a decoder: decode until it asks for more or the peer makes no sense. */
struct answer_state {
    struct answer_decoder decoder;
    struct answer answer;
};

static void *open_answer(void)
{
    return calloc(1, sizeof(struct answer_state));
}

static void close_answer(void *state)
{
    struct answer_state *decoding = state;
    answer_fini(&decoding->answer);
    free(decoding);
}

static void say_tokens(struct buffer *said, const struct tokens *tokens)
{
    for (size_t i = 0; i < tokens->count; i++) {
        buffer_append_byte(said, ' ');
        quote_append(said, tokens->items[i]);
    }
}

static void say_ending(struct buffer *said, const struct answer *answer)
{
    struct slice key;
    uint64_t count = 0;
    buffer_append_string(said, "END ");
    buffer_append_string(said, answer->status == STATUS_COUNT ? "?" : status_word(answer->status));
    say_tokens(said, &answer->tokens);
    if (answer_count(answer, &count)) {
        buffer_append_string(said, " count=");
        buffer_append_u64(said, count);
    }
    if (answer_more_key(answer, &key)) {
        buffer_append_string(said, " more=");
        quote_append(said, key);
    }
    buffer_append_byte(said, '\n');
}

/* Says what was decoded; false when the decoding is over or wants more. */
static bool say_answer(struct buffer *said, enum answer_result result, const struct answer *answer)
{
    switch (result) {
    case ANSWER_MORE:
        return false;
    case ANSWER_ROW:
        buffer_append_string(said, "ROW");
        say_tokens(said, &answer->tokens);
        buffer_append_byte(said, '\n');
        return true;
    case ANSWER_REMARK:
        buffer_append_string(said, "REMARK ");
        buffer_append_slice(said, answer->remark);
        buffer_append_byte(said, '\n');
        return true;
    case ANSWER_ENDING:
        say_ending(said, answer);
        return true;
    case ANSWER_BAD:
        buffer_append_string(said, "BAD\n");
        return false;
    }
    return false;
}

static bool arrive_answer(void *state, struct slice window, struct buffer *said, size_t *used)
{
    struct answer_state *decoding = state;
    enum answer_result result = ANSWER_MORE;
    do {
        size_t step = 0;
        result =
            answer_decode(&decoding->decoder, slice_of(window.data + *used, window.len - *used),
                          &decoding->answer, &step);
        assert(result != ANSWER_MORE || step == 0);
        *used += step;
    } while (say_answer(said, result, &decoding->answer));
    return result == ANSWER_MORE;
}

const struct cuts_decoder decoders_answer = {open_answer, arrive_answer, close_answer};
