#include "client/cli/shape.h"

#include "protocol/line.h"

/* Range words that are followed by an argument, which may itself read "VALUES". */
static bool takes_argument(struct slice word)
{
    static const char *const words[] = {"FROM", "AFTER", "TO", "THROUGH", "LIMIT", "BYTES", "AT"};
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (slice_equal_fold(word, slice_from_string(words[i])))
            return true;
    return false;
}

static bool is_scan(struct slice name)
{
    return slice_equal_fold(name, SLICE("SCAN"));
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
    static const struct {
        const char *name;
        enum shape shape;
    } shapes[] = {{"LIST", SHAPE_KEYS},    {"INFO", SHAPE_KEYS},      {"MGET", SHAPE_LOOKUP},
                  {"COMPACT", SHAPE_WORK}, {"DELPREFIX", SHAPE_WORK}, {"FOLLOW", SHAPE_FEED}};
    if (count > 0 && is_scan(words[0]))
        return shape_of_scan(words, count);
    for (size_t i = 0; count > 0 && i < sizeof(shapes) / sizeof(shapes[0]); i++)
        if (slice_equal_fold(words[0], slice_from_string(shapes[i].name)))
            return shapes[i].shape;
    return SHAPE_SINGLE;
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
    if (!is_scan(name))
        return shape_of_words(&name, 1); /* long lines of PUT are not worth splitting */
    struct tokens tokens = {0};
    enum shape shape = SHAPE_SINGLE;
    if (line_split(line, &tokens) == LINE_SPLIT_OK)
        shape = shape_of_words(tokens.items, tokens.count);
    tokens_fini(&tokens);
    return shape;
}
