/*
 * What LevelDB tells of its levels, read from the table that it prints for people.
 */
#include <stdio.h>
#include <string.h>

#include "store/leveldb.h"

#define MIB ((uint64_t)1024 * 1024)

/* A line: level, files, then size, seconds, what was read and written, in whole numbers and MiB. */
static void read_line(const char *line, struct store_levels *levels)
{
    unsigned level;
    unsigned long long files, size, seconds, read, written;
    if (sscanf(line, "%u %llu %llu %llu %llu %llu", &level, &files, &size, &seconds, &read,
               &written) != 6 ||
        level >= STORE_LEVELS)
        return;
    levels->each[level].files = files;
    levels->each[level].bytes = size * MIB;
    levels->each[level].seconds = seconds;
    levels->each[level].read = read * MIB;
    levels->each[level].written = written * MIB;
}

bool store_tell_levels(struct store *store, struct store_levels *levels)
{
    *levels = (struct store_levels){0};
    leveldb_t *db = database_try(store->database);
    if (db == NULL)
        return false;
    char *text = leveldb_property_value(db, "leveldb.stats");
    char *memory = leveldb_property_value(db, "leveldb.approximate-memory-usage");
    database_leave(store->database);
    unsigned long long bytes = 0;
    bool told = text != NULL;
    if (memory != NULL && sscanf(memory, "%llu", &bytes) == 1)
        levels->memory = bytes;
    for (const char *line = text; line != NULL && *line != '\0';) {
        read_line(line, levels);
        line += strcspn(line, "\n");
        line += *line == '\n';
    }
    leveldb_free(text);
    leveldb_free(memory);
    return told;
}
