#include "commands/redis/traits.h"

#define TRAIT(name, word) word,
const char *const traits_flag_words[TRAITS_FLAGS_END] = {TRAITS_FLAGS(TRAIT)};
const char *const traits_category_words[TRAITS_CATEGORIES_END] = {TRAITS_CATEGORIES(TRAIT)};
const char *const traits_tip_words[TRAITS_TIPS_END] = {TRAITS_TIPS(TRAIT)};
const char *const traits_access_words[TRAITS_ACCESS_END] = {TRAITS_ACCESS(TRAIT)};
#undef TRAIT

#define T(trait) TRAITS_##trait

/* Flags of commands that need no data. */
#define IDLE (T(LOADING) | T(STALE))
#define LINK (IDLE | T(NOSCRIPT) | T(NO_AUTH) | T(ALLOW_BUSY))

/* What does not follow from the flags and the group in redis.def, see traits_of. */
static const struct traits extras[REDIS_TOTAL] = {
    [REDIS_GET] = {0, 0, 0, {T(RO) | T(ACCESS)}},
    [REDIS_SET] = {T(DENYOOM), 0, 0, {T(RW) | T(ACCESS) | T(UPDATE) | T(VARIABLE)}},
    [REDIS_SETNX] = {T(DENYOOM), 0, 0, {T(OW) | T(INSERT)}},
    [REDIS_GETSET] = {T(DENYOOM), 0, 0, {T(RW) | T(ACCESS) | T(UPDATE)}},
    [REDIS_GETDEL] = {0, 0, 0, {T(RW) | T(ACCESS) | T(DELETE)}},
    [REDIS_GETRANGE] = {0, 0, 0, {T(RO) | T(ACCESS)}},
    [REDIS_SUBSTR] = {0, 0, 0, {T(RO) | T(ACCESS)}},
    [REDIS_SETRANGE] = {T(DENYOOM), 0, 0, {T(RW) | T(UPDATE)}},
    [REDIS_STRLEN] = {0, 0, 0, {T(RO)}},
    [REDIS_APPEND] = {T(DENYOOM), 0, 0, {T(RW) | T(INSERT)}},
    [REDIS_MGET] = {0, 0, T(TO_SHARDS), {T(RO) | T(ACCESS)}},
    [REDIS_MSET] = {T(DENYOOM), 0, T(TO_SHARDS) | T(ALL_SUCCEED), {T(OW) | T(UPDATE)}},
    [REDIS_MSETNX] = {T(DENYOOM), 0, T(TO_SHARDS) | T(LEAST), {T(OW) | T(INSERT)}},
    [REDIS_INCR] = {T(DENYOOM), 0, 0, {T(RW) | T(ACCESS) | T(UPDATE)}},
    [REDIS_DECR] = {T(DENYOOM), 0, 0, {T(RW) | T(ACCESS) | T(UPDATE)}},
    [REDIS_INCRBY] = {T(DENYOOM), 0, 0, {T(RW) | T(ACCESS) | T(UPDATE)}},
    [REDIS_DECRBY] = {T(DENYOOM), 0, 0, {T(RW) | T(ACCESS) | T(UPDATE)}},
    [REDIS_INCRBYFLOAT] = {T(DENYOOM), 0, 0, {T(RW) | T(ACCESS) | T(UPDATE)}},
    [REDIS_DEL] = {0, 0, T(TO_SHARDS) | T(SUM), {T(RM) | T(DELETE)}},
    [REDIS_UNLINK] = {0, 0, T(TO_SHARDS) | T(SUM), {T(RM) | T(DELETE)}},
    [REDIS_EXISTS] = {0, 0, T(TO_SHARDS) | T(SUM), {T(RO)}},
    [REDIS_TOUCH] = {0, 0, T(TO_SHARDS) | T(SUM), {T(RO)}},
    [REDIS_TYPE] = {0, 0, 0, {T(RO)}},
    [REDIS_RENAME] = {0, 0, 0, {T(RW) | T(ACCESS) | T(DELETE), T(OW) | T(UPDATE)}},
    [REDIS_RENAMENX] = {0, 0, 0, {T(RW) | T(ACCESS) | T(DELETE), T(OW) | T(INSERT)}},
    [REDIS_COPY] = {T(DENYOOM), 0, 0, {T(RO) | T(ACCESS), T(OW) | T(UPDATE)}},
    [REDIS_SCAN] = {0, 0, T(NONDETERMINISTIC) | T(TO_SPECIAL), {0}},
    [REDIS_KEYS] = {0, T(OF_DANGEROUS), T(TO_ALL_SHARDS) | T(UNORDERED), {0}},
    [REDIS_DBSIZE] = {0, T(OF_KEYSPACE), T(TO_ALL_SHARDS) | T(SUM), {0}},
    [REDIS_RANDOMKEY] = {0, 0, T(TO_ALL_SHARDS) | T(NONDETERMINISTIC), {0}},
    [REDIS_FLUSHDB] = {0, T(OF_KEYSPACE) | T(OF_DANGEROUS), T(TO_ALL_SHARDS) | T(ALL_SUCCEED), {0}},
    [REDIS_FLUSHALL] = {0,
                        T(OF_KEYSPACE) | T(OF_DANGEROUS),
                        T(TO_ALL_SHARDS) | T(ALL_SUCCEED),
                        {0}},
    [REDIS_SWAPDB] = {0, T(OF_KEYSPACE) | T(OF_DANGEROUS), 0, {0}},
    [REDIS_MULTI] = {IDLE | T(NOSCRIPT) | T(ALLOW_BUSY), 0, 0, {0}},
    [REDIS_EXEC] = {IDLE | T(NOSCRIPT) | T(SKIP_SLOWLOG), 0, 0, {0}},
    [REDIS_DISCARD] = {IDLE | T(NOSCRIPT) | T(ALLOW_BUSY), 0, 0, {0}},
    [REDIS_WATCH] = {IDLE | T(NOSCRIPT) | T(ALLOW_BUSY), 0, 0, {T(RO)}},
    [REDIS_UNWATCH] = {IDLE | T(NOSCRIPT) | T(ALLOW_BUSY), 0, 0, {0}},
    [REDIS_HELLO] = {LINK, 0, 0, {0}},
    [REDIS_AUTH] = {LINK, 0, 0, {0}},
    [REDIS_PING] = {0, 0, T(TO_ALL_SHARDS) | T(ALL_SUCCEED), {0}},
    [REDIS_ECHO] = {IDLE, 0, 0, {0}},
    [REDIS_QUIT] = {LINK, 0, 0, {0}},
    [REDIS_RESET] = {LINK, 0, 0, {0}},
    [REDIS_SELECT] = {IDLE, 0, 0, {0}},
    [REDIS_COMMAND] = {IDLE, T(OF_CONNECTION), T(UNORDERED), {0}},
    [REDIS_INFO] = {IDLE,
                    T(OF_DANGEROUS),
                    T(NONDETERMINISTIC) | T(TO_ALL_SHARDS) | T(SPECIAL),
                    {0}},
    [REDIS_TIME] = {IDLE, 0, T(NONDETERMINISTIC), {0}},
    [REDIS_WAIT] = {T(NOSCRIPT), T(OF_CONNECTION), T(TO_ALL_SHARDS) | T(LEAST), {0}},
    [REDIS_MONITOR] = {IDLE | T(ADMIN) | T(NOSCRIPT), T(OF_ADMIN) | T(OF_DANGEROUS), 0, {0}},
};

