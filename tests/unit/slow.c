/*
 * What is noted of calls that took long; that of AUTH and its like is next to nothing.
 */
#include <criterion/criterion.h>

#include "server/commands/slow.h"
#include "server/ops/allowed.h"
#include "server/ops/slowlog.h"
#include "tests/lib/report.h"

static struct buffer seen;

static void show(void *arg, const struct slowlog_entry *entry)
{
    struct slice word;
    (void)arg;
    for (size_t at = 0; slowlog_word(&entry->words, &at, &word);) {
        buffer_append_slice(&seen, word);
        buffer_append_byte(&seen, ' ');
    }
    buffer_append_byte(&seen, '\n');
}

/* Two calls of these three words: one that ends in its first turn, and one in a later. */
static void expect(struct found found, struct slice name, const char *expected)
{
    struct slice words[] = {name, SLICE("ann"), SLICE("secret")};
    struct tokens argv = {.items = words, .count = 3};
    struct call call = {.argv = &argv, .found = found, .user = &user_anyone, .turn_began = 1};
    buffer_clear(&seen);
    slowlog_reset();
    allowed.slow_us = SLOW_FINE_US;
    slow_measure(&call, SLOW_FINE_US);
    slow_keep(&call);
    slow_end(&call, SLOW_FINE_US - 1);
    slow_keep(&call);
    slow_end(&call, SLOW_FINE_US);
    slowlog_each(SLOWLOG_ENTRIES, show, NULL);
    report_equal("entries", buffer_slice(&seen), slice_from_string(expected));
}

static void expect_redis(enum redis_id id, const char *name, const char *expected)
{
    expect((struct found){.redis = redis_at(id)}, slice_from_string(name), expected);
}

Test(slow, words_are_kept_as_they_came)
{
    expect_redis(REDIS_SET, "set", "set ann secret \nset ann secret \n");
    expect((struct found){.own = command_at(COMMAND_GET)}, SLICE("GET"),
           "GET ann secret \nGET ann secret \n");
}

Test(slow, words_that_may_be_secret_are_not)
{
    expect_redis(REDIS_AUTH, "AUTH", "AUTH (redacted) (redacted) \nAUTH (redacted) (redacted) \n");
    expect_redis(REDIS_HELLO, "HELLO",
                 "HELLO (redacted) (redacted) \nHELLO (redacted) (redacted) \n");
    expect_redis(REDIS_CONFIG, "CONFIG",
                 "CONFIG (redacted) (redacted) \nCONFIG (redacted) (redacted) \n");
}

/* Somebody mistyped AUTH. */
Test(slow, words_behind_a_name_that_nobody_knows_may_be_secret)
{
    expect((struct found){0}, SLICE("AUHT"),
           "AUHT (redacted) (redacted) \nAUHT (redacted) (redacted) \n");
}
