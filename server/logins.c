#include "logins.h"

#include <stdio.h>

struct users *logins_load(const struct config *config, struct config_error *error)
{
    struct users_options options = {
        .path = config->users,
        .anonymous = (enum role)config->anonymous,
        .prefixes = config->anonymous_prefix.items,
        .prefix_count = config->anonymous_prefix.count,
    };
    struct users_error problem;
    struct users *users = users_load(&options, &problem);
    if (users == NULL)
        snprintf(error->text, sizeof(error->text), "%s", problem.text);
    return users;
}

bool logins_are_needless(const struct config *config)
{
    return config->anonymous != ROLE_NOBODY;
}
