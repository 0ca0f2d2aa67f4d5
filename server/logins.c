#include "logins.h"

#include <stdio.h>

#include "ops/users.h"

static struct users *prepared; /* not in force yet */

bool logins_prepare(const struct config *config, struct config_error *error)
{
    struct users_options options = {
        .path = config->users,
        .anonymous = (enum role)config->anonymous,
        .prefixes = config->anonymous_prefix.items,
        .prefix_count = config->anonymous_prefix.count,
    };
    struct users_error problem;
    prepared = users_load(&options, &problem);
    if (prepared == NULL)
        snprintf(error->text, sizeof(error->text), "%s", problem.text);
    return prepared != NULL;
}

void logins_commit(void)
{
    users_install(prepared);
    prepared = NULL;
}

void logins_cancel(void)
{
    users_discard(prepared);
    prepared = NULL;
}
