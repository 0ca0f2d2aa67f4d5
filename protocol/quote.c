#include "protocol/quote.h"

/* How a byte is written inside double quotes. */
enum written {
    PLAIN, /* as it is */
    SHORT, /* a backslash and one letter */
    HEX,   /* \xHH */
    WIDE,  /* as it is when it begins valid UTF-8, else \xHH */
};

static enum written written_as(unsigned char byte)
{
    if (byte >= 0x80)
        return WIDE;
    if (byte == '"' || byte == '\\' || byte == '\n' || byte == '\r' || byte == '\t')
        return SHORT;
    return byte < 0x20 || byte == 0x7f ? HEX : PLAIN;
}

static bool is_continuation(unsigned char byte)
{
    return (byte & 0xc0) == 0x80;
}

/*
 * The length of the UTF-8 sequence at the start of `bytes`, or 0 when there is no valid one
 * (RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF). C1 control characters
 * (U+0080 to U+009F) count as invalid, because terminals obey them.
 */
static size_t utf8_length(const unsigned char *bytes, size_t len)
{
    unsigned char lead = bytes[0];
    if (lead < 0xc2 || lead > 0xf4)
        return 0;
    size_t want = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    if (len < want)
        return 0;
    for (size_t i = 1; i < want; i++)
        if (!is_continuation(bytes[i]))
            return 0;
    unsigned char second = bytes[1];
    bool bad = (lead == 0xc2 && second < 0xa0) || (lead == 0xe0 && second < 0xa0) ||
               (lead == 0xed && second > 0x9f) || (lead == 0xf0 && second < 0x90) ||
               (lead == 0xf4 && second > 0x8f);
    return bad ? 0 : want;
}

static char short_letter(unsigned char byte)
{
    switch (byte) {
    case '\n':
        return 'n';
    case '\r':
        return 'r';
    case '\t':
        return 't';
    default:
        return (char)byte; /* the quote and the backslash */
    }
}

static void append_hex(struct buffer *out, unsigned char byte)
{
    static const char digits[] = "0123456789ABCDEF";
    char escape[4] = {'\\', 'x', digits[byte >> 4], digits[byte & 15]};
    buffer_append(out, escape, sizeof(escape));
}

static void append_short(struct buffer *out, unsigned char byte)
{
    char escape[2] = {'\\', short_letter(byte)};
    buffer_append(out, escape, sizeof(escape));
}

/* The number of bytes at the start of `bytes` that are written as they are. */
static size_t plain_run(const unsigned char *bytes, size_t len)
{
    size_t at = 0;
    while (at < len) {
        enum written how = written_as(bytes[at]);
        if (how == PLAIN) {
            at++;
            continue;
        }
        size_t wide = how == WIDE ? utf8_length(bytes + at, len - at) : 0;
        if (wide == 0)
            break;
        at += wide;
    }
    return at;
}

void quote_escape(struct buffer *out, struct slice bytes)
{
    const unsigned char *at = (const unsigned char *)bytes.data;
    size_t left = bytes.len;
    while (left > 0) {
        size_t run = plain_run(at, left);
        buffer_append(out, at, run);
        at += run;
        left -= run;
        if (left == 0)
            break;
        if (written_as(*at) == SHORT)
            append_short(out, *at);
        else
            append_hex(out, *at);
        at++;
        left--;
    }
}

void quote_append(struct buffer *out, struct slice bytes)
{
    buffer_append_byte(out, '"');
    quote_escape(out, bytes);
    buffer_append_byte(out, '"');
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

/* Decodes the escape at `text` (its backslash first) into *byte; its length, or 0 if it is none. */
static size_t read_escape(const char *text, size_t len, char *byte)
{
    if (len < 2)
        return 0;
    switch (text[1]) {
    case 'n':
        *byte = '\n';
        return 2;
    case 'r':
        *byte = '\r';
        return 2;
    case 't':
        *byte = '\t';
        return 2;
    case '"':
    case '\\':
        *byte = text[1];
        return 2;
    case 'x':
        break;
    default:
        return 0;
    }
    if (len < 4)
        return 0;
    int high = hex_digit(text[2]);
    int low = hex_digit(text[3]);
    if (high < 0 || low < 0)
        return 0;
    *byte = (char)(high * 16 + low);
    return 4;
}

enum quote_result quote_unescape(struct buffer *out, struct slice text)
{
    const char *at = text.data;
    const char *end = text.data + text.len;
    while (at < end) {
        const char *backslash = memchr(at, '\\', (size_t)(end - at));
        const char *stop = backslash == NULL ? end : backslash;
        buffer_append(out, at, (size_t)(stop - at));
        at = stop;
        if (at == end)
            break;
        char byte = 0;
        size_t used = read_escape(at, (size_t)(end - at), &byte);
        if (used == 0)
            return QUOTE_BAD_ESCAPE;
        buffer_append_byte(out, byte);
        at += used;
    }
    return out->failed ? QUOTE_NO_MEMORY : QUOTE_OK;
}
