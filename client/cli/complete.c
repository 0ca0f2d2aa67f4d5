#include "client/cli/complete.h"

#include "protocol/command.h"

/* Names that only the prompt knows. */
static const char *const local_names[] = {"help", "exit"};

static struct slice first_word(struct slice line)
{
    const char *space = line.len == 0 ? NULL : memchr(line.data, ' ', line.len);
    return slice_of(line.data, space == NULL ? line.len : (size_t)(space - line.data));
}

static struct slice last_word(struct slice line)
{
    size_t start = line.len;
    while (start > 0 && line.data[start - 1] != ' ')
        start--;
    return slice_of(line.data + start, line.len - start);
}

static bool begins(struct slice word, struct slice typed)
{
    return word.len >= typed.len && slice_equal_fold(slice_of(word.data, typed.len), typed);
}

static bool is_known(const struct complete *complete, struct slice word)
{
    for (size_t i = 0; i < complete->count; i++)
        if (slice_equal(complete->words[i], word))
            return true;
    return false;
}

static size_t shared_length(struct slice a, struct slice b, size_t most)
{
    size_t length = 0;
    while (length < most && length < a.len && length < b.len && a.data[length] == b.data[length])
        length++;
    return length;
}

static void offer(struct complete *complete, struct slice word)
{
    if (!begins(word, complete->typed) || is_known(complete, word) ||
        complete->count == COMPLETE_MOST)
        return;
    complete->shared =
        complete->count == 0 ? word.len : shared_length(complete->words[0], word, complete->shared);
    complete->words[complete->count++] = word;
}

static void offer_names(struct complete *complete)
{
    for (unsigned id = 0; id < COMMAND_TOTAL; id++)
        offer(complete, slice_from_string(command_at((enum command_id)id)->name));
}

static bool is_capital(char c)
{
    return c >= 'A' && c <= 'Z';
}

/* In a usage line the words to be typed stand in capitals; the others name what they stand for. */
static void offer_usage_words(struct complete *complete, const char *usage)
{
    for (const char *at = usage; *at != '\0';) {
        const char *start = at;
        while (is_capital(*at))
            at++;
        if (at > start)
            offer(complete, slice_of(start, (size_t)(at - start)));
        else
            at++;
    }
}

void complete_line(struct complete *complete, struct slice before)
{
    *complete = (struct complete){0};
    while (before.len > 0 && before.data[0] == ' ')
        before = slice_of(before.data + 1, before.len - 1);
    struct slice name = first_word(before);
    complete->typed = last_word(before);
    if (name.len == before.len) {
        offer_names(complete);
        for (size_t i = 0; i < sizeof(local_names) / sizeof(local_names[0]); i++)
            if (before.len > 0)
                offer(complete, slice_from_string(local_names[i]));
        return;
    }
    const struct command *command = command_find(name);
    if (command == NULL)
        return;
    if (command->id == COMMAND_HELP)
        offer_names(complete);
    else
        offer_usage_words(complete, command->usage);
}
