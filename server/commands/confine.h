/*
 * Confinement: what of the store a user's prefixes leave it. The one place that knows.
 *
 *     a key of a request      in none of the prefixes --> refused, whether it is there or not
 *     a range of a request    cut to the prefixes: what is outside of them is not there
 *
 * So a range may be wide, and the requests of tools that know of no users work: SCAN "" streams all
 * keys of the user. What walks, follows, counts or deletes a range takes it from here; what it
 * keeps over turns is the range, which is its own copy: the user may be replaced meanwhile.
 */
#ifndef LEVERET_COMMANDS_CONFINE_H
#define LEVERET_COMMANDS_CONFINE_H

#include "commands/call.h"
#include "store/prefixes.h"

static inline bool confine_is_on(const struct user *user)
{
    return __builtin_expect(user->prefix_count > 0, 0);
}

static inline bool confine_allows(const struct user *user, struct slice key)
{
    return !confine_is_on(user) || prefixes_hold(user->prefixes, user->prefix_count, key);
}

/* The keys with that prefix that the user may have. False when out of memory. */
MUST_CHECK bool confine_range(const struct user *user, struct slice prefix, struct range *range);

/* Whether the user may have every key that the request names, which are inside the scope already.
 * Those that the handler knows are not looked at; nor are prefixes. */
MUST_CHECK bool confine_allows_own(const struct call *call, const struct command *command);
MUST_CHECK bool confine_allows_redis(const struct call *call, const struct redis_command *command);

/* Refuses the request, also one that writes: what its handler returns. */
enum call_result confine_refuse(struct call *call);

/* The same in Redis's words, of a request that does not go to the committer. */
void confine_refuse_redis(struct call *call);

#endif
