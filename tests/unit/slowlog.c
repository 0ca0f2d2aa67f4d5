#include <criterion/criterion.h>
#include <stdio.h>

#include "server/ops/slowlog.h"
#include "tests/lib/report.h"

static struct buffer seen;

static void show(void *arg, const struct slowlog_entry *entry)
{
    char text[48];
    struct slice word;
    (void)arg;
    snprintf(text, sizeof(text), "%llu:", (unsigned long long)entry->id);
    buffer_append_string(&seen, text);
    for (size_t at = 0; slowlog_word(&entry->words, &at, &word);) {
        buffer_append_byte(&seen, ' ');
        buffer_append_slice(&seen, word);
    }
    buffer_append_byte(&seen, '\n');
}

static void note(const char *word)
{
    struct slowlog_entry entry = {.took = 1};
    slowlog_add(&entry.words, slice_from_string(word));
    slowlog_note(&entry);
}

static void expect(size_t most, const char *expected)
{
    buffer_clear(&seen);
    slowlog_each(most, show, NULL);
    report_equal("entries", buffer_slice(&seen), slice_from_string(expected));
}

Test(slowlog, shows_the_newest_first_and_forgets)
{
    note("a");
    note("b");
    note("c");
    expect(2, "2: c\n1: b\n");
    cr_assert_eq(slowlog_count(), 3);
    slowlog_reset();
    expect(2, "");
    note("d");
    expect(9, "3: d\n");
}

Test(slowlog, keeps_so_many)
{
    for (unsigned i = 0; i < SLOWLOG_ENTRIES + 5; i++)
        note("x");
    cr_assert_eq(slowlog_count(), SLOWLOG_ENTRIES);
    expect(1, "132: x\n");
    slowlog_reset();
}

Test(slowlog, cuts_words_and_their_number)
{
    struct slowlog_words words = {0};
    struct slice word = {0};
    char text[200];
    size_t at = 0;
    memset(text, 'x', sizeof(text));
    for (unsigned i = 0; i < 40; i++)
        slowlog_add(&words, slice_of(text, i == 0 ? 200 : i == 1 ? 128 : 1));
    cr_assert(slowlog_word(&words, &at, &word));
    cr_assert_eq(word.len, 128 + strlen("... (72 more bytes)"));
    cr_assert(slowlog_word(&words, &at, &word));
    cr_assert_eq(word.len, 128);
    size_t count = 2;
    while (slowlog_word(&words, &at, &word))
        count++;
    cr_assert_eq(count, SLOWLOG_WORDS);
    report_equal("the last", word, SLICE("... (9 more arguments)"));
    buffer_fini(&words.bytes);
}
