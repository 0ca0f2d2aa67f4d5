#include "protocol/command.h"

#include <assert.h>

static const struct command commands[COMMAND_TOTAL] = {
#define COMMAND(name, handler, fewest, most, flags, usage, summary)                                \
    {COMMAND_##name, #name, fewest, most, flags, usage, summary},
#define ALIAS(name, command)
#include "protocol/commands.def"
#undef COMMAND
#undef ALIAS
};

static const struct name {
    const char *text;
    size_t len;
    enum command_id id;
} names[] = {
#define COMMAND(name, ...) {#name, sizeof(#name) - 1, COMMAND_##name},
#define ALIAS(name, command) {#name, sizeof(#name) - 1, COMMAND_##command},
#include "protocol/commands.def"
#undef COMMAND
#undef ALIAS
};

const struct command *command_find(struct slice name)
{
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (slice_equal_fold(name, slice_of(names[i].text, names[i].len)))
            return &commands[names[i].id];
    return NULL;
}

const struct command *command_at(enum command_id id)
{
    assert(id < COMMAND_TOTAL);
    return &commands[id];
}

enum role command_role(const struct command *command)
{
    if ((command->flags & COMMAND_OPEN) != 0)
        return ROLE_NOBODY;
    if ((command->flags & COMMAND_ADMIN) != 0)
        return ROLE_ADMIN;
    return (command->flags & (COMMAND_WRITES | COMMAND_CHANGES)) != 0 ? ROLE_WRITES : ROLE_READS;
}

bool command_takes(const struct command *command, size_t arguments)
{
    return arguments >= command->fewest && arguments <= command->most;
}
