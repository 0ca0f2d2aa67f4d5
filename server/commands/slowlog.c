/*
 * SLOWLOG: the requests that took longer than --slow, the latest first.
 */
#include <stdio.h>

#include "commands/handlers.h"
#include "ops/slowlog.h"
#include "protocol/number.h"
#include "protocol/quote.h"

/* So many unless more or fewer are asked for. */
#define USUAL 10

/* Longest facts of one besides its words. */
#define FACT_TEXT (2 * SLOWLOG_TEXT + 256)

/* The words come last, because they hold spaces. */
static void append_entry(void *arg, const struct slowlog_entry *entry)
{
    struct reply *reply = arg;
    struct buffer text = {0};
    struct slice word;
    char facts[FACT_TEXT];
    char id[24];
    snprintf(id, sizeof(id), "%llu", (unsigned long long)entry->id);
    snprintf(facts, sizeof(facts),
             "when=%lld us=%lld client=%llu user=%s address=%s request=", (long long)entry->when,
             (long long)entry->took, (unsigned long long)entry->client,
             entry->user[0] == '\0' ? "-" : entry->user, entry->address);
    buffer_append_string(&text, facts);
    for (size_t at = 0; slowlog_word(&entry->words, &at, &word);) {
        if (word.data != entry->words.bytes.data + 1)
            buffer_append_byte(&text, ' ');
        quote_escape(&text, word);
    }
    if (!text.failed)
        reply_row(reply, slice_from_string(id), buffer_slice(&text));
    buffer_fini(&text);
}

enum call_result slowlog_slowlog(struct call *call)
{
    struct slice word = call_argument_count(call) == 0 ? SLICE("") : call_argument(call, 0);
    uint64_t most = USUAL;
    if (slice_equal_fold(word, SLICE("RESET"))) {
        slowlog_reset();
        reply_ok(&call->reply);
        return CALL_DONE;
    }
    if (word.len > 0 && !number_read(word, SLOWLOG_ENTRIES, &most)) {
        reply_error(&call->reply, STATUS_BADARG, "SLOWLOG takes a whole number up to %d, or RESET",
                    SLOWLOG_ENTRIES);
        return CALL_DONE;
    }
    reply_count(&call->reply, slowlog_each((size_t)most, append_entry, &call->reply));
    return CALL_DONE;
}
