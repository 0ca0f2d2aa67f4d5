#include "config_file.h"

#include <errno.h>
#include <ini.h>
#include <stdio.h>
#include <string.h>

#include "ops/file.h"
#include "protocol/bytes.h"

/* A file on its way through inih, which asks for lines and tells of settings. */
struct reading {
    struct slice rest; /* the lines to come */
    unsigned line;     /* the latest, from 1 on */
    config_file_fn *take;
    void *arg;
    bool wrong;
    struct config_error *error; /* what is wrong with that line, without its number */
};

/* Its first error is the one that counts. inih reads no line behind it. */
static void refuse(struct reading *reading, const char *problem)
{
    reading->wrong = true;
    snprintf(reading->error->text, sizeof(reading->error->text), "%s", problem);
}

/* Whether a character is in it that nobody can see, or that does things to a terminal that shows
 * it. CR may end it. */
static bool has_control(struct slice line)
{
    if (line.len > 0 && line.data[line.len - 1] == '\r')
        line.len--;
    for (size_t i = 0; i < line.len; i++)
        if (((unsigned char)line.data[i] < ' ' && line.data[i] != '\t') || line.data[i] == 0x7f)
            return true;
    return false;
}

/* inih would cut the first of these in two, ignore what follows the NUL of the second, take the
 * third as more of the value before, and have us pass over the fourth. */
static bool is_plain(struct reading *reading, struct slice line)
{
    size_t blanks = 0;
    while (blanks < line.len && (line.data[blanks] == ' ' || line.data[blanks] == '\t'))
        blanks++;
    struct slice text = slice_of(line.data + blanks, line.len - blanks);
    bool empty = text.len == 0 || strchr("\r\n#;", text.data[0]) != NULL;
    if (line.len > 0 && line.data[line.len - 1] == '\n')
        line.len--;
    if (line.len > CONFIG_FILE_LINE)
        refuse(reading, "the line is longer than 198 bytes");
    else if (has_control(line))
        refuse(reading, "there is a control character in the line");
    else if (blanks > 0 && !empty)
        refuse(reading, "a line must not begin with a blank");
    else if (!empty && text.data[0] == '[')
        refuse(reading, "there are no sections; each line is `name = value`");
    return !reading->wrong;
}

_Static_assert(CONFIG_FILE_LINE == 198, "the sentence above names it");

static char *next_line(char *buffer, int size, void *stream)
{
    struct reading *reading = stream;
    if (reading->wrong || reading->rest.len == 0)
        return NULL;
    const char *end = memchr(reading->rest.data, '\n', reading->rest.len);
    size_t len = end == NULL ? reading->rest.len : (size_t)(end - reading->rest.data) + 1;
    struct slice line = slice_of(reading->rest.data, len);
    reading->line++;
    if (!is_plain(reading, line))
        return NULL;
    if (len >= (size_t)size) {
        refuse(reading, "the line is too long");
        return NULL;
    }
    memcpy(buffer, line.data, len);
    buffer[len] = '\0';
    reading->rest = slice_of(line.data + len, reading->rest.len - len);
    return buffer;
}

static int take_setting(void *user, const char *section, const char *name, const char *value)
{
    struct reading *reading = user;
    (void)section;
    if (!reading->wrong && name[0] == '\0')
        refuse(reading, "it is not of the form `name = value`");
    if (!reading->wrong)
        reading->wrong = !reading->take(reading->arg, reading->line, name, value, reading->error);
    return !reading->wrong;
}

static bool blame(struct config_error *error, const char *path, const char *problem)
{
    snprintf(error->text, sizeof(error->text), "%s: %s", path, problem);
    return false;
}

/* False with *error when it cannot be read or is too large, or could not be read again: a pipe that
 * nobody writes into would look like a file without settings. */
static bool read_file(const char *path, struct buffer *text, struct config_error *error)
{
    struct stat status;
    if (file_read(path, CONFIG_FILE_MOST, text, &status))
        return S_ISREG(status.st_mode) || blame(error, path, "it is no regular file");
    return blame(error, path,
                 errno == EFBIG ? "it is larger than 1 MiB, so it is no configuration"
                                : strerror(errno));
}

/* Without the mark of UTF-8 that some editors put first: it would hide what the line is. */
static struct slice skip_mark(struct slice text)
{
    return slice_has_prefix(text, SLICE("\xef\xbb\xbf")) ? slice_of(text.data + 3, text.len - 3)
                                                         : text;
}

bool config_file_read(const char *path, config_file_fn *take, void *arg, struct config_error *error)
{
    struct buffer text = {0};
    struct config_error problem;
    struct reading reading = {.take = take, .arg = arg, .error = &problem};
    if (!read_file(path, &text, error)) {
        buffer_fini(&text);
        return false;
    }
    reading.rest = skip_mark(buffer_slice(&text));
    int shapeless = ini_parse_stream(next_line, &reading, take_setting, &reading);
    buffer_fini(&text);
    if (!reading.wrong && shapeless == 0)
        return true;
    if (shapeless == 0 || (reading.wrong && (unsigned)shapeless >= reading.line))
        snprintf(error->text, sizeof(error->text), "%s:%u: %.300s", path, reading.line,
                 problem.text);
    else
        snprintf(error->text, sizeof(error->text), "%s:%d: it is not of the form `name = value`",
                 path, shapeless);
    return false;
}
