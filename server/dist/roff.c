#include "dist/roff.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

/* One byte of text. A point or a quote at the start of a line would make it a request. */
static void put(FILE *out, char byte, bool starts)
{
    if (starts && (byte == '.' || byte == '\''))
        fputs("\\&", out);
    if (byte == '\\')
        fputs("\\e", out);
    else if (byte == '-')
        fputs("\\-", out); /* a hyphen that can be typed */
    else
        fputc(byte, out);
}

/* Whether the space there stands between two sentences: each begins in a line of its own. */
static bool is_between(const char *text, size_t at)
{
    return text[at] == ' ' && at > 0 && text[at - 1] == '.' && isupper((unsigned char)text[at + 1]);
}

void roff_text(FILE *out, const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (is_between(text, i))
            fputc('\n', out);
        else
            put(out, text[i], i == 0 || text[i - 1] == '\n');
}

void roff_sentence(FILE *out, const char *text)
{
    size_t len = strlen(text);
    put(out, (char)toupper((unsigned char)*text), true);
    roff_text(out, text + 1, len - 1);
    fputs(text[len - 1] == '.' ? "\n" : ".\n", out);
}

void roff_argument(FILE *out, const char *argument)
{
    while (argument != NULL) {
        const char *bar = strchr(argument, '|');
        size_t len = bar == NULL ? strlen(argument) : (size_t)(bar - argument);
        fprintf(out, " %s \"%.*s\"%s", islower((unsigned char)*argument) ? "Cm" : "Ar", (int)len,
                argument, bar == NULL ? "" : " |");
        argument = bar == NULL ? NULL : bar + 1;
    }
}
