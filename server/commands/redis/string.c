#include "commands/redis/functions.h"
#include "protocol/number.h"

/* Says the value under argv[1] or null; true when it is there. */
static bool answer_old(struct keyspace *keys)
{
    struct slice value;
    bool found = keyspace_get(keys, keys->argv[1], &value);
    if (found)
        reply_bulk(keys->reply, value);
    else
        reply_null(keys->reply);
    return found;
}

static bool read_integer(struct keyspace *keys, struct slice text, int64_t *number)
{
    if (number_read_canonical(text, number))
        return true;
    keyspace_not_integer(keys);
    return false;
}

void string_get(struct keyspace *keys)
{
    keyspace_answer(keys, keys->argv[1]);
}

/* SET ------------------------------------------------------------------------- */

/* The ways to say when a key expires, and the largest number that each takes. */
struct expiry {
    const char *word;
    int64_t most;
};

static const struct expiry expiries[] = {
    {"EX", INT64_MAX / 1000},
    {"PX", INT64_MAX},
    {"EXAT", INT64_MAX / 1000},
    {"PXAT", INT64_MAX},
};

struct set_options {
    bool if_absent;
    bool if_present;
    bool get;
    bool keeps_expiry; /* which no key has */
    const struct expiry *expiry;
    struct slice time;
};

/* Reads EX seconds or one of its like at argv[at]. As in Redis the same one may be said twice. */
static bool read_expiry(const struct keyspace *keys, size_t at, struct set_options *options)
{
    for (size_t i = 0; i < sizeof(expiries) / sizeof(expiries[0]); i++) {
        const struct expiry *expiry = &expiries[i];
        if (!slice_equal_fold(keys->argv[at], slice_from_string(expiry->word)))
            continue;
        if (options->keeps_expiry || at + 1 == keys->argc ||
            (options->expiry != NULL && options->expiry != expiry))
            return false;
        options->expiry = expiry;
        options->time = keys->argv[at + 1];
        return true;
    }
    return false;
}

static bool read_flag(struct slice word, struct set_options *options)
{
    if (slice_equal_fold(word, SLICE("NX")) && !options->if_present)
        options->if_absent = true;
    else if (slice_equal_fold(word, SLICE("XX")) && !options->if_absent)
        options->if_present = true;
    else if (slice_equal_fold(word, SLICE("GET")))
        options->get = true;
    else if (slice_equal_fold(word, SLICE("KEEPTTL")) && options->expiry == NULL)
        options->keeps_expiry = true;
    else
        return false;
    return true;
}

/* Expiry is refused last, so that what is wrong in Redis too gets Redis's error. */
static void refuse_expiry(struct keyspace *keys, const struct set_options *options)
{
    int64_t time;
    if (!read_integer(keys, options->time, &time))
        return;
    if (time <= 0 || time > options->expiry->most)
        reply_fail(keys->reply, "ERR invalid expire time in 'set' command");
    else
        reply_fail(keys->reply, "ERR keys do not expire here, so SET takes no %s",
                   options->expiry->word);
}

static bool read_options(struct keyspace *keys, struct set_options *options)
{
    for (size_t at = 3; at < keys->argc; at++) {
        if (read_flag(keys->argv[at], options))
            continue;
        if (!read_expiry(keys, at, options)) {
            keyspace_syntax_error(keys);
            return false;
        }
        at++;
    }
    if (options->expiry != NULL)
        refuse_expiry(keys, options);
    return options->expiry == NULL;
}

void string_set(struct keyspace *keys)
{
    struct set_options options = {0};
    if (!read_options(keys, &options))
        return;
    bool conditional = options.if_absent || options.if_present;
    bool found = false;
    if (options.get)
        found = answer_old(keys);
    else if (conditional)
        found = keyspace_has(keys, keys->argv[1]);
    bool sets = !conditional || found == options.if_present;
    if (sets)
        keyspace_put(keys, keys->argv[1], keys->argv[2]);
    if (!options.get && sets)
        reply_ok(keys->reply);
    else if (!options.get)
        reply_null(keys->reply);
}

void string_setnx(struct keyspace *keys)
{
    bool found = keyspace_has(keys, keys->argv[1]);
    if (!found)
        keyspace_put(keys, keys->argv[1], keys->argv[2]);
    reply_integer(keys->reply, !found);
}

void string_getset(struct keyspace *keys)
{
    (void)answer_old(keys);
    keyspace_put(keys, keys->argv[1], keys->argv[2]);
}

