/*
 * Printing replies in the three formats. Knows no socket and no command; what the request was
 * comes in as a shape.
 *
 *     text   rows `key<TAB>value`, values and numbers one a line, all with the protocol's escapes;
 *            a row of a feed has up to four parts
 *     raw    the same without escapes; a lone reply's value exactly as it is, nothing added
 *     json   one object a line
 */
#ifndef LEVERET_CLIENT_CLI_PRINT_H
#define LEVERET_CLIENT_CLI_PRINT_H

#include "client/cli/exit.h"
#include "client/cli/output.h"
#include "client/cli/shape.h"
#include "client/leveret.h"

enum print_format {
    PRINT_TEXT,
    PRINT_RAW,
    PRINT_JSON,
};

enum print_scene {
    PRINT_LONE,   /* one reply is all there is; what is absent shows on standard error */
    PRINT_SERIES, /* replies follow each other, and each shows how it ended */
    PRINT_PROMPT, /* the same before a person, who is told how many rows there were */
};

struct print {
    struct output *out; /* borrowed */
    enum print_format format;
    enum print_scene scene;
    bool shows_progress; /* remarks of long work appear on standard error */
};

/* Where one reply stands while its lines come. All zeroes is a start. */
struct print_reply {
    enum shape shape;
    bool remarked; /* a remark came, so a bare OK says nothing more */
    uint64_t line; /* of the input that asked, for complaints; 0 when there is no such line */
};

/* Prints a value that is a whole reply. */
void print_value(const struct print *print, struct leveret_bytes value);

/* Prints a bare OK that is a whole reply. */
void print_done(const struct print *print);

/* Prints one line of a reply. For its ending, what that means for the exit status; else FINE. */
enum exit_status print_answer(const struct print *print, struct print_reply *reply,
                              const struct leveret_answer *answer);

#endif
