#include "protocol/quote.h"

#include <endian.h>

#include "protocol/utf8.h"

/* Bytes that are escaped at once to see how many they become. A character that is cut in two counts
 * as bytes, so a few too many come out. */
#define MEASURED ((size_t)64 * 1024)

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

/* How many of the bytes, of which the first is WIDE, are one character to be written as it is. C1
 * control characters (U+0080 to U+009F) are none, because terminals obey them. */
static size_t readable_length(const unsigned char *bytes, size_t len)
{
    size_t length = utf8_length(bytes, len);
    bool is_control = length == 2 && bytes[0] == 0xc2 && bytes[1] < 0xa0;
    return is_control ? 0 : length;
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

/* As many bytes as are looked at together, because scans spend their time here. */
#define BLOCK 16
typedef int8_t block __attribute__((vector_size(BLOCK)));

/* Copies a block; how many bytes at its start are PLAIN. Signed, bytes from 0x80 up are below 0x20
 * too. */
static inline size_t copy_plain_block(char *to, const unsigned char *from)
{
    block bytes;
    memcpy(&bytes, from, BLOCK);
    memcpy(to, &bytes, BLOCK);
    block special = (bytes < 0x20) | (bytes == 0x7f) | (bytes == '"') | (bytes == '\\');
    uint64_t halves[2]; /* 0xff for each special byte, else 0 */
    memcpy(halves, &special, BLOCK);
    if (halves[0] != 0)
        return (size_t)__builtin_ctzll(le64toh(halves[0])) / 8;
    return halves[1] == 0 ? BLOCK : BLOCK / 2 + (size_t)__builtin_ctzll(le64toh(halves[1])) / 8;
}

/* Copies the PLAIN bytes at the start of `from`; their number. May write all `len` bytes of `to`.
 */
static size_t copy_plain(char *to, const unsigned char *from, size_t len)
{
    size_t at = 0;
    while (len - at >= BLOCK) {
        size_t plain = copy_plain_block(to + at, from + at);
        at += plain;
        if (plain < BLOCK)
            return at;
    }
    if (len >= BLOCK) /* the last few, together with some before them, which are PLAIN */
        return len - BLOCK + copy_plain_block(to + len - BLOCK, from + len - BLOCK);
    for (; at < len && written_as(from[at]) == PLAIN; at++)
        to[at] = (char)from[at];
    return at;
}

/* Appends the first character, which is not PLAIN; the number of its bytes. */
static size_t append_special(struct buffer *out, const unsigned char *at, size_t len)
{
    enum written how = written_as(*at);
    size_t wide = how == WIDE ? readable_length(at, len) : 0;
    if (wide > 0)
        buffer_append(out, at, wide);
    else if (how == SHORT)
        append_short(out, *at);
    else
        append_hex(out, *at);
    return wide > 0 ? wide : 1;
}

void quote_escape(struct buffer *out, struct slice bytes)
{
    const unsigned char *at = (const unsigned char *)bytes.data;
    size_t left = bytes.len;
    while (left > 0 && buffer_reserve(out, left)) {
        size_t count = copy_plain(out->data + out->len, at, left);
        out->len += count;
        if (count < left)
            count += append_special(out, at + count, left - count);
        at += count;
        left -= count;
    }
}

bool quote_fits(struct slice bytes, size_t room)
{
    struct buffer piece = {0};
    size_t taken = 0;
    if (bytes.len <= room / 4)
        return true;
    for (size_t at = 0; at < bytes.len && taken <= room; at += MEASURED) {
        size_t left = bytes.len - at;
        buffer_clear(&piece);
        quote_escape(&piece, slice_of(bytes.data + at, left < MEASURED ? left : MEASURED));
        taken += piece.failed ? 4 * left : piece.len;
    }
    buffer_fini(&piece);
    return taken <= room;
}

void quote_append(struct buffer *out, struct slice bytes)
{
    if (!buffer_reserve(out, bytes.len + 2))
        return;
    char *to = out->data + out->len;
    *to = '"';
    size_t plain = copy_plain(to + 1, (const unsigned char *)bytes.data, bytes.len);
    out->len += 1 + plain;
    if (plain < bytes.len)
        quote_escape(out, slice_of(bytes.data + plain, bytes.len - plain));
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
