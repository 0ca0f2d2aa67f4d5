#include "client/cli/complain.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "protocol/quote.h"

void complain(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    flockfile(stderr);
    fputs("leveret: ", stderr);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    funlockfile(stderr);
    va_end(args);
}

static void append_escaped(struct buffer *out, struct leveret_bytes bytes)
{
    quote_escape(out, slice_of(bytes.data, bytes.len));
}

static void say(struct buffer *text)
{
    complain("%.*s", (int)text->len, text->len > 0 ? text->data : "");
    buffer_fini(text);
}

/* Messages are for people: quotes stay as they are, and only what a terminal would obey is
 * escaped. */
static void append_message(struct buffer *out, struct leveret_bytes message)
{
    const char *text = message.data;
    for (size_t i = 0, run = 0; i < message.len; i = run) {
        while (run < message.len && (text[run] == '"' || text[run] == '\\'))
            run++;
        buffer_append(out, text + i, run - i);
        i = run;
        while (run < message.len && text[run] != '"' && text[run] != '\\')
            run++;
        append_escaped(out, leveret_bytes(text + i, run - i));
    }
}

void complain_failure(const struct leveret *db)
{
    struct buffer text = {0};
    const char *code = leveret_error_code(db);
    if (code[0] != '\0') {
        append_escaped(&text, leveret_text(code));
        buffer_append_string(&text, ": ");
    }
    append_message(&text, leveret_text(leveret_error_text(db)));
    if (strcmp(code, "CERTIFICATE") == 0)
        buffer_append_string(&text, "; see --tls-ca and --tls-name");
    say(&text);
}

void complain_error(const struct leveret_answer *error, uint64_t line)
{
    struct buffer text = {0};
    if (line > 0) {
        buffer_append_string(&text, "line ");
        buffer_append_u64(&text, line);
        buffer_append_string(&text, ": ");
    }
    append_escaped(&text, leveret_answer_code(error));
    buffer_append_string(&text, ": ");
    append_message(&text, leveret_answer_text(error));
    say(&text);
}

void complain_progress(struct leveret_bytes progress)
{
    struct buffer text = {0};
    append_message(&text, progress);
    say(&text);
}

/* The text, and the bytes behind it in quotes. */
static void say_quoted(const char *start, struct leveret_bytes bytes)
{
    struct buffer text = {0};
    buffer_append_string(&text, start);
    buffer_append_string(&text, " \"");
    append_escaped(&text, bytes);
    buffer_append_byte(&text, '"');
    say(&text);
}

void complain_again(struct leveret_bytes prefix)
{
    if (prefix.len > 0)
        say_quoted("the connection had ended; connected again, inside", prefix);
    else
        complain("the connection had ended; connected again");
}

void complain_absent(const char *word, const struct leveret_bytes *key)
{
    if (key != NULL)
        say_quoted(word, *key);
    else
        complain("%s", word);
}

void complain_more(struct leveret_bytes key)
{
    say_quoted("more rows after", key);
}

void complain_resume(struct leveret_bytes sequence)
{
    say_quoted("follow on with FROM", sequence);
}
