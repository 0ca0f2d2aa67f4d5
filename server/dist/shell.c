#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "client/cli/help.h"
#include "client/cli/options.h"
#include "client/cli/work.h"
#include "dist/place.h"
#include "protocol/command.h"
#include "setting.h"

/* An option of either program. */
struct flag {
    const char *name;
    char letter; /* 0: none */
    const char *argument;
    const char *help;
    bool repeats;
};

static struct flag flag_of_setting(const struct setting *setting)
{
    return (struct flag){setting->name, 0, setting->argument, setting->help,
                         setting->kind == SETTING_LIST};
}

static struct flag flag_of_row(const struct option_row *row)
{
    char letter = row->sign < OPTION_LONG ? (char)row->sign : '\0';
    return (struct flag){row->name, letter, row->argument, row->help, false};
}

static bool is(const struct flag *flag, const char *argument)
{
    return flag->argument != NULL && strcmp(flag->argument, argument) == 0;
}

/* Those that can be typed, of always|never|SECONDS. */
static void write_choices(FILE *out, const char *argument)
{
    while (argument != NULL) {
        const char *bar = strchr(argument, '|');
        int len = bar == NULL ? (int)strlen(argument) : (int)(bar - argument);
        if (*argument >= 'a' && *argument <= 'z')
            fprintf(out, "%.*s ", len, argument);
        argument = bar == NULL ? NULL : bar + 1;
    }
}

/* bash --------------------------------------------------------------------- */

static void write_name(FILE *out, const struct flag *flag)
{
    if (flag->letter != 0)
        fprintf(out, "-%c ", flag->letter);
    fprintf(out, "--%s ", flag->name);
}

/* A line of a case: what may stand behind the option. */
static void write_case(FILE *out, const struct flag *flag)
{
    if (flag->argument == NULL)
        return;
    fputs("    ", out);
    if (flag->letter != 0)
        fprintf(out, "-%c | ", flag->letter);
    fprintf(out, "--%s) ", flag->name);
    if (is(flag, "DIR"))
        fputs("_filedir -d", out);
    else if (is(flag, "FILE") || is(flag, "PATH"))
        fputs("_filedir", out);
    else if (strchr(flag->argument, '|') != NULL) {
        fputs("COMPREPLY=($(compgen -W '", out);
        write_choices(out, flag->argument);
        fputs("' -- \"$cur\"))", out);
    } else
        fputs("true", out);
    fputs(" ;;\n", out);
}

/* zsh ---------------------------------------------------------------------- */

static void write_quoted(FILE *out, const char *text, const char *special)
{
    for (; *text != '\0'; text++) {
        if (*text == '\'')
            fputs("'\\'", out);
        else if (strchr(special, *text) != NULL)
            fputc('\\', out);
        fputc(*text, out);
    }
}

/* The part of a specification that is about what stands behind the option. */
static void write_behind(FILE *out, const struct flag *flag)
{
    if (flag->argument == NULL)
        return;
    fputs(":", out);
    write_quoted(out, flag->argument, ":\\");
    if (is(flag, "DIR"))
        fputs(":_files -/", out);
    else if (is(flag, "FILE") || is(flag, "PATH"))
        fputs(":_files", out);
    else if (strchr(flag->argument, '|') != NULL) {
        fputs(":(", out);
        write_choices(out, flag->argument);
        fputs(")", out);
    } else
        fputs(": ", out);
}

/* A specification for _arguments. */
static void write_specification(FILE *out, const struct flag *flag)
{
    const char *repeats = flag->repeats ? "*" : "";
    if (flag->letter != 0) {
        fprintf(out, "    '%s-%c%s[", repeats, flag->letter, flag->argument == NULL ? "" : "+");
        write_quoted(out, flag->help, "[]\\");
        fputs("]", out);
        write_behind(out, flag);
        fputs("'\n", out);
    }
    fprintf(out, "    '%s--%s%s[", repeats, flag->name, flag->argument == NULL ? "" : "=");
    write_quoted(out, flag->help, "[]\\");
    fputs("]", out);
    write_behind(out, flag);
    fputs("'\n", out);
}

/* A name and what it does, for _describe. */
static void write_description(FILE *out, const char *name, const char *summary)
{
    fprintf(out, "    '%s:", name);
    write_quoted(out, summary, "\\");
    fputs("'\n", out);
}

/* The places ---------------------------------------------------------------- */

