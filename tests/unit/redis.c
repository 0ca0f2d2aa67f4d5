#include "protocol/redis.h"

#include <criterion/criterion.h>

#include "tests/lib/report.h"
#include "tests/lib/specification.h"
#include "tests/lib/text.h"

Test(redis, commands_are_found_by_name_whatever_its_case)
{
    for (unsigned i = 0; i < REDIS_TOTAL; i++) {
        const struct redis_command *command = redis_at((enum redis_id)i);
        cr_assert_eq(command->id, (enum redis_id)i);
        cr_assert_eq(redis_find(slice_from_string(command->name)), command);
    }
    cr_assert_eq(redis_find(SLICE("gEt")), redis_at(REDIS_GET));
    cr_assert_eq(redis_find(SLICE("")), NULL);
    cr_assert_eq(redis_find(SLICE("GE")), NULL);
    cr_assert_eq(redis_find(SLICE("GET\0")), NULL);
    cr_assert_eq(redis_find(SLICE("LPUSH")), NULL);
}

Test(redis, commands_take_as_many_words_as_they_say)
{
    cr_assert(redis_takes(redis_at(REDIS_GET), 2));
    cr_assert_not(redis_takes(redis_at(REDIS_GET), 1));
    cr_assert_not(redis_takes(redis_at(REDIS_GET), 3));
    cr_assert_not(redis_takes(redis_at(REDIS_DEL), 1));
    cr_assert(redis_takes(redis_at(REDIS_DEL), 2));
    cr_assert(redis_takes(redis_at(REDIS_DEL), 1000000));
}

/* The rows of the table of groups, between its head and the first line that is no row. */
static struct slice documented_groups(struct slice text)
{
    struct slice line;
    while (text_line(&text, &line) && !slice_equal(line, SLICE("| group | commands |")))
        ;
    text_line(&text, &line); /* the rule under the head */
    struct slice rows = text;
    while (text_line(&text, &line) && slice_has_prefix(line, SLICE("| ")))
        rows.len = (size_t)(line.data + line.len + 1 - rows.data);
    return rows;
}

static bool row_is_of(struct slice row, const char *group)
{
    return text_skip(&row, SLICE("| ")) && text_skip(&row, slice_from_string(group)) &&
           text_skip(&row, SLICE(" | "));
}

/* The row that the group of the documented row should have. */
static void append_row(struct buffer *out, struct slice documented)
{
    const char *group = "";
    for (unsigned i = 0; i < REDIS_TOTAL; i++) {
        const struct redis_command *command = redis_at((enum redis_id)i);
        if (!row_is_of(documented, command->group))
            continue;
        if (group[0] == '\0') {
            buffer_append_string(out, "| ");
            buffer_append_string(out, command->group);
            buffer_append_string(out, " |");
        }
        group = command->group;
        buffer_append_string(out, " `");
        buffer_append_string(out, command->name);
        buffer_append_byte(out, '`');
    }
    buffer_append_string(out, " |\n");
}

/* Holds in both directions: every row is complete, and every command is in one. */
Test(redis, commands_are_those_of_the_specification)
{
    struct buffer text = specification_read();
    struct buffer expected = {0};
    struct slice documented = documented_groups(buffer_slice(&text));
    struct slice rest = documented;
    struct slice line;
    size_t names = 0;
    while (text_line(&rest, &line))
        append_row(&expected, line);
    report_equal("the table of groups", documented, buffer_slice(&expected));
    for (size_t i = 0; i < documented.len; i++)
        names += documented.data[i] == '`';
    cr_assert_eq(names, 2 * REDIS_TOTAL);
    buffer_fini(&expected);
    buffer_fini(&text);
}
