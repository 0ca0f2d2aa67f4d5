/*
 * The slowlog: the latest requests that took long, in a ring. Any thread.
 */
#ifndef LEVERET_OPS_SLOWLOG_H
#define LEVERET_OPS_SLOWLOG_H

#include "protocol/bytes.h"
#include "protocol/limits.h"

/* Entries that are kept, words of each, and bytes of a word; what is cut says how much it was. */
#define SLOWLOG_ENTRIES 128
#define SLOWLOG_WORDS 32
#define SLOWLOG_WORD ((size_t)128)

/* Longest text of an address and of the name of a connection, with its NUL. */
#define SLOWLOG_TEXT 160

/* The words of a request, cut. All zeroes has none. */
struct slowlog_words {
    struct buffer bytes; /* a byte that says how long each is, then the word */
    size_t count;        /* of all that were added */
    size_t last;         /* where the last that is kept begins in the bytes */
};

void slowlog_add(struct slowlog_words *words, struct slice word);

/* The next word, from *at on, which begins with 0. False behind the last. */
MUST_CHECK bool slowlog_word(const struct slowlog_words *words, size_t *at, struct slice *word);

struct slowlog_entry {
    uint64_t id;  /* counts all that ever were */
    int64_t when; /* seconds since 1970, at its end */
    int64_t took; /* microseconds */
    uint64_t client;
    char user[LIMIT_USER + 1];
    char name[SLOWLOG_TEXT];
    char address[SLOWLOG_TEXT];
    struct slowlog_words words; /* owned */
};

/* Takes the words over; gives the entry its id and its time. */
void slowlog_note(struct slowlog_entry *take_words);

/* Shows the latest `most`, the newest first; their number. `show` may only copy. */
size_t slowlog_each(size_t most, void (*show)(void *arg, const struct slowlog_entry *entry),
                    void *arg);

/* How many there are. */
size_t slowlog_count(void);

/* Forgets them. Their ids do not come again. */
void slowlog_reset(void);

#endif
