/*
 * Lines of a file that is imported.
 */
#include "client/cli/row.h"

#include "client/cli/json.h"
#include "client/cli/shape.h"
#include "protocol/quote.h"
#include "tests/fuzz/target.h"
#include "tests/lib/text.h"

/* Written as `key<TAB>value`, a row reads as it was. */
static void expect_round_trip(const struct row *row)
{
    struct buffer line = {0};
    struct row again = {0};
    const char *problem = NULL;
    quote_escape(&line, row->key);
    buffer_append_byte(&line, '\t');
    quote_escape(&line, row->value);
    target_expect(row_read(&again, buffer_slice(&line), &problem) == ROW_OK,
                  "a row that was read can be written and read again");
    target_expect_equal("its key is the same", again.key, row->key);
    target_expect_equal("its value is the same", again.value, row->value);
    row_fini(&again);
    buffer_fini(&line);
}

void target_take(struct slice input)
{
    struct row row = {0};
    struct buffer json = {0};
    struct slice line;
    while (text_line(&input, &line)) {
        const char *problem = NULL;
        switch (row_read(&row, line, &problem)) {
        case ROW_OK:
            expect_round_trip(&row);
            break;
        case ROW_BAD:
            target_expect(problem != NULL, "a bad row has a reason");
            break;
        case ROW_NONE:
            break;
        }
        shape_of_line(line);
        buffer_clear(&json);
        json_field(&json, "line", line);
    }
    row_fini(&row);
    buffer_fini(&json);
}
