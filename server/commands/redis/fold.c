#include "commands/redis/fold.h"

#include <ctype.h>
#include <stdio.h>

static void fold(char *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++)
        bytes[i] = (char)tolower((unsigned char)bytes[i]);
}

void fold_name(char text[FOLD_NAME], const char *name, const char *part)
{
    snprintf(text, FOLD_NAME, "%s%s%s", name, part == NULL ? "" : "|", part == NULL ? "" : part);
    fold(text, strlen(text));
}

bool fold_glob(struct glob *glob, struct slice pattern)
{
    struct buffer folded = {0};
    buffer_append_slice(&folded, pattern);
    fold(folded.data, folded.len);
    bool made = !folded.failed && glob_init(glob, buffer_slice(&folded));
    buffer_fini(&folded);
    return made;
}
