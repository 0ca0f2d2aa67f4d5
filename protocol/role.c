#include "protocol/role.h"

#include "protocol/limits.h"

static const char *const names[] = {
    [ROLE_NOBODY] = "none",
    [ROLE_READS] = "read",
    [ROLE_WRITES] = "write",
    [ROLE_ADMIN] = "admin",
};

bool role_find(struct slice word, enum role *role)
{
    for (int i = ROLE_READS; i <= ROLE_ADMIN; i++) {
        if (!slice_equal(word, slice_from_string(names[i])))
            continue;
        *role = (enum role)i;
        return true;
    }
    return false;
}

const char *role_name(enum role role)
{
    return names[role];
}

bool role_accepts_name(struct slice name)
{
    for (size_t i = 0; i < name.len; i++)
        if (name.data[i] < '!' || name.data[i] > '~')
            return false;
    return name.len > 0 && name.len <= LIMIT_USER;
}
