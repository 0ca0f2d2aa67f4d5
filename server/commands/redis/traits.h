/*
 * Traits: what COMMAND tells of a command beside what redis.def holds, as Redis 7.0 tells it.
 */
#ifndef LEVERET_COMMANDS_REDIS_TRAITS_H
#define LEVERET_COMMANDS_REDIS_TRAITS_H

#include "protocol/redis.h"

/* TRAIT(bit's name, word on the wire), in the order that Redis tells them in. */
#define TRAITS_FLAGS(TRAIT)                                                                        \
    TRAIT(WRITE, "write")                                                                          \
    TRAIT(READONLY, "readonly")                                                                    \
    TRAIT(DENYOOM, "denyoom")                                                                      \
    TRAIT(ADMIN, "admin")                                                                          \
    TRAIT(NOSCRIPT, "noscript")                                                                    \
    TRAIT(LOADING, "loading")                                                                      \
    TRAIT(STALE, "stale")                                                                          \
    TRAIT(SKIP_SLOWLOG, "skip_slowlog")                                                            \
    TRAIT(FAST, "fast")                                                                            \
    TRAIT(NO_AUTH, "no_auth")                                                                      \
    TRAIT(ALLOW_BUSY, "allow_busy")

#define TRAITS_CATEGORIES(TRAIT)                                                                   \
    TRAIT(OF_KEYSPACE, "@keyspace")                                                                \
    TRAIT(OF_READ, "@read")                                                                        \
    TRAIT(OF_WRITE, "@write")                                                                      \
    TRAIT(OF_STRING, "@string")                                                                    \
    TRAIT(OF_ADMIN, "@admin")                                                                      \
    TRAIT(OF_FAST, "@fast")                                                                        \
    TRAIT(OF_SLOW, "@slow")                                                                        \
    TRAIT(OF_DANGEROUS, "@dangerous")                                                              \
    TRAIT(OF_CONNECTION, "@connection")                                                            \
    TRAIT(OF_TRANSACTION, "@transaction")

#define TRAITS_TIPS(TRAIT)                                                                         \
    TRAIT(NONDETERMINISTIC, "nondeterministic_output")                                             \
    TRAIT(UNORDERED, "nondeterministic_output_order")                                              \
    TRAIT(TO_SHARDS, "request_policy:multi_shard")                                                 \
    TRAIT(TO_ALL_SHARDS, "request_policy:all_shards")                                              \
    TRAIT(TO_SPECIAL, "request_policy:special")                                                    \
    TRAIT(ALL_SUCCEED, "response_policy:all_succeeded")                                            \
    TRAIT(SUM, "response_policy:agg_sum")                                                          \
    TRAIT(LEAST, "response_policy:agg_min")                                                        \
    TRAIT(SPECIAL, "response_policy:special")

/* What is done to a key. */
#define TRAITS_ACCESS(TRAIT)                                                                       \
    TRAIT(RO, "RO")                                                                                \
    TRAIT(RW, "RW")                                                                                \
    TRAIT(OW, "OW")                                                                                \
    TRAIT(RM, "RM")                                                                                \
    TRAIT(ACCESS, "access")                                                                        \
    TRAIT(UPDATE, "update")                                                                        \
    TRAIT(INSERT, "insert")                                                                        \
    TRAIT(DELETE, "delete")                                                                        \
    TRAIT(VARIABLE, "variable_flags")

/* Each list counts its bits from 0 on: TRAITS_RW_BIT is 1, TRAITS_RW is 1 << 1. */
#define TRAIT(name, word) TRAITS_##name##_BIT,
enum traits_flag_bits { TRAITS_FLAGS(TRAIT) TRAITS_FLAGS_END };
enum traits_category_bits { TRAITS_CATEGORIES(TRAIT) TRAITS_CATEGORIES_END };
enum traits_tip_bits { TRAITS_TIPS(TRAIT) TRAITS_TIPS_END };
enum traits_access_bits { TRAITS_ACCESS(TRAIT) TRAITS_ACCESS_END };
#undef TRAIT

#define TRAIT(name, word) TRAITS_##name = 1 << TRAITS_##name##_BIT,
enum traits_flags { TRAITS_FLAGS(TRAIT) };
enum traits_categories { TRAITS_CATEGORIES(TRAIT) };
enum traits_tips { TRAITS_TIPS(TRAIT) };
enum traits_access { TRAITS_ACCESS(TRAIT) };
#undef TRAIT

/* Keys of a command are all accessed alike, or each of two in its own way. */
#define TRAITS_KEYS 2

struct traits {
    unsigned flags;
    unsigned categories;
    unsigned tips;
    unsigned access[TRAITS_KEYS]; /* 0: the one in front serves all keys */
};

struct traits traits_of(const struct redis_command *command);

/* The words, in the order of the bits. */
extern const char *const traits_flag_words[TRAITS_FLAGS_END];
extern const char *const traits_category_words[TRAITS_CATEGORIES_END];
extern const char *const traits_tip_words[TRAITS_TIPS_END];
extern const char *const traits_access_words[TRAITS_ACCESS_END];

#endif
