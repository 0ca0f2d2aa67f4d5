/*
 * Settings: THE table of what the daemon can be told, and how the values are written. The command
 * line, its help and the file are made from it; it knows none of them.
 */
#ifndef LEVERET_SETTING_H
#define LEVERET_SETTING_H

#include "config.h"

enum setting_kind {
    SETTING_TEXT,   /* const char * */
    SETTING_LIST,   /* struct config_list */
    SETTING_NUMBER, /* uint64_t */
    SETTING_SIZE,   /* uint64_t bytes, written with K, M or G */
    SETTING_CHOICE, /* bool, written as one of two words: the one for true, a bar, the other */
    SETTING_WORD,   /* uint64_t: the place, from 0, of one of the words between bars */
    SETTING_FLAG,   /* bool, without an argument */
    SETTING_SYNC,   /* uint64_t seconds, or one of two words */
};

/* What else is known of a setting. */
enum setting_trait {
    SETTING_LIVE = 1,    /* a reload may change it */
    SETTING_NO_FILE = 2, /* only on the command line: it is about this start, or no start at all */
};

struct setting {
    const char *name;
    const char *argument; /* as the help shows it; NULL for none */
    enum setting_kind kind;
    size_t offset; /* in struct config */
    uint64_t least;
    uint64_t most;
    unsigned traits;
    const char *fallback; /* its default, as it would be written; NULL for none, or one that the
                             help explains */
    const char *help;     /* what it says, with its unit */
    const char *reason;   /* why one would set it; NULL where there is no file to say it in */
};

/* setting_table.c */
extern const struct setting setting_table[];
extern const size_t setting_count;

/* The table is shown in groups: `title` is the heading of those from `first` on. */
struct setting_group {
    const char *first;
    const char *title;
};

extern const struct setting_group setting_groups[];
extern const size_t setting_group_count;

/* The one with that name; NULL when there is none. */
const struct setting *setting_find(const char *name);

/* Its place in the table. */
size_t setting_row(const struct setting *setting);

/* Its field in the configuration. */
void *setting_field(const struct config *config, const struct setting *setting);

/* Copies its value, and where that comes from. */
void setting_copy(struct config *to, const struct config *from, const struct setting *setting);

/* Reads the value, `text`, into the field of the configuration; NULL for one without an argument.
 * False with *error, which begins with its name, when it is wrong. `text` is borrowed for good: the
 * field of a text points to it. */
MUST_CHECK bool setting_set(struct config *config, const struct setting *setting, const char *text,
                            struct config_error *error);

/* Everything as it is when nothing is said; lists stay empty, and what has no fallback is 0. */
void setting_set_defaults(struct config *config);

/* Forgets what a list has; nothing else. */
void setting_clear(struct config *config, const struct setting *setting);

/* Appends the value as it can be read again: the items of a list with a blank between them, and
 * nothing for a text or a list that is not there. */
void setting_show(const struct config *config, const struct setting *setting, struct buffer *out);

/* How the sync of a configuration is written, in `digits` or as a word. */
#define SETTING_SYNC_TEXT 24
const char *setting_sync_text(uint64_t sync, char digits[SETTING_SYNC_TEXT]);

#endif
