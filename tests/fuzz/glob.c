/*
 * Globs: a pattern on the first line, a key behind it.
 */
#include "server/commands/redis/glob.h"

#include "tests/fuzz/target.h"
#include "tests/lib/text.h"

void target_take(struct slice input)
{
    struct glob glob;
    struct slice pattern = {0};
    if (!text_line(&input, &pattern) || !glob_init(&glob, pattern))
        return;
    bool matches = glob_is_bounded(&glob) && glob_matches(&glob, input);
    struct slice head = glob_head(&glob);
    target_expect(!matches || slice_has_prefix(input, head), "what matches begins with the head");
    if (glob_is_literal(&glob))
        target_expect(matches == slice_equal(input, head) || head.len == 0,
                      "a literal matches itself and nothing else");
    glob_is_slow(&glob, input);
    glob_fini(&glob);
}
