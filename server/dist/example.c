/*
 * The example of a configuration: every setting with what it does, why one would set it, and its
 * default behind a #. Without the # of those lines it says what no file at all would say.
 */
#include <ctype.h>
#include <string.h>

#include "dist/place.h"
#include "setting.h"

#define WIDTH 100

/* Words behind "# ", over as many lines as they need. */
struct remark {
    FILE *out;
    size_t column; /* 0: nothing is in the line */
};

static void write_word(struct remark *remark, const char *word, size_t len)
{
    if (remark->column > 0 && remark->column + 1 + len > WIDTH) {
        fputs("\n", remark->out);
        remark->column = 0;
    }
    fputs(remark->column == 0 ? "# " : " ", remark->out);
    fwrite(word, 1, len, remark->out);
    remark->column += len + (remark->column == 0 ? 2 : 1);
}

static void write_words(struct remark *remark, const char *text)
{
    for (size_t len; *text != '\0'; text += len + (text[len] == ' ')) {
        len = strcspn(text, " ");
        write_word(remark, text, len);
    }
}

/* With a capital first and a full stop last. */
static void write_sentence(struct remark *remark, const char *text)
{
    char sentence[512];
    size_t len = strlen(text);
    snprintf(sentence, sizeof(sentence), "%c%s%s", toupper((unsigned char)text[0]), text + 1,
             text[len - 1] == '.' ? "" : ".");
    write_words(remark, sentence);
}

static void write_setting(FILE *out, const struct setting *setting)
{
    struct remark remark = {.out = out};
    write_sentence(&remark, setting->help);
    if (setting->reason != NULL)
        write_sentence(&remark, setting->reason);
    if ((setting->traits & SETTING_LIVE) != 0)
        write_sentence(&remark, "A reload changes it.");
    if (setting->fallback == NULL)
        fprintf(out, "\n# %s = %s\n\n", setting->name, setting->argument);
    else
        fprintf(out, "\n#%s = %s\n\n", setting->name, setting->fallback);
}

static void write_title(FILE *out, const struct setting *setting)
{
    for (size_t i = 0; i < setting_group_count; i++)
        if (strcmp(setting_groups[i].first, setting->name) == 0)
            fprintf(out, "# --- %s ---\n\n", setting_groups[i].title);
}

static void write_settings(FILE *out)
{
    for (size_t i = 0; i < setting_count; i++) {
        if ((setting_table[i].traits & SETTING_NO_FILE) != 0)
            continue;
        write_title(out, &setting_table[i]);
        write_setting(out, &setting_table[i]);
    }
}

const struct place example_places[] = {
    {"settings", write_settings},
    {NULL, NULL},
};
