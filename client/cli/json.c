#include "client/cli/json.h"

#include "protocol/utf8.h"

static bool is_text(struct slice bytes)
{
    const unsigned char *at = (const unsigned char *)bytes.data;
    size_t left = bytes.len;
    while (left > 0) {
        size_t length = utf8_length(at, left);
        if (length == 0)
            return false;
        at += length;
        left -= length;
    }
    return true;
}

static void append_control(struct buffer *out, unsigned char byte)
{
    static const char digits[] = "0123456789abcdef";
    buffer_append_string(out, "\\u00");
    buffer_append_byte(out, digits[byte >> 4]);
    buffer_append_byte(out, digits[byte & 15]);
}

static bool is_plain(unsigned char byte)
{
    return byte >= 0x20 && byte != '"' && byte != '\\' && byte != 0x7f;
}

static void append_special(struct buffer *out, unsigned char byte)
{
    switch (byte) {
    case '"':
        buffer_append_string(out, "\\\"");
        break;
    case '\\':
        buffer_append_string(out, "\\\\");
        break;
    case '\n':
        buffer_append_string(out, "\\n");
        break;
    case '\r':
        buffer_append_string(out, "\\r");
        break;
    case '\t':
        buffer_append_string(out, "\\t");
        break;
    default:
        append_control(out, byte);
    }
}

static void append_text(struct buffer *out, struct slice text)
{
    size_t at = 0;
    while (at < text.len) {
        size_t run = at;
        while (run < text.len && is_plain((unsigned char)text.data[run]))
            run++;
        buffer_append(out, text.data + at, run - at);
        if (run < text.len)
            append_special(out, (unsigned char)text.data[run++]);
        at = run;
    }
}

static void append_base64(struct buffer *out, struct slice bytes)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const unsigned char *data = (const unsigned char *)bytes.data;
    for (size_t at = 0; at < bytes.len; at += 3) {
        size_t left = bytes.len - at;
        unsigned group = (unsigned)data[at] << 16;
        group |= left > 1 ? (unsigned)data[at + 1] << 8 : 0;
        group |= left > 2 ? (unsigned)data[at + 2] : 0;
        char four[4] = {digits[group >> 18], digits[group >> 12 & 63],
                        left > 1 ? digits[group >> 6 & 63] : '=',
                        left > 2 ? digits[group & 63] : '='};
        buffer_append(out, four, sizeof(four));
    }
}

void json_field(struct buffer *out, const char *name, struct slice bytes)
{
    bool text = is_text(bytes);
    buffer_append_byte(out, '"');
    buffer_append_string(out, name);
    buffer_append_string(out, text ? "\":\"" : "_base64\":\"");
    if (text)
        append_text(out, bytes);
    else
        append_base64(out, bytes);
    buffer_append_byte(out, '"');
}
