#include "client/cli/shape.h"

#include "protocol/command.h"
#include "protocol/line.h"

/* Range words that are followed by an argument, which may itself read "VALUES". */
static bool takes_argument(struct slice word)
{
    static const char *const words[] = {"FROM", "AFTER", "TO", "THROUGH", "LIMIT"};
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (slice_equal_fold(word, slice_from_string(words[i])))
            return true;
    return false;
}

static enum shape shape_of_scan(const struct slice *words, size_t count)
{
    for (size_t i = 2; i < count; i++) {
        if (slice_equal_fold(words[i], SLICE("VALUES")))
            return SHAPE_VALUES;
        if (takes_argument(words[i]))
            i++;
    }
    return SHAPE_KEYS;
}

enum shape shape_of_words(const struct slice *words, size_t count)
{
    const struct command *command = count == 0 ? NULL : command_find(words[0]);
    if (command == NULL)
        return SHAPE_SINGLE;
    switch (command->id) {
    case COMMAND_SCAN:
        return shape_of_scan(words, count);
    case COMMAND_LIST:
    case COMMAND_INFO:
        return SHAPE_KEYS;
    case COMMAND_MGET:
        return SHAPE_LOOKUP;
    default:
        return SHAPE_SINGLE;
    }
}

static struct slice first_word(struct slice line)
{
    size_t at = 0;
    while (at < line.len && line.data[at] == ' ')
        at++;
    const char *start = line.data + at;
    size_t left = line.len - at;
    const char *space = left == 0 ? NULL : memchr(start, ' ', left);
    return slice_of(start, space == NULL ? left : (size_t)(space - start));
}

/* A name in quotes is legal and rare; its reply is printed as rows come, by the default rules. */
enum shape shape_of_line(struct slice line)
{
    struct slice name = first_word(line);
    const struct command *command = command_find(name);
    if (command == NULL || command->id != COMMAND_SCAN)
        return shape_of_words(&name, 1); /* long lines of PUT are not worth splitting */
    struct tokens tokens = {0};
    enum shape shape = SHAPE_SINGLE;
    if (line_split(line, &tokens) == LINE_SPLIT_OK)
        shape = shape_of_words(tokens.items, tokens.count);
    tokens_fini(&tokens);
    return shape;
}
