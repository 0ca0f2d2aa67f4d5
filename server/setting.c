#include "setting.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "protocol/number.h"

const struct setting *setting_find(const char *name)
{
    for (size_t i = 0; i < setting_count; i++)
        if (strcmp(setting_table[i].name, name) == 0)
            return &setting_table[i];
    return NULL;
}

size_t setting_row(const struct setting *setting)
{
    return (size_t)(setting - setting_table);
}

void *setting_field(const struct config *config, const struct setting *setting)
{
    return (char *)config + setting->offset;
}

static size_t field_size(const struct setting *setting)
{
    switch (setting->kind) {
    case SETTING_TEXT:
        return sizeof(const char *);
    case SETTING_LIST:
        return sizeof(struct config_list);
    case SETTING_CHOICE:
    case SETTING_FLAG:
        return sizeof(bool);
    case SETTING_NUMBER:
    case SETTING_SIZE:
    case SETTING_WORD:
    case SETTING_SYNC:
        break;
    }
    return sizeof(uint64_t);
}

void setting_copy(struct config *to, const struct config *from, const struct setting *setting)
{
    size_t row = setting_row(setting);
    memcpy(setting_field(to, setting), setting_field(from, setting), field_size(setting));
    to->origins[row] = from->origins[row];
}

void setting_clear(struct config *config, const struct setting *setting)
{
    if (setting->kind == SETTING_LIST)
        ((struct config_list *)setting_field(config, setting))->count = 0;
}

/* Values ------------------------------------------------------------------- */

static bool fail(struct config_error *error, const struct setting *setting, const char *problem)
{
    snprintf(error->text, sizeof(error->text), "%s %s", setting->name, problem);
    return false;
}

/* Reads a number, with K, M or G behind it for a size. */
static bool parse_number(struct slice text, bool size, uint64_t *number)
{
    static const char units[] = "kmg";
    unsigned shift = 0;
    if (size && text.len > 1) {
        const char *unit = strchr(units, text.data[text.len - 1] | 0x20);
        if (unit != NULL && *unit != '\0') {
            shift = 10 * (unsigned)(unit - units + 1);
            text.len--;
        }
    }
    if (!number_read(text, UINT64_MAX >> shift, number))
        return false;
    *number <<= shift;
    return true;
}

static bool set_number(struct config *config, const struct setting *setting, const char *text,
                       struct config_error *error)
{
    uint64_t *number = setting_field(config, setting);
    char problem[128];
    if (parse_number(slice_from_string(text), setting->kind == SETTING_SIZE, number) &&
        *number >= setting->least && *number <= setting->most)
        return true;
    snprintf(problem, sizeof(problem), "takes a whole number from %llu to %llu%s",
             (unsigned long long)setting->least, (unsigned long long)setting->most,
             setting->kind == SETTING_SIZE ? ", or one with K, M or G" : "");
    return fail(error, setting, problem);
}

static bool set_choice(struct config *config, const struct setting *setting, const char *text,
                       struct config_error *error)
{
    bool *choice = setting_field(config, setting);
    const char *bar = strchr(setting->argument, '|');
    struct slice yes = slice_of(setting->argument, (size_t)(bar - setting->argument));
    char problem[64];
    *choice = slice_equal(slice_from_string(text), yes);
    if (*choice || strcmp(text, bar + 1) == 0)
        return true;
    snprintf(problem, sizeof(problem), "takes %.*s or %s", (int)yes.len, yes.data, bar + 1);
    return fail(error, setting, problem);
}

/* Finds the word's place among those between bars. */
static bool find_word(const char *words, const char *text, uint64_t *place)
{
    size_t len = strlen(text);
    *place = 0;
    for (const char *word = words;; word += strcspn(word, "|") + 1) {
        size_t end = strcspn(word, "|");
        if (len == end && memcmp(word, text, len) == 0)
            return true;
        if (word[end] == '\0')
            return false;
        ++*place;
    }
}

static bool set_word(struct config *config, const struct setting *setting, const char *text,
                     struct config_error *error)
{
    char problem[128];
    if (find_word(setting->argument, text, setting_field(config, setting)))
        return true;
    snprintf(problem, sizeof(problem), "takes one of %s", setting->argument);
    return fail(error, setting, problem);
}

