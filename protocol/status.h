/*
 * How a request ended, in one list for both ends: the words of the wire and their meaning.
 */
#ifndef LEVERET_PROTOCOL_STATUS_H
#define LEVERET_PROTOCOL_STATUS_H

#include "protocol/bytes.h"

/* STATUS(enumerator, word on the wire, meaning). The first three are statuses of their own; the
 * rest travel as `ERR word "message"`. PROTOCOL.md explains each; a test holds the two together. */
#define STATUS_LIST(STATUS)                                                                        \
    STATUS(OK, "OK", "done")                                                                       \
    STATUS(NOT_FOUND, "NOT_FOUND", "the key is not there")                                         \
    STATUS(CONFLICT, "CONFLICT", "a condition did not hold; nothing was changed")                  \
    STATUS(SYNTAX, "SYNTAX", "the line cannot be split into tokens")                               \
    STATUS(UNKNOWN_COMMAND, "UNKNOWN_COMMAND", "no command has that name")                         \
    STATUS(ARGS, "ARGS", "too few or too many arguments")                                          \
    STATUS(BADARG, "BADARG", "an argument is not what the command takes")                          \
    STATUS(BATCH, "BATCH", "the request does not go with the batch that is open, or none is")      \
    STATUS(NOT_NUMBER, "NOT_NUMBER", "the key holds no whole number of 64 bits")                   \
    STATUS(OVERFLOW, "OVERFLOW", "the sum does not fit 64 bits; nothing was changed")              \
    STATUS(SNAPSHOT, "SNAPSHOT", "the snapshot is unknown, released or expired")                   \
    STATUS(LOST, "LOST", "changes that were asked for are no longer in the history")               \
    STATUS(LIMIT, "LIMIT", "something is larger than the server takes")                            \
    STATUS(FOREIGN, "FOREIGN", "the peer speaks another protocol")                                 \
    STATUS(DENIED, "DENIED", "the server does not serve this peer, or not this request of it")     \
    STATUS(NOAUTH, "NOAUTH", "the peer has to log in first")                                       \
    STATUS(WRONGPASS, "WRONGPASS", "no user has that name and that password")                      \
    STATUS(INCOMPLETE, "INCOMPLETE", "the input ended inside a line; it was not run")              \
    STATUS(TIMEOUT, "TIMEOUT", "the peer or the request took too long")                            \
    STATUS(SHUTDOWN, "SHUTDOWN", "the server is stopping")                                         \
    STATUS(READONLY, "READONLY", "a disk error stopped all writes for now; reads go on")           \
    STATUS(FULL, "FULL", "the disk is too full to write; reads go on")                             \
    STATUS(UNKNOWN, "UNKNOWN", "the write failed on disk; it may or may not be there later")       \
    STATUS(REOPENED, "REOPENED", "the store was reopened after a disk error")                      \
    STATUS(IO, "IO", "the disk failed; if it was a write, nothing was changed")                    \
    STATUS(CORRUPT, "CORRUPT", "stored data is damaged")                                           \
    STATUS(MEMORY, "MEMORY", "the server has no memory for this request")

enum status {
#define STATUS(enumerator, word, meaning) STATUS_##enumerator,
    STATUS_LIST(STATUS)
#undef STATUS
        STATUS_COUNT
};

/* The word on the wire; a static string. */
const char *status_word(enum status status);

/* What the word means, as a short sentence without a full stop; a static string. */
const char *status_meaning(enum status status);

/* The status whose word this is, or STATUS_COUNT. */
enum status status_from_word(struct slice word);

#endif
