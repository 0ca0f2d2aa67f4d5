#include "protocol/request.h"

#include "protocol/limits.h"

/* The record type and major version that open every TLS handshake (RFC 8446, 5.1). */
#define TLS_HANDSHAKE 0x16
#define TLS_MAJOR 0x03

void request_fini(struct request *request)
{
    tokens_fini(&request->argv);
    *request = (struct request){0};
}

static enum request_result lost(struct request *request, enum status status, const char *problem)
{
    request->status = status;
    request->problem = problem;
    return REQUEST_LOST;
}

static bool looks_like_tls(struct slice input)
{
    return input.len >= 2 && input.data[0] == TLS_HANDSHAKE && input.data[1] == TLS_MAJOR;
}

static bool is_http_verb(struct slice word)
{
    static const char *const verbs[] = {"GET",     "POST",  "PUT",     "HEAD",  "DELETE",
                                        "OPTIONS", "PATCH", "CONNECT", "TRACE", "PRI"};
    for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
        if (slice_equal(word, slice_from_string(verbs[i])))
            return true;
    return false;
}

static bool ends_with(struct slice bytes, struct slice tail)
{
    return bytes.len >= tail.len &&
           slice_equal(slice_of(bytes.data + bytes.len - tail.len, tail.len), tail);
}

/*
 * A browser can be made to send HTTP to any port, and its lines would run as commands. So the
 * first line of an HTTP request, and a Host header, end the connection. `PUT k HTTP/1.1` typed by
 * a person meets this too; quoting the value avoids it.
 */
static bool looks_like_http(struct slice line, const struct tokens *argv)
{
    if (slice_equal_fold(argv->items[0], SLICE("Host:")))
        return true;
    return argv->count == 3 && is_http_verb(argv->items[0]) &&
           (ends_with(line, SLICE(" HTTP/1.1")) || ends_with(line, SLICE(" HTTP/1.0")) ||
            ends_with(line, SLICE(" HTTP/2.0")));
}

static enum request_result split(struct slice line, struct request *request)
{
    enum line_split result = line_split(line, &request->argv);
    if (result == LINE_SPLIT_OK) {
        if (request->argv.count > 0 && looks_like_http(line, &request->argv))
            return lost(request, STATUS_FOREIGN,
                        "this is not an HTTP server; quote a value that ends in HTTP/1.1");
        return REQUEST_READY;
    }
    request->problem = line_split_text(result);
    if (result == LINE_SPLIT_TOO_MANY)
        request->status = STATUS_LIMIT;
    else if (result == LINE_SPLIT_NO_MEMORY)
        request->status = STATUS_MEMORY;
    else
        request->status = STATUS_SYNTAX;
    return REQUEST_BAD;
}

enum request_result request_decode(struct request_decoder *decoder, struct slice input,
                                   struct request *request, size_t *used)
{
    *used = 0;
    request->crlf = false; /* until a line ending says otherwise */
    if (looks_like_tls(input))
        return lost(request, STATUS_FOREIGN, "this port does not speak TLS");
    for (;;) {
        struct slice line;
        size_t length = 0;
        struct slice rest = slice_of(input.data + *used, input.len - *used);
        switch (line_find(&decoder->finder, rest, LIMIT_LINE, &line, &request->crlf, &length)) {
        case LINE_MORE:
            return REQUEST_MORE;
        case LINE_TOO_LONG:
            decoder->finder.searched = 0; /* the same bytes may be decoded again */
            return lost(request, STATUS_LIMIT, "the line is longer than the server takes");
        case LINE_FOUND:
            break;
        }
        *used += length;
        if (line.len == 0 || line.data[0] == '#')
            continue;
        enum request_result result = split(line, request);
        if (result == REQUEST_READY && request->argv.count == 0)
            continue; /* nothing but spaces */
        return result;
    }
}
