#include "ops/slowlog.h"

#include <pthread.h>
#include <stdio.h>
#include <time.h>

#include "ops/metrics.h"

/* Guards the ring: noted is seldom, and read more seldom. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct slowlog_entry ring[SLOWLOG_ENTRIES];
static uint64_t next_id;
static size_t count;

/* Words ---------------------------------------------------------------------- */

static void append(struct slowlog_words *words, struct slice text)
{
    words->last = words->bytes.len;
    buffer_append_byte(&words->bytes, (char)(unsigned char)text.len);
    buffer_append_slice(&words->bytes, text);
}

/* The place of the last word tells how many more there are. */
static void append_rest(struct slowlog_words *words)
{
    char text[64];
    snprintf(text, sizeof(text), "... (%zu more arguments)", words->count - SLOWLOG_WORDS + 1);
    words->bytes.len = words->last;
    append(words, slice_from_string(text));
}

void slowlog_add(struct slowlog_words *words, struct slice word)
{
    char text[SLOWLOG_WORD + 64];
    words->count++;
    if (words->count > SLOWLOG_WORDS) {
        append_rest(words);
    } else if (word.len <= SLOWLOG_WORD) {
        append(words, word);
    } else {
        memcpy(text, word.data, SLOWLOG_WORD);
        int more =
            snprintf(text + SLOWLOG_WORD, 64, "... (%zu more bytes)", word.len - SLOWLOG_WORD);
        append(words, slice_of(text, SLOWLOG_WORD + (size_t)more));
    }
}

bool slowlog_word(const struct slowlog_words *words, size_t *at, struct slice *word)
{
    if (*at >= words->bytes.len)
        return false;
    size_t len = (unsigned char)words->bytes.data[*at];
    *word = slice_of(words->bytes.data + *at + 1, len);
    *at += 1 + len;
    return true;
}

/* The ring ------------------------------------------------------------------- */

void slowlog_note(struct slowlog_entry *entry)
{
    metrics_add(&metrics.slow, 1);
    if (entry->words.bytes.failed) {
        buffer_fini(&entry->words.bytes);
        return;
    }
    entry->when = (int64_t)time(NULL);
    pthread_mutex_lock(&lock);
    entry->id = next_id++;
    struct slowlog_entry *place = &ring[entry->id % SLOWLOG_ENTRIES];
    buffer_fini(&place->words.bytes);
    *place = *entry;
    if (count < SLOWLOG_ENTRIES)
        count++;
    pthread_mutex_unlock(&lock);
}

size_t slowlog_each(size_t most, void (*show)(void *arg, const struct slowlog_entry *entry),
                    void *arg)
{
    pthread_mutex_lock(&lock);
    size_t shown = most < count ? most : count;
    for (size_t i = 1; i <= shown; i++)
        show(arg, &ring[(next_id - i) % SLOWLOG_ENTRIES]);
    pthread_mutex_unlock(&lock);
    return shown;
}

size_t slowlog_count(void)
{
    pthread_mutex_lock(&lock);
    size_t now = count;
    pthread_mutex_unlock(&lock);
    return now;
}

void slowlog_reset(void)
{
    pthread_mutex_lock(&lock);
    for (size_t i = 0; i < SLOWLOG_ENTRIES; i++)
        buffer_fini(&ring[i].words.bytes);
    count = 0;
    pthread_mutex_unlock(&lock);
}
