#include <stdbool.h>
#include <string.h>

#include "client/cli/help.h"
#include "client/cli/options.h"
#include "dist/place.h"
#include "dist/roff.h"
#include "protocol/command.h"
#include "protocol/redis.h"
#include "protocol/status.h"
#include "setting.h"

#define LIST_BEGIN ".Bl -tag -width Ds\n"
#define LIST_END ".El\n"

/* Settings ----------------------------------------------------------------- */

static const char *title_at(const struct setting *setting)
{
    for (size_t i = 0; i < setting_group_count; i++)
        if (strcmp(setting_groups[i].first, setting->name) == 0)
            return setting_groups[i].title;
    return NULL;
}

/* Begins the next group where the setting is its first; a title waits until something is under it.
 */
static void write_heading(FILE *out, const char **title, bool *open)
{
    if (*title == NULL)
        return;
    fprintf(out, "%s.Ss %s\n" LIST_BEGIN, *open ? LIST_END : "", *title);
    *title = NULL;
    *open = true;
}

static void write_fallback(FILE *out, const struct setting *setting)
{
    if (setting->fallback != NULL)
        fprintf(out, "Default:\n.Cm \"%s\" .\n", setting->fallback);
}

static void write_option(FILE *out, const struct setting *setting)
{
    fprintf(out, ".It Fl -%s", setting->name);
    roff_argument(out, setting->argument);
    fputs("\n", out);
    roff_sentence(out, setting->help);
    write_fallback(out, setting);
}

static void write_line_of_file(FILE *out, const struct setting *setting)
{
    fprintf(out, ".It Cm %s No =", setting->name);
    roff_argument(out, setting->argument);
    fputs("\n", out);
    roff_sentence(out, setting->help);
    if (setting->reason != NULL)
        roff_sentence(out, setting->reason);
    write_fallback(out, setting);
    if (setting->traits & SETTING_LIVE)
        fputs("A reload changes it.\n", out);
}

static void write_settings(FILE *out, unsigned without,
                           void (*write)(FILE *out, const struct setting *setting))
{
    const char *title = NULL;
    bool open = false;
    for (size_t i = 0; i < setting_count; i++) {
        const char *begun = title_at(&setting_table[i]);
        if (begun != NULL)
            title = begun;
        if (setting_table[i].traits & without)
            continue;
        write_heading(out, &title, &open);
        write(out, &setting_table[i]);
    }
    fputs(LIST_END, out);
}

static void write_flags(FILE *out)
{
    write_settings(out, 0, write_option);
}

static void write_file(FILE *out)
{
    write_settings(out, SETTING_NO_FILE, write_line_of_file);
}

/* The protocol ------------------------------------------------------------- */

static void write_commands(FILE *out)
{
    fputs(LIST_BEGIN, out);
    for (unsigned id = 0; id < COMMAND_TOTAL; id++) {
        const struct command *command = command_at((enum command_id)id);
        fprintf(out, ".It Ic %s", command->name);
        if (command->usage[0] != '\0')
            fprintf(out, " Ar \"%s\"", command->usage);
        fputs("\n", out);
        roff_sentence(out, command->summary);
        if (command->flags & COMMAND_RESP)
            fprintf(out, "For Redis clients:\n.Ic LEVERET.%s .\n", command->name);
    }
    fputs(LIST_END, out);
}

static void write_aliases(FILE *out)
{
#define COMMAND(name, ...)
#define ALIAS(name, command) fputs(".Ic " #name "\nis another name for\n.Ic " #command " .\n", out);
#include "protocol/commands.def"
#undef COMMAND
#undef ALIAS
}

static bool is_first_of_group(unsigned id)
{
    for (unsigned before = 0; before < id; before++)
        if (strcmp(redis_at(before)->group, redis_at(id)->group) == 0)
            return false;
    return true;
}

static void write_redis(FILE *out)
{
    fputs(LIST_BEGIN, out);
    for (unsigned id = 0; id < REDIS_TOTAL; id++) {
        if (!is_first_of_group(id))
            continue;
        fprintf(out, ".It %s\n", redis_at(id)->group);
        for (unsigned other = id; other < REDIS_TOTAL; other++)
            if (strcmp(redis_at(other)->group, redis_at(id)->group) == 0)
                fprintf(out, ".Ic %s\n", redis_at(other)->name);
    }
    fputs(LIST_END, out);
}

static void write_errors(FILE *out)
{
    fputs(LIST_BEGIN, out);
    for (unsigned status = STATUS_CONFLICT + 1; status < STATUS_COUNT; status++) {
        fprintf(out, ".It Cm %s\n", status_word((enum status)status));
        roff_sentence(out, status_meaning((enum status)status));
    }
    fputs(LIST_END, out);
}

/* The metrics -------------------------------------------------------------- */

static void write_metric(FILE *out, const char *name, const char *type, const char *help)
{
    fprintf(out, ".It Li %s No ( %s )\n", name, type);
    roff_sentence(out, help);
}

static void write_metrics(FILE *out)
{
    fputs(LIST_BEGIN, out);
#define SINGLE(name, type, value, help) write_metric(out, #name, #type, help);
#define FAMILY(name, type, write, help) write_metric(out, #name, #type, help);
#include "exposition.def"
#undef SINGLE
#undef FAMILY
    fputs(LIST_END, out);
}

/* The client --------------------------------------------------------------- */

static void write_rows(FILE *out, const struct option_row *rows)
{
    fputs(LIST_BEGIN, out);
    for (; rows->name != NULL; rows++) {
        fputs(".It ", out);
        if (rows->sign < OPTION_LONG)
            fprintf(out, "Fl %c , ", rows->sign);
        fprintf(out, "Fl -%s", rows->name);
        roff_argument(out, rows->argument);
        fputs("\n", out);
        roff_sentence(out, rows->help);
    }
    fputs(LIST_END, out);
}

static void write_options(FILE *out)
{
    write_rows(out, options_rows);
}

static void write_paragraphs(FILE *out, const char *text)
{
    while (*text != '\0') {
        const char *gap = strstr(text, "\n\n");
        size_t len = gap == NULL ? strlen(text) : (size_t)(gap + 1 - text);
        fputs(".Pp\n", out);
        roff_text(out, text, len);
        text += len;
        text += strspn(text, "\n");
    }
}

static void write_topics(FILE *out)
{
    fputs(LIST_BEGIN, out);
    for (const struct help_topic *topic = help_topics; topic->name != NULL; topic++) {
        fprintf(out, ".It Ic %s Ar \"%s\"\n", topic->name, topic->usage);
        roff_sentence(out, topic->summary);
        write_paragraphs(out, topic->text);
        if (topic->options != NULL)
            write_rows(out, topic->options);
    }
    fputs(LIST_END, out);
}

const struct place manual_places[] = {
    {"flags", write_flags},       {"file", write_file},
    {"commands", write_commands}, {"aliases", write_aliases},
    {"redis", write_redis},       {"errors", write_errors},
    {"options", write_options},   {"topics", write_topics},
    {"metrics", write_metrics},   {NULL, NULL},
};