/* The categories that follow from a group; containers and WAIT are in none of them. */
static unsigned group_category(const struct redis_command *command)
{
    static const struct {
        const char *group;
        unsigned category;
    } groups[] = {
        {"string", T(OF_STRING)},
        {"generic", T(OF_KEYSPACE)},
        {"connection", T(OF_CONNECTION)},
        {"transactions", T(OF_TRANSACTION)},
    };
    if (command->id == REDIS_CLIENT || command->id == REDIS_WAIT)
        return 0;
    for (size_t i = 0; i < sizeof(groups) / sizeof(groups[0]); i++)
        if (strcmp(command->group, groups[i].group) == 0)
            return groups[i].category;
    return 0;
}

struct traits traits_of(const struct redis_command *command)
{
    struct traits traits = extras[command->id];
    bool reads = (command->flags & REDIS_READONLY) != 0;
    bool writes = (command->flags & REDIS_WRITE) != 0;
    bool fast = (command->flags & REDIS_FAST) != 0;
    traits.flags |= (reads ? T(READONLY) : 0) | (writes ? T(WRITE) : 0) | (fast ? T(FAST) : 0);
    traits.categories |= (reads ? T(OF_READ) : 0) | (writes ? T(OF_WRITE) : 0);
    traits.categories |= group_category(command) | (fast ? T(OF_FAST) : T(OF_SLOW));
    return traits;
}
