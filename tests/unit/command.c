#include "protocol/command.h"

#include <criterion/criterion.h>

#include "tests/lib/report.h"
#include "tests/lib/specification.h"
#include "tests/lib/text.h"

static const char *const aliases[][2] = {
#define COMMAND(...)
#define ALIAS(name, command) {#name, #command},
#include "protocol/commands.def"
#undef COMMAND
#undef ALIAS
};

#define ALIASES (sizeof(aliases) / sizeof(aliases[0]))

Test(command, is_found_by_name_in_any_case)
{
    for (unsigned i = 0; i < COMMAND_TOTAL; i++) {
        const struct command *command = command_at((enum command_id)i);
        cr_assert_eq(command->id, (enum command_id)i);
        cr_assert_eq(command_find(slice_from_string(command->name)), command);
    }
    cr_assert_eq(command_find(SLICE("get")), command_at(COMMAND_GET));
    cr_assert_eq(command_find(SLICE("sCaN")), command_at(COMMAND_SCAN));
}

Test(command, is_found_by_its_other_name)
{
    for (size_t i = 0; i < ALIASES; i++) {
        const struct command *command = command_find(slice_from_string(aliases[i][0]));
        cr_assert(command != NULL);
        cr_assert_str_eq(command->name, aliases[i][1]);
    }
    cr_assert_eq(command_find(SLICE("set")), command_at(COMMAND_PUT));
}

Test(command, that_does_not_exist_is_not_found)
{
    cr_assert_eq(command_find(SLICE("")), NULL);
    cr_assert_eq(command_find(SLICE("GE")), NULL);
    cr_assert_eq(command_find(SLICE("GETS")), NULL);
    cr_assert_eq(command_find(SLICE("GET\0")), NULL);
    cr_assert_eq(command_find(SLICE("G\xc5T")), NULL);
}

Test(command, takes_as_many_arguments_as_it_says)
{
    const struct command *put = command_at(COMMAND_PUT);
    cr_assert_not(command_takes(put, 1));
    cr_assert(command_takes(put, 2));
    cr_assert(command_takes(put, 4));
    cr_assert_not(command_takes(put, 5));
    const struct command *del = command_at(COMMAND_DEL);
    cr_assert_not(command_takes(del, 0));
    cr_assert(command_takes(del, 1));
    cr_assert(command_takes(del, 60000));
    cr_assert(command_takes(command_at(COMMAND_QUIT), 0));
}

Test(command, writes_exactly_when_the_list_says_so)
{
    static const char *const writers[] = {"PUT",  "MPUT",   "DEL", "DELIFEQ",
                                          "INCR", "COMMIT", "SYNC"};
    unsigned count = 0;
    for (unsigned i = 0; i < COMMAND_TOTAL; i++)
        count += command_at((enum command_id)i)->flags & COMMAND_WRITES;
    cr_assert_eq(count, sizeof(writers) / sizeof(writers[0]));
    for (size_t i = 0; i < count; i++)
        cr_assert(command_find(slice_from_string(writers[i]))->flags & COMMAND_WRITES);
}

static void append_heading(struct buffer *out, const struct command *command)
{
    buffer_append_string(out, "### ");
    buffer_append_string(out, command->name);
    if (command->usage[0] != '\0') {
        buffer_append_byte(out, ' ');
        buffer_append_string(out, command->usage);
    }
    for (size_t i = 0; i < ALIASES; i++) {
        if (strcmp(aliases[i][1], command->name) != 0)
            continue;
        buffer_append_string(out, " (also ");
        buffer_append_string(out, aliases[i][0]);
        buffer_append_byte(out, ')');
    }
    buffer_append_byte(out, '\n');
}

static bool has_line(struct slice text, struct slice wanted)
{
    struct slice line;
    while (text_line(&text, &line))
        if (slice_equal(line, wanted))
            return true;
    return false;
}

/* Holds in both directions: as many headings as commands, and each command has its own. */
Test(command, has_a_heading_with_its_usage_in_the_specification)
{
    struct buffer text = specification_read();
    struct slice rest = buffer_slice(&text);
    struct slice line;
    unsigned headings = 0;
    while (text_line(&rest, &line))
        headings += slice_has_prefix(line, SLICE("### "));
    cr_assert_eq(headings, COMMAND_TOTAL);

    struct buffer heading = {0};
    for (unsigned i = 0; i < COMMAND_TOTAL; i++) {
        buffer_clear(&heading);
        append_heading(&heading, command_at((enum command_id)i));
        struct slice wanted = slice_of(heading.data, heading.len - 1);
        cr_assert(has_line(buffer_slice(&text), wanted), "PROTOCOL.md has no line %s",
                  report_show(wanted));
    }
    buffer_fini(&heading);
    buffer_fini(&text);
}

/* Holds in both directions too. */
Test(command, is_in_the_table_of_those_for_redis_clients_when_the_list_says_so)
{
    struct buffer text = specification_read();
    struct slice rest = buffer_slice(&text);
    struct slice line;
    unsigned rows = 0;
    unsigned served = 0;
    while (text_line(&rest, &line)) {
        if (!text_skip(&line, SLICE("| `LEVERET.")))
            continue;
        const char *end = memchr(line.data, '`', line.len);
        cr_assert(end != NULL);
        const struct command *command =
            command_find(slice_of(line.data, (size_t)(end - line.data)));
        cr_assert(command != NULL && (command->flags & COMMAND_RESP) != 0, "%s is not served",
                  report_show(line));
        rows++;
    }
    for (unsigned i = 0; i < COMMAND_TOTAL; i++)
        served += (command_at((enum command_id)i)->flags & COMMAND_RESP) != 0;
    cr_assert_eq(rows, served);
    buffer_fini(&text);
}
