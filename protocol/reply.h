/*
 * What a handler can say. A reply is zero or more rows and remarks, then exactly one ending.
 *
 * Handlers call these and never ask which face formats them; the face is a table of functions,
 * and nothing outside reply_line.c writes a byte of a line reply. Memory trouble shows as `failed`
 * in the out buffer.
 */
#ifndef LEVERET_PROTOCOL_REPLY_H
#define LEVERET_PROTOCOL_REPLY_H

#include "protocol/bytes.h"
#include "protocol/status.h"

struct reply;

/* What happened, to tell in a row of changes. */
enum reply_event {
    REPLY_PUT,      /* a key got a value */
    REPLY_DEL,      /* a key was deleted; there is no value */
    REPLY_SEQUENCE, /* all up to the sequence was told; there is neither key nor value */
};

/* An absent part of a row has no data. */
struct reply_face {
    void (*rows)(struct reply *reply);
    void (*row)(struct reply *reply, struct slice key, struct slice value);
    void (*change)(struct reply *reply, enum reply_event event, struct slice key,
                   struct slice value, struct slice sequence);
    void (*remark)(struct reply *reply, struct slice text);
    void (*ok)(struct reply *reply);
    void (*value)(struct reply *reply, struct slice value);
    void (*count)(struct reply *reply, uint64_t count, struct slice more);
    void (*not_found)(struct reply *reply);
    void (*conflict)(struct reply *reply, struct slice key);
    void (*error)(struct reply *reply, enum status status, struct slice text, struct slice more);
    bool (*fits)(struct slice bytes, size_t room); /* the bytes, as they are sent, in so many */
};

/* Rows that wait for their number to be known, of the RESP face. */
struct reply_rows {
    struct buffer bytes; /* formatted */
    size_t parts;
};

struct reply {
    const struct reply_face *face;
    struct buffer *out;      /* borrowed; where the next bytes go */
    struct reply_rows *rows; /* owned, from their beginning to the ending; else NULL */
    bool crlf;               /* the line face ends its lines with CRLF */
    bool erred;              /* set by every error; cleared by those who want to know of the next */
    enum status erred_as;    /* that error; STATUS_COUNT for one in Redis's own words */
    bool resp3;              /* the RESP face speaks version 3 */
    size_t most;             /* bytes that `out` may hold, or rows that wait; 0 for any number */
    size_t strip; /* bytes left out at the start of every key, which has at least as many */
};

/* The face for people, netcat and the bundled client. */
extern const struct reply_face reply_line;

/* Longest text of an error, in bytes; longer text is cut. Room for Redis's longest, about an
 * unknown command: 128 bytes of its name and 131 of its arguments in a sentence of 50. */
#define REPLY_ERROR_TEXT 320

/* A part of a row, or a key to resume after, that is not there. */
#define REPLY_NONE ((struct slice){NULL, 0})

/* Forgets rows that had no ending. */
void reply_fini(struct reply *reply);

/* Says that rows will come, if there are any: a face that counts them says so when none did. */
void reply_begin_rows(struct reply *reply);

/* True when a row of these, or the value alone, may be added to what was said and not sent. One
 * that does not fit must not be said; an error always may. */
MUST_CHECK bool reply_fits(const struct reply *reply, struct slice key, struct slice value);

/* What to say of it. */
#define REPLY_TOO_LARGE "it is larger than --max-output allows"

/* True when a face that collects rows holds enough of them: end with what remains as MORE. */
bool reply_is_page(const struct reply *reply);

/* Bytes of rows that make a page. */
#define REPLY_PAGE ((size_t)1024 * 1024)

/* Rows. For a row of one part give REPLY_NONE as the other. */
void reply_row(struct reply *reply, struct slice key, struct slice value);

/* How far the reply has come, and back to there: takes rows back that were not to be sent. A face
 * that collects rows takes all of them back when an error ends the reply. */
size_t reply_mark(const struct reply *reply);
void reply_rewind(struct reply *reply, size_t mark);

/* A row of a change feed. What the event does not have is REPLY_NONE. */
void reply_change(struct reply *reply, enum reply_event event, struct slice key, struct slice value,
                  struct slice sequence);

/* A sentence for people; clients pass over it. Holds no line ending. */
void reply_remark(struct reply *reply, struct slice text);

/* Endings. */
void reply_ok(struct reply *reply);
void reply_value(struct reply *reply, struct slice value);
void reply_not_found(struct reply *reply);
void reply_conflict(struct reply *reply, struct slice key);
void reply_count(struct reply *reply, uint64_t count);

/* An ending after rows: how many, and that there are more after the key `more`. */
void reply_count_more(struct reply *reply, uint64_t count, struct slice more);

/* An error, with a printf text of one sentence without a full stop. */
void reply_error(struct reply *reply, enum status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* An error that ends a reply after some of its rows; `more` is the last key sent or REPLY_NONE. */
void reply_error_more(struct reply *reply, enum status status, struct slice more, const char *text);

/* The same for a change feed, whose place to resume from is no key but a sequence. */
void reply_error_from(struct reply *reply, enum status status, struct slice sequence,
                      const char *text);

#endif
