/*
 * Text: walking over the lines of a file that was read.
 */
#ifndef LEVERET_TESTS_LIB_TEXT_H
#define LEVERET_TESTS_LIB_TEXT_H

#include "protocol/bytes.h"

/* Takes the first line off *rest, without its LF; false when nothing is left. */
static inline bool text_line(struct slice *rest, struct slice *line)
{
    if (rest->len == 0)
        return false;
    const char *lf = memchr(rest->data, '\n', rest->len);
    size_t len = lf == NULL ? rest->len : (size_t)(lf - rest->data);
    size_t used = lf == NULL ? len : len + 1;
    *line = slice_of(rest->data, len);
    *rest = slice_of(rest->data + used, rest->len - used);
    return true;
}

/* Takes `prefix` off the start of *text; false, and nothing done, when it does not start so. */
static inline bool text_skip(struct slice *text, struct slice prefix)
{
    if (!slice_has_prefix(*text, prefix))
        return false;
    *text = slice_of(text->data + prefix.len, text->len - prefix.len);
    return true;
}

#endif
