#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "commands/redis/functions.h"
#include "protocol/number.h"

/* Whole numbers ------------------------------------------------------------------- */

static void add(struct keyspace *keys, int64_t delta)
{
    int64_t number = 0;
    struct slice value;
    char text[32];
    if (keyspace_get(keys, keys->argv[1], &value) && !number_read_canonical(value, &number)) {
        keyspace_not_integer(keys);
        return;
    }
    if (__builtin_add_overflow(number, delta, &number)) {
        reply_fail(keys->reply, "ERR increment or decrement would overflow");
        return;
    }
    int len = snprintf(text, sizeof(text), "%lld", (long long)number);
    keyspace_put(keys, keys->argv[1], slice_of(text, (size_t)len));
    reply_integer(keys->reply, number);
}

void counter_incr(struct keyspace *keys)
{
    add(keys, 1);
}

void counter_decr(struct keyspace *keys)
{
    add(keys, -1);
}

void counter_incrby(struct keyspace *keys)
{
    int64_t delta;
    if (number_read_canonical(keys->argv[2], &delta))
        add(keys, delta);
    else
        keyspace_not_integer(keys);
}

void counter_decrby(struct keyspace *keys)
{
    int64_t delta;
    if (!number_read_canonical(keys->argv[2], &delta))
        keyspace_not_integer(keys);
    else if (delta == INT64_MIN)
        reply_fail(keys->reply, "ERR decrement would overflow"); /* it has no opposite */
    else
        add(keys, -delta);
}

/* Numbers with a fraction ------------------------------------------------------------ */

/* Room for every long double with 17 digits behind the point, which are at most 4,952 characters;
 * longer text is no number in Redis either. */
#define LONGEST_FLOAT ((size_t)5 * 1024)

/* What strtold reads is what Redis takes, but for leading space and for what is no number. */
static bool read_float(struct slice text, long double *number)
{
    char copy[LONGEST_FLOAT];
    char *end;
    if (text.len == 0 || text.len >= sizeof(copy) || isspace((unsigned char)text.data[0]))
        return false;
    memcpy(copy, text.data, text.len);
    copy[text.len] = '\0';
    errno = 0;
    *number = strtold(copy, &end);
    bool in_range = errno != ERANGE || (isfinite(*number) && fpclassify(*number) != FP_ZERO);
    return end == copy + text.len && in_range && !isnan(*number);
}

/* Writes the number as Redis does: without an exponent, without zeroes at the end. The length. */
static size_t write_float(char text[LONGEST_FLOAT], long double number)
{
    size_t len = (size_t)snprintf(text, LONGEST_FLOAT, "%.17Lf", number);
    while (text[len - 1] == '0')
        len--;
    if (text[len - 1] == '.')
        len--;
    if (len == 2 && memcmp(text, "-0", 2) == 0)
        text[--len - 1] = '0';
    return len;
}

void counter_incrbyfloat(struct keyspace *keys)
{
    char text[LONGEST_FLOAT];
    long double number = 0;
    long double delta;
    struct slice value;
    if ((keyspace_get(keys, keys->argv[1], &value) && !read_float(value, &number)) ||
        !read_float(keys->argv[2], &delta)) {
        reply_fail(keys->reply, "ERR value is not a valid float");
        return;
    }
    number += delta;
    if (!isfinite(number)) {
        reply_fail(keys->reply, "ERR increment would produce NaN or Infinity");
        return;
    }
    struct slice sum = slice_of(text, write_float(text, number));
    keyspace_put(keys, keys->argv[1], sum);
    reply_bulk(keys->reply, sum);
}
