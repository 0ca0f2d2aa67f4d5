/*
 * Commands by name. Both ends look here: the server to dispatch, the client to complete and to
 * help. There are no handlers here.
 */
#ifndef LEVERET_PROTOCOL_COMMAND_H
#define LEVERET_PROTOCOL_COMMAND_H

#include "protocol/bytes.h"
#include "protocol/role.h"

#define COMMAND_MANY SIZE_MAX

enum command_flags {
    COMMAND_WRITES = 1, /* the committer decides the reply */

    /* Which arguments are keys or prefixes of keys, besides the bounds of a range: */
    COMMAND_KEY_FIRST = 2, /* the first one */
    COMMAND_KEY_PAIRS = 4, /* every other one */
    COMMAND_KEY_ALL = 8,
    COMMAND_KEY_OWN = 16, /* the handler knows */
    COMMAND_KEYS = COMMAND_KEY_FIRST | COMMAND_KEY_PAIRS | COMMAND_KEY_ALL | COMMAND_KEY_OWN,

    COMMAND_RESP = 32, /* served to Redis clients too, as LEVERET.NAME */

    /* Which role it takes, when it is neither what COMMAND_WRITES says nor to read: */
    COMMAND_OPEN = 64,     /* none: also for those who have to log in first */
    COMMAND_CHANGES = 128, /* to write, though its handler writes piece by piece */
    COMMAND_ADMIN = 256,   /* to administer */

    COMMAND_SECRET = 512, /* its arguments are nobody's business, and never kept */

    COMMAND_RANGE = 1024, /* the first argument is the prefix of a range, and no key */
    COMMAND_WHOLE = 2048, /* tells of everybody's keys: not for users confined to some */
};

enum command_id {
#define COMMAND(name, ...) COMMAND_##name,
#define ALIAS(name, command)
#include "protocol/commands.def"
#undef COMMAND
#undef ALIAS
    COMMAND_TOTAL
};

struct command {
    enum command_id id;
    const char *name;
    size_t fewest; /* arguments, the name not counted */
    size_t most;
    unsigned flags; /* enum command_flags */
    const char *usage;
    const char *summary;
};

/* The command of that name or alias, whatever its case; NULL when there is none. */
const struct command *command_find(struct slice name);

/* The command with that id. */
const struct command *command_at(enum command_id id);

/* What a user must be allowed for it. */
enum role command_role(const struct command *command);

/* True when the command takes that many arguments, its name not counted. */
bool command_takes(const struct command *command, size_t arguments);

#endif
