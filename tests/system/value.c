#include "tests/system/value.h"

#include <criterion/criterion.h>
#include <stdio.h>

#include "protocol/number.h"
#include "tests/lib/report.h"

/* The next line behind its first byte, without its CRLF. */
static struct slice take_line(struct wire *wire, char *type)
{
    struct slice line = wire_line(wire);
    cr_assert(line.len >= 3 && line.data[line.len - 2] == '\r', "no line of RESP: %s",
              report_show(line));
    *type = line.data[0];
    return slice_of(line.data + 1, line.len - 3);
}

static struct slice take_bulk(struct wire *wire, size_t length)
{
    struct slice bytes = wire_take(wire, length + 2);
    bytes.len = length;
    cr_assert(bytes.data[length] == '\r' && bytes.data[length + 1] == '\n',
              "a bulk string without an end: %s", report_show(bytes));
    return bytes;
}

struct value value_next(struct wire *wire)
{
    struct value value = {0};
    value.text = take_line(wire, &value.type);
    cr_assert(strchr("+-:$*", value.type) != NULL, "no type of RESP2: %c", value.type);
    if (value.type == '+' || value.type == '-')
        return value;
    cr_assert(number_read_signed(value.text, &value.number), "no number: %s",
              report_show(value.text));
    if (value.type == '$' && value.number >= 0)
        value.text = take_bulk(wire, (size_t)value.number);
    return value;
}

/* As redis-cli does it: other escapes than the line face's, and UTF-8 is not readable. */
static void print_quoted(struct buffer *out, struct slice text)
{
    static const char letters[] = "\\\"\n\r\t\a\b";
    static const char escapes[] = "\\\"nrtab";
    buffer_append_byte(out, '"');
    for (size_t i = 0; i < text.len; i++) {
        char byte = text.data[i];
        const char *letter = byte == '\0' ? NULL : strchr(letters, byte);
        char shown[8];
        if (letter != NULL)
            snprintf(shown, sizeof(shown), "\\%c", escapes[letter - letters]);
        else if (byte >= ' ' && byte <= '~')
            snprintf(shown, sizeof(shown), "%c", byte);
        else
            snprintf(shown, sizeof(shown), "\\x%02x", (unsigned char)byte);
        buffer_append_string(out, shown);
    }
    buffer_append_byte(out, '"');
}

static void print(struct wire *wire, struct buffer *out, unsigned indent);

/* Numbers of one width in front; what an entry holds is indented behind its number. */
static void print_array(struct wire *wire, struct buffer *out, int64_t count, unsigned indent)
{
    char number[32];
    int width = snprintf(number, sizeof(number), "%lld", (long long)count);
    if (count == 0)
        buffer_append_string(out, "(empty array)\n");
    for (int64_t i = 0; i < count; i++) {
        for (unsigned space = 0; i > 0 && space < indent; space++)
            buffer_append_byte(out, ' ');
        snprintf(number, sizeof(number), "%*lld) ", width, (long long)i + 1);
        buffer_append_string(out, number);
        print(wire, out, indent + (unsigned)width + 2);
    }
}

static void print(struct wire *wire, struct buffer *out, unsigned indent)
{
    struct value value = value_next(wire);
    if (value.type == '*' && value.number >= 0) {
        print_array(wire, out, value.number, indent);
        return;
    }
    if (value.number < 0 && value.type != ':')
        buffer_append_string(out, "(nil)");
    else if (value.type == '$')
        print_quoted(out, value.text);
    else {
        buffer_append_string(out, value.type == '-' ? "(error) " : "");
        buffer_append_string(out, value.type == ':' ? "(integer) " : "");
        buffer_append_slice(out, value.text);
    }
    buffer_append_byte(out, '\n');
}

void value_print(struct wire *wire, struct buffer *out)
{
    print(wire, out, 0);
}
