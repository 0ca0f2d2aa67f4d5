#include "protocol/request.h"

#include "protocol/limits.h"

/* The record type and major version that open every TLS handshake (RFC 8446, 5.1). */
#define TLS_HANDSHAKE 0x16
#define TLS_MAJOR 0x03

static const struct limits defaults = LIMITS_DEFAULT;

enum request_face request_face_of(char first)
{
    return first == '*' ? REQUEST_RESP : REQUEST_LINE;
}

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

static bool ends_with_version(struct slice line)
{
    static const char *const versions[] = {"1.1", "1.0", "2.0"};
    const struct slice head = SLICE(" HTTP/");
    if (line.len < head.len + 3)
        return false;
    const char *version = line.data + line.len - 3;
    if (memcmp(version - head.len, head.data, head.len) != 0)
        return false;
    for (size_t i = 0; i < sizeof(versions) / sizeof(versions[0]); i++)
        if (memcmp(version, versions[i], 3) == 0)
            return true;
    return false;
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
    return argv->count == 3 && ends_with_version(line) && is_http_verb(argv->items[0]);
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

/* What one step found: an end of decoding, or something to pass over. */
enum step {
    STEP_ENDS,
    STEP_PASSES_OVER,
};

static enum step decode_line(struct request_decoder *decoder, struct slice input,
                             struct request *request, size_t *used, enum request_result *result)
{
    struct slice line;
    const struct limits *limits = decoder->limits == NULL ? &defaults : decoder->limits;
    request->face = REQUEST_LINE;
    request->crlf = false; /* until a line ending says otherwise */
    if (looks_like_tls(input)) {
        *result = lost(request, STATUS_FOREIGN, "this port does not speak TLS");
        return STEP_ENDS;
    }
    request->argv.most = limits->arguments < LIMIT_TOKENS ? limits->arguments : LIMIT_TOKENS;
    switch (line_find(&decoder->finder, input, limits->line, &line, &request->crlf, used)) {
    case LINE_MORE:
        *result = REQUEST_MORE;
        return STEP_ENDS;
    case LINE_TOO_LONG:
        decoder->finder.searched = 0; /* the same bytes may be decoded again */
        *result = lost(request, STATUS_LIMIT, "the line is longer than the server takes");
        return STEP_ENDS;
    case LINE_FOUND:
        break;
    }
    if (line.len == 0 || line.data[0] == '#')
        return STEP_PASSES_OVER;
    *result = split(line, request);
    bool only_spaces = *result == REQUEST_READY && request->argv.count == 0;
    return only_spaces ? STEP_PASSES_OVER : STEP_ENDS;
}

static enum step decode_resp(struct request_decoder *decoder, struct slice input,
                             struct request *request, size_t *used, enum request_result *result)
{
    request->face = REQUEST_RESP;
    request->crlf = true;
    decoder->resp.limits = decoder->limits;
    switch (resp_decode(&decoder->resp, input, &request->argv, request->text, used)) {
    case RESP_EMPTY:
        return STEP_PASSES_OVER;
    case RESP_READY:
        *result = REQUEST_READY;
        break;
    case RESP_MORE:
        *result = REQUEST_MORE;
        break;
    case RESP_LOST:
        *result = lost(request, STATUS_SYNTAX, request->text);
        break;
    case RESP_NO_MEMORY:
        *result = lost(request, STATUS_MEMORY, status_meaning(STATUS_MEMORY));
        break;
    }
    return STEP_ENDS;
}

enum request_result request_decode(struct request_decoder *decoder, struct slice input,
                                   struct request *request, size_t *used)
{
    enum request_result result = REQUEST_MORE;
    enum step step = STEP_PASSES_OVER;
    *used = 0;
    request->crlf = false;
    request->face = REQUEST_LINE;
    while (step == STEP_PASSES_OVER && *used < input.len) {
        struct slice rest = slice_of(input.data + *used, input.len - *used);
        size_t length = 0;
        bool is_resp = request_face_of(rest.data[0]) == REQUEST_RESP;
        step = is_resp ? decode_resp(decoder, rest, request, &length, &result)
                       : decode_line(decoder, rest, request, &length, &result);
        *used += length;
    }
    if (step == STEP_PASSES_OVER)
        result = REQUEST_MORE; /* nothing came behind what was passed over */
    decoder->seen = result == REQUEST_MORE ? input.len - *used : 0;
    return result;
}
