/*
 * TIME, LOLWUT, WAIT, and the refusals of MONITOR and SWAPDB.
 */
#include <stdio.h>
#include <time.h>

#include "commands/redis/functions.h"
#include "commands/redis/version.h"
#include "protocol/number.h"

void about_time(struct keyspace *keys)
{
    struct timespec now;
    char text[24];
    clock_gettime(CLOCK_REALTIME, &now);
    reply_array(keys->reply, 2);
    snprintf(text, sizeof(text), "%lld", (long long)now.tv_sec);
    reply_text(keys->reply, text);
    snprintf(text, sizeof(text), "%ld", now.tv_nsec / 1000);
    reply_text(keys->reply, text);
}

/* Redis draws what its version has; this one has one drawing. */
void about_lolwut(struct keyspace *keys)
{
    static const char hare[] =
        "         //\n"
        "        //_\n"
        "       ( .\\\n"
        "   ____/  _)\n"
        "  /       \\\n"
        " o\\__/__,_/\\_\n"
        "\n"
        "Leveret ver. " LEVERET_VERSION ", after Redis ver. " REDIS_VERSION "\n";
    int64_t version = 0;
    if (keys->argc >= 3 && slice_equal_fold(keys->argv[1], SLICE("VERSION")) &&
        !number_read_canonical(keys->argv[2], &version))
        keyspace_not_integer(keys);
    else
        reply_verbatim(keys->reply, SLICE(hare));
}

/* There are no replicas, and to wait for some that will never come helps nobody. */
void about_wait(struct keyspace *keys)
{
    int64_t replicas = 0;
    int64_t timeout = 0;
    if (!number_read_canonical(keys->argv[1], &replicas))
        keyspace_not_integer(keys);
    else if (!number_read_canonical(keys->argv[2], &timeout))
        reply_fail(keys->reply, "ERR timeout is not an integer or out of range");
    else if (timeout < 0)
        reply_fail(keys->reply, "ERR timeout is negative");
    else
        reply_integer(keys->reply, 0);
}

enum call_result about_monitor(struct call *call)
{
    reply_fail(&call->reply, "ERR MONITOR is not served; FOLLOW, a line command, streams changes");
    return CALL_DONE;
}

/* False after saying that the word is no number of a database. */
static bool read_index(struct call *call, size_t n, const char *which, int64_t *index)
{
    if (number_read_canonical(call_argument(call, n), index) && *index >= INT32_MIN &&
        *index <= INT32_MAX)
        return true;
    reply_fail(&call->reply, "ERR invalid %s DB index", which);
    return false;
}

/* The one database can only be swapped with itself. */
enum call_result about_swapdb(struct call *call)
{
    int64_t first = 0;
    int64_t second = 0;
    if (!read_index(call, 0, "first", &first) || !read_index(call, 1, "second", &second))
        return CALL_DONE;
    if (first != 0 || second != 0)
        reply_fail(&call->reply, "ERR DB index is out of range");
    else
        reply_ok(&call->reply);
    return CALL_DONE;
}
