#include "store/leveldb_error.h"

#include <leveldb/c.h>
#include <stdio.h>
#include <string.h>

/* The heads of leveldb::Status::ToString. */
static enum status classify(const char *message)
{
    if (strncmp(message, "Corruption:", strlen("Corruption:")) == 0)
        return STATUS_CORRUPT;
    if (strncmp(message, "Invalid argument:", strlen("Invalid argument:")) == 0)
        return STATUS_BADARG;
    return STATUS_IO;
}

void leveldb_error_take(struct store_error *error, char *message)
{
    error->status = classify(message);
    snprintf(error->text, sizeof(error->text), "%s", message);
    leveldb_free(message);
}

/* A write either fails at its log, whose name is then in the message, or it fails before that: for
 * something that went wrong behind it, such as the making of a table, LevelDB refuses all writes.
 * A message that was cut off may have lost the name. */
bool leveldb_error_leaves_doubt(const struct store_error *error)
{
    return strstr(error->text, ".log: ") != NULL || strlen(error->text) == sizeof(error->text) - 1;
}
