#include "tests/system/measure.h"

#include <stdlib.h>

/* The length of the line at `at`, with its LF; 0 when it has not ended. */
static size_t line_length(struct slice waiting, size_t at)
{
    const char *lf = at < waiting.len ? memchr(waiting.data + at, '\n', waiting.len - at) : NULL;
    return lf == NULL ? 0 : (size_t)(lf - waiting.data) + 1 - at;
}

size_t measure_line(struct slice waiting)
{
    for (size_t at = 0;;) {
        size_t length = line_length(waiting, at);
        if (length == 0)
            return 0;
        bool goes_on = waiting.data[at] == '"' || waiting.data[at] == '#';
        at += length;
        if (!goes_on)
            return at;
    }
}

size_t measure_resp(struct slice waiting)
{
    size_t at = 0;
    for (size_t values = 1; values > 0; values--) {
        size_t length = line_length(waiting, at);
        if (length == 0)
            return 0;
        char type = waiting.data[at];
        long long number = strtoll(waiting.data + at + 1, NULL, 10); /* ends at the CR */
        size_t many = number < 0 ? 0 : (size_t)number;
        at += length;
        if (strchr("$=!", type) != NULL && number >= 0)
            at += many + 2;
        else if (strchr("*~>", type) != NULL)
            values += many;
        else if (type == '%')
            values += 2 * many;
        if (at > waiting.len)
            return 0;
    }
    return at;
}
