#include "client/cli/work.h"

#include <strings.h>

#include "protocol/quote.h"

static const struct work works[] = {
    {"get", "GET", true, false},       {"set", "SET", true, true},     {"del", "DEL", true, false},
    {"exists", "EXISTS", true, false}, {"ping", "PING", false, false},
};

const struct work *work_find(const char *name)
{
    for (size_t i = 0; i < sizeof(works) / sizeof(works[0]); i++)
        if (strcasecmp(name, works[i].name) == 0)
            return &works[i];
    return NULL;
}

const char *work_names(void)
{
    return "get set del exists ping";
}

/* The bytes that redis-benchmark stores, so that both leave the same data behind. */
static void append_value(struct buffer *out, size_t size)
{
    struct buffer value = {0};
    uint32_t state = 1234;
    for (size_t i = 0; i < size; i++) {
        state = state * 1103515245 + 12345;
        buffer_append_byte(&value, (char)('0' + ((state >> 16) & 63)));
    }
    quote_append(out, buffer_slice(&value));
    out->failed = out->failed || value.failed;
    buffer_fini(&value);
}

static void append_request(struct work_requests *requests, const struct work *work,
                           size_t value_size)
{
    struct buffer *text = &requests->text;
    buffer_append_string(text, work->verb);
    if (work->has_key) {
        buffer_append_string(text, " key:");
        requests->digits = text->len;
        for (int i = 0; i < WORK_DIGITS; i++)
            buffer_append_byte(text, '0');
    }
    if (work->has_value) {
        buffer_append_byte(text, ' ');
        append_value(text, value_size);
    }
    buffer_append_byte(text, '\n');
}

bool work_init(struct work_requests *requests, const struct work *work, size_t count,
               size_t value_size)
{
    *requests = (struct work_requests){.count = count};
    append_request(requests, work, value_size);
    struct buffer *text = &requests->text;
    requests->length = text->len;
    if (!buffer_reserve(text, (count - 1) * requests->length))
        return false;
    for (size_t i = 1; i < count; i++)
        buffer_append(text, text->data, requests->length);
    return true;
}

void work_fini(struct work_requests *requests)
{
    buffer_fini(&requests->text);
}

void work_set_key(struct work_requests *requests, size_t index, uint64_t number)
{
    char *digits = requests->text.data + index * requests->length + requests->digits;
    for (int i = WORK_DIGITS - 1; i >= 0; i--, number /= 10)
        digits[i] = (char)('0' + number % 10);
}
