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

void setting_clear(struct config *config, const struct setting *setting)
{
    if (setting->kind == SETTING_LIST)
        ((struct config_list *)(void *)((char *)config + setting->offset))->count = 0;
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
    uint64_t *number = (uint64_t *)((char *)config + setting->offset);
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
    bool *choice = (bool *)((char *)config + setting->offset);
    const char *bar = strchr(setting->argument, '|');
    struct slice yes = slice_of(setting->argument, (size_t)(bar - setting->argument));
    char problem[64];
    *choice = slice_equal(slice_from_string(text), yes);
    if (*choice || strcmp(text, bar + 1) == 0)
        return true;
    snprintf(problem, sizeof(problem), "takes %.*s or %s", (int)yes.len, yes.data, bar + 1);
    return fail(error, setting, problem);
}

static bool set_word(struct config *config, const struct setting *setting, const char *text,
                     struct config_error *error)
{
    uint64_t *word = (uint64_t *)(void *)((char *)config + setting->offset);
    const char *at = setting->argument;
    char problem[64];
    for (uint64_t i = 0; *at != '\0'; i++) {
        size_t len = strcspn(at, "|");
        if (strlen(text) == len && strncmp(at, text, len) == 0) {
            *word = i;
            return true;
        }
        at += len + (at[len] == '|' ? 1 : 0);
    }
    snprintf(problem, sizeof(problem), "takes one of %s", setting->argument);
    return fail(error, setting, problem);
}

static bool set_sync(struct config *config, const struct setting *setting, const char *text,
                     struct config_error *error)
{
    uint64_t *sync = (uint64_t *)((char *)config + setting->offset);
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
    void *field = (char *)config + setting->offset;
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
