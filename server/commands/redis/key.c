#include "commands/redis/functions.h"
#include "protocol/number.h"

/* A key that is not there is not deleted: no watcher and no follower hears of it, as in Redis. */
void key_del(struct keyspace *keys)
{
    int64_t deleted = 0;
    for (size_t i = 1; i < keys->argc; i++) {
        if (!keyspace_has(keys, keys->argv[i]))
            continue;
        keyspace_delete(keys, keys->argv[i]);
        deleted++;
    }
    reply_integer(keys->reply, deleted);
}

void key_exists(struct keyspace *keys)
{
    int64_t found = 0;
    for (size_t i = 1; i < keys->argc; i++)
        found += keyspace_has(keys, keys->argv[i]);
    reply_integer(keys->reply, found);
}

void key_type(struct keyspace *keys)
{
    reply_simple(keys->reply, keyspace_has(keys, keys->argv[1]) ? "string" : "none");
}

/* Other names ---------------------------------------------------------------------- */

/* Copies the value of a key that is there. */
static void copy_value(struct keyspace *keys, struct slice from, struct slice to)
{
    struct slice value;
    if (keyspace_get(keys, from, &value))
        keyspace_put(keys, to, value);
}

static bool has_source(struct keyspace *keys)
{
    if (keyspace_has(keys, keys->argv[1]))
        return true;
    reply_fail(keys->reply, "ERR no such key");
    return false;
}

static void move_value(struct keyspace *keys)
{
    if (slice_equal(keys->argv[1], keys->argv[2]))
        return;
    copy_value(keys, keys->argv[1], keys->argv[2]);
    keyspace_delete(keys, keys->argv[1]);
}

void key_rename(struct keyspace *keys)
{
    if (!has_source(keys))
        return;
    move_value(keys);
    reply_ok(keys->reply);
}

void key_renamenx(struct keyspace *keys)
{
    if (!has_source(keys))
        return;
    bool taken = keyspace_has(keys, keys->argv[2]); /* by itself, when both are the same */
    if (!taken)
        move_value(keys);
    reply_integer(keys->reply, !taken);
}

/* COPY ------------------------------------------------------------------------------ */

/* There is one database, so DB can only name it. */
static bool read_database(struct keyspace *keys, struct slice text)
{
    int64_t number;
    if (!number_read_canonical(text, &number))
        keyspace_not_integer(keys);
    else if (number < INT32_MIN || number > INT32_MAX)
        reply_fail(keys->reply, "ERR value is out of range, value must between %d and %d",
                   INT32_MIN, INT32_MAX);
    else if (number != 0)
        reply_fail(keys->reply, "ERR DB index is out of range");
    else
        return true;
    return false;
}

static bool read_copy_options(struct keyspace *keys, bool *replaces)
{
    for (size_t at = 3; at < keys->argc; at++) {
        if (slice_equal_fold(keys->argv[at], SLICE("REPLACE"))) {
            *replaces = true;
        } else if (slice_equal_fold(keys->argv[at], SLICE("DB")) && at + 1 < keys->argc) {
            if (!read_database(keys, keys->argv[++at]))
                return false;
        } else {
            keyspace_syntax_error(keys);
            return false;
        }
    }
    return true;
}

void key_copy(struct keyspace *keys)
{
    bool replaces = false;
    if (!read_copy_options(keys, &replaces))
        return;
    if (slice_equal(keys->argv[1], keys->argv[2])) {
        reply_fail(keys->reply, "ERR source and destination objects are the same");
        return;
    }
    bool copies =
        keyspace_has(keys, keys->argv[1]) && (replaces || !keyspace_has(keys, keys->argv[2]));
    if (copies)
        copy_value(keys, keys->argv[1], keys->argv[2]);
    reply_integer(keys->reply, copies);
}