void string_getdel(struct keyspace *keys)
{
    if (answer_old(keys))
        keyspace_delete(keys, keys->argv[1]);
}

/* Parts of a value -------------------------------------------------------------- */

/* Where a part starts or ends: a negative place counts from the end. */
static size_t clamp_place(int64_t place, size_t len)
{
    if (place < 0)
        place += (int64_t)len;
    return place < 0 ? 0 : (size_t)place;
}

/* The bytes from `start` through `end`. */
static struct slice part_of(struct slice value, int64_t start, int64_t end)
{
    size_t first = clamp_place(start, value.len);
    size_t last = clamp_place(end, value.len);
    if ((start < 0 && end < 0 && start > end) || value.len == 0)
        return SLICE("");
    if (last >= value.len)
        last = value.len - 1;
    return first > last ? SLICE("") : slice_of(value.data + first, last - first + 1);
}

void string_getrange(struct keyspace *keys)
{
    int64_t start;
    int64_t end;
    struct slice value;
    if (!read_integer(keys, keys->argv[2], &start) || !read_integer(keys, keys->argv[3], &end))
        return;
    if (!keyspace_get(keys, keys->argv[1], &value))
        value = SLICE("");
    reply_bulk(keys->reply, part_of(value, start, end));
}

void string_strlen(struct keyspace *keys)
{
    struct slice value;
    if (!keyspace_get(keys, keys->argv[1], &value))
        value = SLICE("");
    reply_integer(keys->reply, (int64_t)value.len);
}

/* Puts the old value with `patch` over it from `offset` on, and says its length. Bytes between the
 * two are zero. */
static void put_patched(struct keyspace *keys, struct slice old, size_t offset, struct slice patch)
{
    size_t len = old.len > offset + patch.len ? old.len : offset + patch.len;
    if (!buffer_reserve(&keys->scratch, len))
        return;
    buffer_append_slice(&keys->scratch, old);
    char *bytes = keys->scratch.data;
    if (bytes != NULL && len > old.len)
        memset(bytes + old.len, 0, len - old.len);
    if (patch.len > 0)
        memcpy(bytes + offset, patch.data, patch.len);
    keys->scratch.len = len;
    keyspace_put(keys, keys->argv[1], buffer_slice(&keys->scratch));
    reply_integer(keys->reply, (int64_t)len);
}

void string_setrange(struct keyspace *keys)
{
    struct slice patch = keys->argv[3];
    int64_t offset;
    struct slice old;
    if (!read_integer(keys, keys->argv[2], &offset))
        return;
    if (offset < 0) {
        reply_fail(keys->reply, "ERR offset is out of range");
        return;
    }
    if (!keyspace_get(keys, keys->argv[1], &old))
        old = SLICE("");
    if (patch.len == 0)
        reply_integer(keys->reply, (int64_t)old.len);
    else if (keyspace_allows(keys, (size_t)offset + patch.len))
        put_patched(keys, old, (size_t)offset, patch);
}

void string_append(struct keyspace *keys)
{
    struct slice old;
    if (!keyspace_get(keys, keys->argv[1], &old))
        old = SLICE("");
    if (keyspace_allows(keys, old.len + keys->argv[2].len))
        put_patched(keys, old, old.len, keys->argv[2]);
}

/* Several keys -------------------------------------------------------------------- */

void string_mget(struct keyspace *keys)
{
    reply_array(keys->reply, keys->argc - 1);
    for (size_t i = 1; i < keys->argc; i++)
        keyspace_answer(keys, keys->argv[i]);
}

static bool are_pairs(struct keyspace *keys, const char *name)
{
    if (keys->argc % 2 == 1)
        return true;
    reply_fail(keys->reply, "ERR wrong number of arguments for '%s' command", name);
    return false;
}

static void put_pairs(struct keyspace *keys)
{
    for (size_t i = 1; i < keys->argc; i += 2)
        keyspace_put(keys, keys->argv[i], keys->argv[i + 1]);
}

void string_mset(struct keyspace *keys)
{
    if (!are_pairs(keys, "mset"))
        return;
    put_pairs(keys);
    reply_ok(keys->reply);
}

void string_msetnx(struct keyspace *keys)
{
    bool found = false;
    if (!are_pairs(keys, "msetnx"))
        return;
    for (size_t i = 1; !found && i < keys->argc; i += 2)
        found = keyspace_has(keys, keys->argv[i]);
    if (!found)
        put_pairs(keys);
    reply_integer(keys->reply, !found);
}
