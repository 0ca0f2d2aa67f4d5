/*
 * SLOWLOG as Redis has it.
 */
#include "ops/slowlog.h"

#include "commands/redis/functions.h"
#include "commands/redis/subcommand.h"
#include "protocol/number.h"
#include "protocol/reply_resp.h"

/* So many unless more or fewer are asked for. */
#define USUAL 10

static size_t count_words(const struct slowlog_words *words)
{
    return words->count < SLOWLOG_WORDS ? words->count : SLOWLOG_WORDS;
}

/* The entry, as it is to be sent. What is noted meanwhile does not change how many there are. */
static void append_entry(void *arg, const struct slowlog_entry *entry)
{
    struct reply reply = {.face = &reply_resp, .out = arg};
    struct slice word;
    reply_array(&reply, 6);
    reply_integer(&reply, (int64_t)entry->id);
    reply_integer(&reply, entry->when);
    reply_integer(&reply, entry->took);
    reply_array(&reply, count_words(&entry->words));
    for (size_t at = 0; slowlog_word(&entry->words, &at, &word);)
        reply_bulk(&reply, word);
    reply_text(&reply, entry->address);
    reply_text(&reply, entry->name);
}

static enum call_result get(struct call *call)
{
    int64_t most = USUAL;
    struct buffer bytes = {0};
    if (call->argv->count == 3 &&
        (!number_read_signed(call_argument(call, 1), &most) || most < -1)) {
        reply_fail(&call->reply, "ERR count should be greater than or equal to -1");
        return CALL_DONE;
    }
    size_t count = slowlog_each(most < 0 ? SLOWLOG_ENTRIES : (size_t)most, append_entry, &bytes);
    if (bytes.failed) {
        (void)call_no_memory(call);
    } else {
        reply_array(&call->reply, count);
        reply_formatted(&call->reply, buffer_slice(&bytes));
    }
    buffer_fini(&bytes);
    return CALL_DONE;
}

static enum call_result say_length(struct call *call)
{
    reply_integer(&call->reply, (int64_t)slowlog_count());
    return CALL_DONE;
}

static enum call_result reset(struct call *call)
{
    slowlog_reset();
    reply_ok(&call->reply);
    return CALL_DONE;
}

static enum call_result help(struct call *call)
{
    return subcommand_help(call, &slowlog_container);
}

static const struct subcommand parts[] = {
    {"GET", get, -2, "[count]", "the latest slow requests, by default 10; -1 for all", "2.2.12",
     true},
    {"HELP", help, 2, "", "these lines", "6.2.0", false},
    {"LEN", say_length, 2, "", "how many there are", "2.2.12", true},
    {"RESET", reset, 2, "", "forget them", "2.2.12", true},
};

const struct container slowlog_container = {"SLOWLOG", parts, sizeof(parts) / sizeof(parts[0])};

enum call_result slowlogs_slowlog(struct call *call)
{
    return subcommand_serve(call, &slowlog_container);
}
