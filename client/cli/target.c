#include "client/cli/target.h"

static enum leveret_status set_up(struct leveret *db, const struct target *target)
{
    leveret_set_timeouts(db, target->connect_ms, target->quiet_ms);
    for (int i = 0; target->tls_settings != NULL && i <= LEVERET_TLS_NAME; i++)
        if (leveret_set_tls(db, (enum leveret_tls)i, target->tls_settings[i]) != LEVERET_OK)
            return LEVERET_NO_MEMORY;
    return leveret_set_login(db, target->user, target->password);
}

struct leveret *target_open(const struct target *target)
{
    struct leveret *db = leveret_new(target->address);
    if (db != NULL && set_up(db, target) == LEVERET_OK)
        return db;
    leveret_free(db);
    return NULL;
}
