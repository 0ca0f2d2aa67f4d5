/*
 * COMMAND: the commands that are served, described as Redis describes its own.
 */
#include "commands/redis/fold.h"
#include "commands/redis/functions.h"
#include "commands/redis/subcommand.h"
#include "commands/redis/summary.h"
#include "commands/redis/traits.h"

/* What is told of a command is a hundred times as long as its name, and told in one turn. */
#define MOST_NAMES 1024

/* Asking ------------------------------------------------------------------------- */

static bool asks_for_few(struct call *call, size_t named)
{
    if (named <= MOST_NAMES)
        return true;
    reply_fail(&call->reply, "ERR no more than %d names at once here", MOST_NAMES);
    return false;
}

static enum call_result count(struct call *call)
{
    reply_integer(&call->reply, REDIS_TOTAL);
    return CALL_DONE;
}

static enum call_result info_all(struct call *call)
{
    reply_array(&call->reply, REDIS_TOTAL);
    for (unsigned id = 0; id < REDIS_TOTAL; id++)
        summary_info(&call->reply, redis_at((enum redis_id)id));
    return CALL_DONE;
}

static enum call_result info(struct call *call)
{
    size_t named = call_argument_count(call) - 1;
    if (named == 0)
        return info_all(call);
    if (!asks_for_few(call, named))
        return CALL_DONE;
    reply_array(&call->reply, named);
    for (size_t n = 1; n <= named; n++) {
        struct summary_name found;
        if (!summary_find(call_argument(call, n), &found))
            reply_null(&call->reply);
        else if (found.part != NULL)
            summary_info_part(&call->reply, found.command, found.part);
        else
            summary_info(&call->reply, found.command);
    }
    return CALL_DONE;
}

static enum call_result docs_all(struct call *call)
{
    reply_map(&call->reply, REDIS_TOTAL);
    for (unsigned id = 0; id < REDIS_TOTAL; id++)
        summary_docs(&call->reply, redis_at((enum redis_id)id));
    return CALL_DONE;
}

/* Names that nothing has are left out. */
static enum call_result docs(struct call *call)
{
    size_t named = call_argument_count(call) - 1;
    size_t known = 0;
    struct summary_name found;
    if (named == 0)
        return docs_all(call);
    if (!asks_for_few(call, named))
        return CALL_DONE;
    for (size_t n = 1; n <= named; n++)
        known += summary_find(call_argument(call, n), &found);
    reply_map(&call->reply, known);
    for (size_t n = 1; n <= named; n++) {
        if (!summary_find(call_argument(call, n), &found))
            continue;
        if (found.part != NULL)
            summary_docs_part(&call->reply, found.command, found.part);
        else
            summary_docs(&call->reply, found.command);
    }
    return CALL_DONE;
}

/* Listing ------------------------------------------------------------------------ */

/* What COMMAND LIST is to show. All zeroes is everything. */
struct choice {
    bool nothing; /* of a module: there are none */
    unsigned categories;
    struct glob *glob;
};

static bool chooses(const struct choice *choice, const struct redis_command *command)
{
    char name[FOLD_NAME];
    fold_name(name, command->name, NULL);
    if (choice->nothing)
        return false;
    if (choice->categories != 0)
        return (traits_of(command).categories & choice->categories) != 0;
    return choice->glob == NULL || glob_matches(choice->glob, slice_from_string(name));
}

static void say_names(struct reply *reply, const struct choice *choice)
{
    size_t chosen = 0;
    for (unsigned id = 0; id < REDIS_TOTAL; id++)
        chosen += chooses(choice, redis_at((enum redis_id)id));
    reply_array(reply, chosen);
    for (unsigned id = 0; id < REDIS_TOTAL; id++)
        if (chooses(choice, redis_at((enum redis_id)id)))
            subcommand_say_name(reply, redis_at((enum redis_id)id)->name, NULL);
}

static void choose_category(struct choice *choice, struct slice name)
{
    for (unsigned bit = 0; bit < TRAITS_CATEGORIES_END; bit++)
        if (slice_equal_fold(name, slice_from_string(traits_category_words[bit] + 1)))
            choice->categories |= 1U << bit;
    choice->nothing = choice->categories == 0;
}