static bool set_sync(struct config *config, const struct setting *setting, const char *text,
                     struct config_error *error)
{
    uint64_t *sync = setting_field(config, setting);
    bool always = strcmp(text, "always") == 0;
    *sync = always ? STORE_SYNC_ALWAYS : STORE_SYNC_NEVER;
    return always || strcmp(text, "never") == 0 ||
           (number_read(slice_from_string(text), setting->most, sync) && *sync >= setting->least) ||
           fail(error, setting, "takes always or never, or seconds from 1 to 3600");
}

const char *setting_sync_text(uint64_t sync, char digits[SETTING_SYNC_TEXT])
{
    if (sync == STORE_SYNC_ALWAYS || sync == STORE_SYNC_NEVER)
        return sync == STORE_SYNC_ALWAYS ? "always" : "never";
    snprintf(digits, SETTING_SYNC_TEXT, "%llu", (unsigned long long)sync);
    return digits;
}

static bool add(struct config_list *list, const struct setting *setting, const char *text,
                struct config_error *error)
{
    if (text[0] == '\0')
        return fail(error, setting, "cannot be empty");
    if (list->count == CONFIG_LIST_MAX)
        return fail(error, setting, "is given too often");
    list->items[list->count++] = text;
    return true;
}

void setting_set_defaults(struct config *config)
{
    struct config_error error;
    *config = (struct config){0};
    for (size_t i = 0; i < setting_count; i++) {
        const struct setting *setting = &setting_table[i];
        if (setting->fallback != NULL && setting->kind != SETTING_LIST &&
            !setting_set(config, setting, setting->fallback, &error))
            assert(false);
    }
}

bool setting_set(struct config *config, const struct setting *setting, const char *text,
                 struct config_error *error)
{
    void *field = setting_field(config, setting);
    switch (setting->kind) {
    case SETTING_FLAG:
        *(bool *)field = true;
        return true;
    case SETTING_TEXT:
        *(const char **)field = text;
        return text[0] != '\0' || fail(error, setting, "cannot be empty");
    case SETTING_LIST:
        return add(field, setting, text, error);
    case SETTING_SYNC:
        return set_sync(config, setting, text, error);
    case SETTING_CHOICE:
        return set_choice(config, setting, text, error);
    case SETTING_WORD:
        return set_word(config, setting, text, error);
    case SETTING_NUMBER:
    case SETTING_SIZE:
        return set_number(config, setting, text, error);
    }
    return false;
}

/* Showing ------------------------------------------------------------------- */

/* In the largest unit that it is a whole number of. */
static void show_size(uint64_t bytes, struct buffer *out)
{
    static const char units[] = {'\0', 'K', 'M', 'G'};
    char text[32];
    size_t unit = 0;
    for (; bytes > 0 && bytes % 1024 == 0 && unit + 1 < sizeof(units); unit++)
        bytes /= 1024;
    snprintf(text, sizeof(text), "%llu%c", (unsigned long long)bytes, units[unit]);
    buffer_append_string(out, text); /* which ends before a unit that is none */
}

static void show_list(const struct config_list *list, struct buffer *out)
{
    for (size_t i = 0; i < list->count; i++) {
        if (i > 0)
            buffer_append_byte(out, ' ');
        buffer_append_string(out, list->items[i]);
    }
}

/* The word at that place, from 0. */
static struct slice word_at(const char *words, uint64_t place)
{
    while (place-- > 0)
        words += strcspn(words, "|") + 1;
    return slice_of(words, strcspn(words, "|"));
}

void setting_show(const struct config *config, const struct setting *setting, struct buffer *out)
{
    const void *field = setting_field(config, setting);
    const uint64_t *number = field;
    char digits[SETTING_SYNC_TEXT];
    switch (setting->kind) {
    case SETTING_FLAG:
        buffer_append_string(out, *(const bool *)field ? "yes" : "no");
        break;
    case SETTING_TEXT:
        if (*(const char *const *)field != NULL)
            buffer_append_string(out, *(const char *const *)field);
        break;
    case SETTING_LIST:
        show_list(field, out);
        break;
    case SETTING_SYNC:
        buffer_append_string(out, setting_sync_text(*number, digits));
        break;
    case SETTING_CHOICE:
        buffer_append_slice(out, word_at(setting->argument, !*(const bool *)field));
        break;
    case SETTING_WORD:
        buffer_append_slice(out, word_at(setting->argument, *number));
        break;
    case SETTING_SIZE:
        show_size(*number, out);
        break;
    case SETTING_NUMBER:
        snprintf(digits, sizeof(digits), "%llu", (unsigned long long)*number);
        buffer_append_string(out, digits);
        break;
    }
}
