#include "commands/redis/summary.h"

#include "commands/redis/traits.h"
#include "commands/redis/usage.h"
#include "protocol/reply_resp.h"

static const struct container *container_of(const struct redis_command *command)
{
    switch (command->id) {
    case REDIS_CLIENT:
        return &clients_container;
    case REDIS_COMMAND:
        return &catalogue_container;
    case REDIS_CONFIG:
        return &settings_container;
    case REDIS_SLOWLOG:
        return &slowlog_container;
    default:
        return NULL;
    }
}

bool summary_find(struct slice name, struct summary_name *found)
{
    const char *bar = name.len == 0 ? NULL : memchr(name.data, '|', name.len);
    size_t head = bar == NULL ? name.len : (size_t)(bar - name.data);
    *found = (struct summary_name){.command = redis_find(slice_of(name.data, head))};
    if (found->command == NULL || bar == NULL)
        return found->command != NULL;
    const struct container *container = container_of(found->command);
    if (container != NULL)
        found->part = subcommand_find(container, slice_of(bar + 1, name.len - head - 1));
    return found->part != NULL;
}

/* Sets of words ---------------------------------------------------------------------- */

static void say_words(struct reply *reply, unsigned bits, const char *const *words)
{
    for (unsigned bit = 0; bits >> bit != 0; bit++)
        if ((bits >> bit & 1) != 0)
            reply_simple(reply, words[bit]);
}

static void say_set(struct reply *reply, unsigned bits, const char *const *words)
{
    reply_set(reply, (size_t)__builtin_popcount(bits));
    say_words(reply, bits, words);
}

void summary_access(struct reply *reply, unsigned access)
{
    say_set(reply, access, traits_access_words);
}

static void say_tips(struct reply *reply, unsigned tips)
{
    reply_set(reply, (size_t)__builtin_popcount(tips));
    for (unsigned bit = 0; tips >> bit != 0; bit++)
        if ((tips >> bit & 1) != 0)
            reply_text(reply, traits_tip_words[bit]);
}

/* Keys ------------------------------------------------------------------------------- */

static void say_pair(struct reply *reply, const char *name, int number)
{
    reply_text(reply, name);
    reply_integer(reply, number);
}

/* Keys from the word `index` on, as far as `last` tells, counted from there or from the end. */
static void say_key_spec(struct reply *reply, unsigned access, int index, int last, int step)
{
    reply_map(reply, 3);
    reply_text(reply, "flags");
    summary_access(reply, access);
    reply_text(reply, "begin_search");
    reply_map(reply, 2);
    reply_text(reply, "type");
    reply_text(reply, "index");
    reply_text(reply, "spec");
    reply_map(reply, 1);
    say_pair(reply, "index", index);
    reply_text(reply, "find_keys");
    reply_map(reply, 2);
    reply_text(reply, "type");
    reply_text(reply, "range");
    reply_text(reply, "spec");
    reply_map(reply, 3);
    say_pair(reply, "lastkey", last);
    say_pair(reply, "keystep", step);
    say_pair(reply, "limit", 0);
}

static void say_key_specs(struct reply *reply, const struct redis_command *command,
                          const struct traits *traits)
{
    bool two = traits->access[1] != 0;
    reply_set(reply, command->first == 0 ? 0 : two ? 2 : 1);
    if (command->first == 0)
        return;
    int last = command->last < 0 ? command->last : 0;
    say_key_spec(reply, traits->access[0], command->first, last, command->step);
    if (two)
        say_key_spec(reply, traits->access[1], command->first + 1, 0, command->step);
}

/* COMMAND INFO --------------------------------------------------------------------------- */

void summary_info_part(struct reply *reply, const struct redis_command *command,
                       const struct subcommand *part)
{
    unsigned flags = TRAITS_LOADING | TRAITS_STALE;
    unsigned categories = TRAITS_OF_SLOW;
    if ((part->admin && command->id != REDIS_SLOWLOG) ||
        (command->id == REDIS_CLIENT && strcmp(part->name, "HELP") != 0))
        flags |= TRAITS_NOSCRIPT;
    if (part->admin) {
        flags |= TRAITS_ADMIN;
        categories |= TRAITS_OF_ADMIN | TRAITS_OF_DANGEROUS;
    }
    if (command->id != REDIS_CONFIG && command->id != REDIS_SLOWLOG)
        categories |= TRAITS_OF_CONNECTION;
    reply_array(reply, 10);
    subcommand_say_name(reply, command->name, part->name);
    reply_integer(reply, part->arity);
    say_set(reply, flags, traits_flag_words);
    for (int i = 0; i < 3; i++)
        reply_integer(reply, 0);
    say_set(reply, categories, traits_category_words);
    reply_set(reply, 0);
    reply_set(reply, 0);
    reply_set(reply, 0);
}

static void say_parts(struct reply *reply, const struct redis_command *command)
{
    const struct container *container = container_of(command);
    size_t count = container == NULL ? 0 : container->count;
    reply_set(reply, count);
    for (size_t i = 0; i < count; i++)
        summary_info_part(reply, command, &container->parts[i]);
}

void summary_info(struct reply *reply, const struct redis_command *command)
{
    struct traits traits = traits_of(command);
    reply_array(reply, 10);
    subcommand_say_name(reply, command->name, NULL);
    reply_integer(reply, command->arity);
    say_set(reply, traits.flags, traits_flag_words);
    reply_integer(reply, command->first);
    reply_integer(reply, command->last);
    reply_integer(reply, command->step);
    say_set(reply, traits.categories, traits_category_words);
    say_tips(reply, traits.tips);
    say_key_specs(reply, command, &traits);
    say_parts(reply, command);
}

/* COMMAND DOCS --------------------------------------------------------------------------- */

static void say_line(struct reply *reply, const char *name, const char *text)
{
    reply_text(reply, name);
    reply_text(reply, text);
}

/* A map of what COMMAND DOCS tells of a command, or of a part of one. Redis describes every
 * argument by itself; here all of them are one, whose text is what redis-cli shows. */
static void say_docs(struct reply *reply, const char *summary, const char *since, const char *group,
                     const char *usage, bool has_parts)
{
    bool takes = usage[0] != '\0';
    reply_map(reply, 3 + (size_t)takes + has_parts);
    say_line(reply, "summary", summary);
    say_line(reply, "since", since);
    say_line(reply, "group", group);
    if (!takes)
        return;
    reply_text(reply, "arguments");
    reply_array(reply, 1);
    reply_map(reply, 3);
    say_line(reply, "name", usage);
    say_line(reply, "type", "string");
    say_line(reply, "display_text", usage);
}

void summary_docs_part(struct reply *reply, const struct redis_command *command,
                       const struct subcommand *part)
{
    subcommand_say_name(reply, command->name, part->name);
    say_docs(reply, part->summary, part->since, command->group, part->usage, false);
}

void summary_docs(struct reply *reply, const struct redis_command *command)
{
    const struct container *container = container_of(command);
    subcommand_say_name(reply, command->name, NULL);
    say_docs(reply, command->summary, command->since, command->group, usage_of(command),
             container != NULL);
    if (container == NULL)
        return;
    reply_text(reply, "subcommands");
    reply_map(reply, container->count);
    for (size_t i = 0; i < container->count; i++)
        summary_docs_part(reply, command, &container->parts[i]);
}