static enum call_result list_matches(struct call *call, struct slice pattern)
{
    struct glob glob;
    if (!fold_glob(&glob, pattern))
        return call_no_memory(call);
    struct choice choice = {.glob = &glob, .nothing = !glob_is_bounded(&glob)};
    say_names(&call->reply, &choice);
    glob_fini(&glob);
    return CALL_DONE;
}

/* COMMAND LIST [FILTERBY MODULE|ACLCAT|PATTERN what] */
static enum call_result list(struct call *call)
{
    struct choice choice = {0};
    size_t arguments = call_argument_count(call);
    if (arguments == 4 && slice_equal_fold(call_argument(call, 1), SLICE("FILTERBY"))) {
        struct slice by = call_argument(call, 2);
        struct slice what = call_argument(call, 3);
        if (slice_equal_fold(by, SLICE("PATTERN")))
            return list_matches(call, what);
        if (slice_equal_fold(by, SLICE("ACLCAT")))
            choose_category(&choice, what);
        else if (slice_equal_fold(by, SLICE("MODULE")))
            choice.nothing = true;
        else
            arguments = 0;
    } else if (arguments > 1) {
        arguments = 0;
    }
    if (arguments == 0)
        reply_fail(&call->reply, "ERR syntax error");
    else
        say_names(&call->reply, &choice);
    return CALL_DONE;
}

/* Keys --------------------------------------------------------------------------- */

/* The command that stands behind GETKEYS, if it has keys where it says; else says why not. */
static const struct redis_command *read_command(struct call *call)
{
    const struct redis_command *command = redis_find(call_argument(call, 1));
    if (command == NULL)
        reply_fail(&call->reply, "ERR Invalid command specified");
    else if (command->first == 0)
        reply_fail(&call->reply, "ERR The command has no key arguments");
    else if (!redis_takes(command, call_argument_count(call) - 1))
        reply_fail(&call->reply, "ERR Invalid number of arguments specified for command");
    else
        return command;
    return NULL;
}

static enum call_result say_keys(struct call *call, bool with_access)
{
    const struct redis_command *command = read_command(call);
    if (command == NULL)
        return CALL_DONE;
    size_t words = call_argument_count(call) - 1;
    size_t first = (size_t)command->first;
    size_t step = (size_t)command->step;
    size_t last = command->last < 0 ? words - (size_t)-command->last : (size_t)command->last;
    struct traits traits = traits_of(command);
    reply_array(&call->reply, (last - first) / step + 1);
    for (size_t i = first; i <= last; i += step) {
        bool second = i > first && traits.access[1] != 0;
        if (with_access)
            reply_array(&call->reply, 2);
        reply_bulk(&call->reply, call_argument(call, i + 1));
        if (with_access)
            summary_access(&call->reply, traits.access[second]);
    }
    return CALL_DONE;
}

static enum call_result get_keys(struct call *call)
{
    return say_keys(call, false);
}

static enum call_result get_keys_and_flags(struct call *call)
{
    return say_keys(call, true);
}

static enum call_result help(struct call *call)
{
    return subcommand_help(call, &catalogue_container);
}

static const struct subcommand parts[] = {
    {"COUNT", count, 2, "", "how many commands there are", "2.8.13", false},
    {"DOCS", docs, -2, "[name...]", "what commands do, all or those named", "7.0.0", false},
    {"GETKEYS", get_keys, -4, "command argument...", "the keys in a request", "2.8.13", false},
    {"GETKEYSANDFLAGS", get_keys_and_flags, -4, "command argument...",
     "the keys in a request, and what is done to them", "7.0.0", false},
    {"HELP", help, 2, "", "these lines", "5.0.0", false},
    {"INFO", info, -2, "[name...]", "what commands are like, all or those named", "2.8.13", false},
    {"LIST", list, -2, "[FILTERBY MODULE name|ACLCAT category|PATTERN glob]", "names of commands",
     "7.0.0", false},
};

const struct container catalogue_container = {"COMMAND", parts, sizeof(parts) / sizeof(parts[0])};

enum call_result catalogue_command(struct call *call)
{
    return call_argument_count(call) == 0 ? info_all(call)
                                          : subcommand_serve(call, &catalogue_container);
}
