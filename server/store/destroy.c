#include "store/destroy.h"

#include <errno.h>
#include <leveldb/c.h>
#include <stdio.h>
#include <unistd.h>

#include "store/directory.h"
#include "store/marker.h"

bool destroy_survey(const char *path, struct inventory *inventory, struct store_error *error)
{
    return directory_check_offline(path, inventory, error);
}

/* LevelDB takes the lock itself, and removes it last. */
bool destroy_run(const char *path, bool *gone, struct store_error *error)
{
    char *message = NULL;
    if (!marker_remove(path)) {
        error->status = STATUS_IO;
        snprintf(error->text, sizeof(error->text), "%.100s: %.200s", path, strerror(errno));
        return false;
    }
    leveldb_options_t *options = leveldb_options_create();
    leveldb_destroy_db(options, path, &message);
    leveldb_options_destroy(options);
    *gone = access(path, F_OK) != 0;
    if (message == NULL)
        return true;
    error->status = STATUS_IO;
    snprintf(error->text, sizeof(error->text), "%.100s: %.200s", path, message);
    leveldb_free(message);
    return false;
}
