/*
 * Every bound on size that both ends share, with its reason. Bytes unless said otherwise.
 */
#ifndef LEVERET_PROTOCOL_LIMITS_H
#define LEVERET_PROTOCOL_LIMITS_H

#include <stddef.h>

/* A key to be written. Long enough for a path or an URL many times over; LevelDB keeps whole keys
 * in its index blocks, so longer ones would make every lookup slow. Longer keys that a directory
 * already holds are served. */
#define LIMIT_KEY ((size_t)64 * 1024)

/* A value to be written. LevelDB copies a value several times on its way to disk. Longer values
 * that a directory already holds are served. */
#define LIMIT_VALUE ((size_t)16 * 1024 * 1024)

/* A request line without its line ending. Every byte of the longest key and value may be escaped
 * to four (\xHH), so that whatever the server prints of a legal pair can be typed back. */
#define LIMIT_LINE (4 * (LIMIT_KEY + LIMIT_VALUE) + (size_t)1024)

/* Tokens of one line: MPUT of 32,767 pairs. Bounds the token array to 1 MiB. */
#define LIMIT_TOKENS ((size_t)64 * 1024)

/* Words of one request of the RESP face, as many as Redis took for most of its life: libraries make
 * one MSET of whatever they are given. Bounds the token array to 16 MiB. */
#define LIMIT_WORDS ((size_t)1024 * 1024)

/* The prefix that USE sets. Bounds what a request of the most tokens grows by to 64 MiB. */
#define LIMIT_SCOPE ((size_t)1024)

/* One batch: keys, values, and a few bytes for each. Its connection holds it until COMMIT. The
 * longest value fits, and hundreds of thousands of small rows. */
#define LIMIT_BATCH ((size_t)32 * 1024 * 1024)

/* What one reply may have made that the peer did not take, unless --max-output says otherwise: the
 * longest value that can be written with every byte escaped, twice over for what others wrote. */
#define LIMIT_OUTPUT ((size_t)128 * 1024 * 1024)

/* The limits on requests and replies that can be chosen, up to the bounds above but for `output`.
 */
struct limits {
    size_t line;  /* LIMIT_LINE; in the RESP face, all of a request */
    size_t value; /* LIMIT_VALUE; never less than LIMIT_KEY, for keys arrive like values there */
    size_t arguments; /* LIMIT_WORDS, and in a line no more than LIMIT_TOKENS */
    size_t batch;     /* LIMIT_BATCH */
    size_t output;    /* LIMIT_OUTPUT */
};

#define LIMITS_DEFAULT                                                                             \
    {                                                                                              \
        LIMIT_LINE, LIMIT_VALUE, LIMIT_WORDS, LIMIT_BATCH, LIMIT_OUTPUT                            \
    }

/* A user's name, and its password: no longer than people type, so that the hash of what strangers
 * send costs no more than that of others. */
#define LIMIT_USER ((size_t)64)
#define LIMIT_PASSWORD ((size_t)1024)

/* Scans that may be open over all connections, unless --max-scans says otherwise. Each holds some
 * hundred KiB, and what it reads stays on disk though it is deleted. */
#define LIMIT_SCANS 2000

/* What is held for all clients together, unless --max-buffered says otherwise: a small machine has
 * it to spare, and some of the largest requests and replies fit at a time. */
#define LIMIT_BUFFERED ((size_t)256 * 1024 * 1024)

#endif