static void each_setting(FILE *out, void (*write)(FILE *out, const struct flag *flag))
{
    for (size_t i = 0; i < setting_count; i++) {
        struct flag flag = flag_of_setting(&setting_table[i]);
        write(out, &flag);
    }
}

static void each_row(FILE *out, const struct option_row *rows,
                     void (*write)(FILE *out, const struct flag *flag))
{
    for (; rows->name != NULL; rows++) {
        struct flag flag = flag_of_row(rows);
        write(out, &flag);
    }
}

static void each_topic_row(FILE *out, void (*write)(FILE *out, const struct flag *flag))
{
    for (const struct help_topic *topic = help_topics; topic->name != NULL; topic++)
        if (topic->options != NULL)
            each_row(out, topic->options, write);
}

static void leveretd_names(FILE *out)
{
    each_setting(out, write_name);
}

static void leveretd_cases(FILE *out)
{
    each_setting(out, write_case);
}

static void leveretd_specifications(FILE *out)
{
    each_setting(out, write_specification);
}

static void leveret_names(FILE *out)
{
    each_row(out, options_rows, write_name);
}

static void leveret_cases(FILE *out)
{
    each_row(out, options_rows, write_case);
}

static void leveret_specifications(FILE *out)
{
    each_row(out, options_rows, write_specification);
}

/* As patterns of a case: options that take the next word. */
static void leveret_takers(FILE *out)
{
    const char *bar = "";
    for (const struct option_row *row = options_rows; row->name != NULL; row++) {
        if (row->argument == NULL)
            continue;
        if (row->sign < OPTION_LONG)
            fprintf(out, "%s-%c | ", bar, row->sign);
        else
            fputs(bar, out);
        fprintf(out, "--%s", row->name);
        bar = " | ";
    }
}

static void bench_names(FILE *out)
{
    each_topic_row(out, write_name);
}

static void bench_specifications(FILE *out)
{
    each_topic_row(out, write_specification);
}

static void works(FILE *out)
{
    fputs(work_names(), out);
}

/* The client's own word goes before a command of the server that has the same name. */
static bool is_topic(const char *name)
{
    for (const struct help_topic *topic = help_topics; topic->name != NULL; topic++)
        if (strcasecmp(topic->name, name) == 0)
            return true;
    return false;
}

static void names(FILE *out)
{
    for (const struct help_topic *topic = help_topics; topic->name != NULL; topic++)
        fprintf(out, "%s ", topic->name);
    for (unsigned id = 0; id < COMMAND_TOTAL; id++)
        if (!is_topic(command_at((enum command_id)id)->name))
            fprintf(out, "%s ", command_at((enum command_id)id)->name);
}

static void descriptions(FILE *out)
{
    for (const struct help_topic *topic = help_topics; topic->name != NULL; topic++)
        write_description(out, topic->name, topic->summary);
    for (unsigned id = 0; id < COMMAND_TOTAL; id++) {
        const struct command *command = command_at((enum command_id)id);
        if (!is_topic(command->name))
            write_description(out, command->name, command->summary);
    }
}

/* The words in capitals of a usage: they are written as they stand there. */
static void write_words(FILE *out, const char *usage)
{
    static const char capitals[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    while (*(usage += strcspn(usage, capitals)) != '\0') {
        size_t len = strspn(usage, capitals);
        fprintf(out, " %.*s", (int)len, usage);
        usage += len;
    }
}

/* Lines of a case, the same in both shells: the words behind each command. */
static void usages(FILE *out)
{
    for (unsigned id = 0; id < COMMAND_TOTAL; id++) {
        const struct command *command = command_at((enum command_id)id);
        fprintf(out, "    %s) behind='", command->name);
        write_words(out, command->usage);
        fputs("' ;;\n", out);
    }
}

const struct place shell_places[] = {
    {"leveretd-names", leveretd_names},
    {"leveretd-cases", leveretd_cases},
    {"leveretd-specifications", leveretd_specifications},
    {"leveret-names", leveret_names},
    {"leveret-cases", leveret_cases},
    {"leveret-specifications", leveret_specifications},
    {"leveret-takers", leveret_takers},
    {"bench-names", bench_names},
    {"bench-specifications", bench_specifications},
    {"works", works},
    {"names", names},
    {"descriptions", descriptions},
    {"usages", usages},
    {NULL, NULL},
};
