#include "client/cli/option.h"

#include <assert.h>
#include <string.h>

#define HEAD_MOST 64

/* No line of the help is longer. */
#define WIDTH 92

void option_fill(struct option out[OPTION_MOST + 1], const struct option_row *rows)
{
    size_t count = 0;
    for (; rows[count].name != NULL; count++) {
        assert(count < OPTION_MOST);
        out[count] = (struct option){
            .name = rows[count].name,
            .has_arg = rows[count].argument == NULL ? no_argument : required_argument,
            .val = rows[count].sign,
        };
    }
    out[count] = (struct option){0};
}

static void write_head(char head[HEAD_MOST], const struct option_row *row)
{
    char letter[8] = "    ";
    if (row->sign < OPTION_LONG)
        snprintf(letter, sizeof(letter), "-%c, ", row->sign);
    snprintf(head, HEAD_MOST, "  %s--%s%s%s", letter, row->name, row->argument == NULL ? "" : " ",
             row->argument == NULL ? "" : row->argument);
}

/* The column at which all rows tell what they do. */
static size_t find_column(const struct option_row *rows)
{
    char head[HEAD_MOST];
    size_t column = 0;
    for (; rows->name != NULL; rows++) {
        write_head(head, rows);
        if (strlen(head) > column)
            column = strlen(head);
    }
    return column + 2;
}

static void print_folded(FILE *out, const char *text, size_t column)
{
    size_t room = WIDTH - column;
    while (strlen(text) > room) {
        size_t len = room;
        while (text[len] != ' ')
            len--;
        fprintf(out, "%.*s\n%*s", (int)len, text, (int)column, "");
        text += len + 1;
    }
    fprintf(out, "%s\n", text);
}

void option_print(FILE *out, const struct option_row *rows)
{
    char head[HEAD_MOST];
    size_t column = find_column(rows);
    for (; rows->name != NULL; rows++) {
        write_head(head, rows);
        fprintf(out, "%-*s", (int)column, head);
        print_folded(out, rows->help, column);
    }
}
