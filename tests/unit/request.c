#include "protocol/request.h"

#include <criterion/criterion.h>

#include "protocol/limits.h"
#include "tests/lib/report.h"
#include "tests/unit/cuts.h"
#include "tests/unit/decoders.h"

static void expect(struct slice input, const char *expected)
{
    cuts_expect(&decoders_request, input, expected);
}

Test(request, is_a_line_of_tokens)
{
    expect(SLICE("GET a\n"), "LF \"GET\" \"a\"\n");
    expect(SLICE("PUT \"a b\" 'c \"d\"'\n"), "LF \"PUT\" \"a b\" \"c \\\"d\\\"\"\n");
    expect(SLICE("PUT k \"\\x00\\xff\\n\"\n"), "LF \"PUT\" \"k\" \"\\x00\\xFF\\n\"\n");
    expect(SLICE("  PING  \n"), "LF \"PING\"\n");
}

Test(request, tells_how_each_line_ended)
{
    expect(SLICE("PING\r\nPING\nPUT a b\r\n"),
           "CRLF \"PING\"\nLF \"PING\"\nCRLF \"PUT\" \"a\" \"b\"\n");
    expect(SLICE("PING \r\r\n"), "CRLF \"PING\" \"\\r\"\n");
}

Test(request, comes_in_pipelines)
{
    expect(SLICE("PUT a 1\nPUT b 2\nGET a\nSCAN \"\" REVERSE\n"),
           "LF \"PUT\" \"a\" \"1\"\nLF \"PUT\" \"b\" \"2\"\nLF \"GET\" \"a\"\n"
           "LF \"SCAN\" \"\" \"REVERSE\"\n");
}

Test(request, passes_over_empty_lines_and_remarks)
{
    expect(SLICE("\n\r\n# a remark \"with an open quote\n#\n   \n  \r\nPING\n\n"), "LF \"PING\"\n");
    expect(SLICE("#nul \0 is no matter here\nPING\n"), "LF \"PING\"\n");
    expect(SLICE("PING #no remark\n"), "LF \"PING\" \"#no\" \"remark\"\n");
}

Test(request, without_an_end_is_not_run)
{
    expect(SLICE("PING"), "");
    expect(SLICE("PING\r"), "");
    expect(SLICE("PING\nPIN"), "LF \"PING\"\n");
    expect(SLICE("# a remark"), "");
}

Test(request, that_cannot_be_split_leaves_the_next_one_alone)
{
    expect(SLICE("GET \"a\nPING\n"), "BAD SYNTAX: a quote is not closed\nLF \"PING\"\n");
    expect(SLICE("GET 'a\r\nPING\r\n"), "BAD SYNTAX: a quote is not closed\nCRLF \"PING\"\n");
    expect(SLICE("GET \"\\z\"\nPING\n"),
           "BAD SYNTAX: a bad escape; these are known: \\n \\r \\t \\\\ \\\" \\xHH\nLF \"PING\"\n");
    expect(SLICE("GET \"a\"b\nPING\n"),
           "BAD SYNTAX: a closing quote is followed by a space or the end of the line\n"
           "LF \"PING\"\n");
    expect(SLICE("GET a\0b\nPING\n"),
           "BAD SYNTAX: a NUL byte in the line; write it as \\x00 inside double quotes\n"
           "LF \"PING\"\n");
    expect(SLICE("\0\nPING\n"),
           "BAD SYNTAX: a NUL byte in the line; write it as \\x00 inside double quotes\n"
           "LF \"PING\"\n");
}

#define NOT_HTTP "LOST FOREIGN: this is not an HTTP server; quote a value that ends in HTTP/1.1\n"

Test(request, of_a_browser_ends_the_decoding)
{
    expect(SLICE("GET / HTTP/1.1\r\nHost: localhost:5383\r\n\r\n"), NOT_HTTP);
    expect(SLICE("POST /x HTTP/1.0\r\n"), NOT_HTTP);
    expect(SLICE("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), NOT_HTTP);
    expect(SLICE("PUT k HTTP/1.1\n"), NOT_HTTP);
    expect(SLICE("Host: localhost\r\nPUT a b\r\n"), NOT_HTTP);
    expect(SLICE("hOST: x\n"), NOT_HTTP);
    expect(SLICE("PING\nOPTIONS * HTTP/1.1\nPING\n"), "LF \"PING\"\n" NOT_HTTP);
}

Test(request, that_only_looks_a_little_like_http_is_a_request)
{
    expect(SLICE("PUT k \"HTTP/1.1\"\n"), "LF \"PUT\" \"k\" \"HTTP/1.1\"\n");
    expect(SLICE("GET HTTP/1.1\n"), "LF \"GET\" \"HTTP/1.1\"\n");
    expect(SLICE("PUT host: x\n"), "LF \"PUT\" \"host:\" \"x\"\n");
    expect(SLICE("put k HTTP/1.1\n"), "LF \"put\" \"k\" \"HTTP/1.1\"\n");
}

Test(request, of_tls_ends_the_decoding_before_any_line_ends)
{
    expect(SLICE("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"),
           "LOST FOREIGN: this port does not speak TLS\n");
    expect(SLICE("\x16\x03\n"), "LOST FOREIGN: this port does not speak TLS\n");
    expect(SLICE("\x16x\n"), "LF \"\\x16x\"\n");
    expect(SLICE("\r\n# a remark\n\x16\x03\n"), "LOST FOREIGN: this port does not speak TLS\n");
    expect(SLICE("PUT \x16\x03 a\n"), "LF \"PUT\" \"\\x16\\x03\" \"a\"\n");
}

/* A request structure serves one connection after the other. */
Test(request, without_a_line_ending_does_not_take_that_of_the_one_before)
{
    struct request_decoder one = {0};
    struct request_decoder other = {0};
    struct request request = {0};
    size_t used = 0;
    cr_assert_eq(request_decode(&one, SLICE("PING\r\n"), &request, &used), REQUEST_READY);
    cr_assert(request.crlf);
    cr_assert_eq(request_decode(&other, SLICE("\x16\x03\x01"), &request, &used), REQUEST_LOST);
    cr_assert_not(request.crlf);
    request_fini(&request);
}

Test(request, has_the_face_that_its_first_byte_picks)
{
    expect(SLICE("PUT a 1\n*2\r\n$3\r\nGET\r\n$1\r\na\r\nGET a\r\n*1\r\n$4\r\nPING\r\n"),
           "LF \"PUT\" \"a\" \"1\"\nRESP \"GET\" \"a\"\nCRLF \"GET\" \"a\"\nRESP \"PING\"\n");
    expect(SLICE(" *1\nPING *\n"), "LF \"*1\"\nLF \"PING\" \"*\"\n");
}

Test(request, of_one_face_may_hold_the_other_as_data)
{
    expect(SLICE("*2\r\n$4\r\nECHO\r\n$6\r\nPING\n*\r\nPING\n"),
           "RESP \"ECHO\" \"PING\\n*\"\nLF \"PING\"\n");
    expect(SLICE("PING '*1\r'\n*1\r\n$4\r\nPING\r\n"), "LF \"PING\" \"*1\\r\"\nRESP \"PING\"\n");
}

Test(request, may_have_nothing_of_either_face_around_it)
{
    expect(SLICE("\r\n*0\r\n# a remark\n*-1\r\n\n*1\r\n$4\r\nPING\r\n*0\r\n\r\nPING\n*0\r\n"),
           "RESP \"PING\"\nLF \"PING\"\n");
}

Test(request, of_resp_that_cannot_be_decoded_is_the_last)
{
    expect(SLICE("PING\n*1\r\n$4\r\nPING\r\n*x\r\nPING\n"),
           "LF \"PING\"\nRESP \"PING\"\nLOST SYNTAX: Protocol error: invalid multibulk length\n");
    expect(SLICE("*1\r\nPING\r\n"), "LOST SYNTAX: Protocol error: expected '$', got 'P'\n");
}

Test(request, with_too_many_tokens_is_bad_and_the_next_one_is_read)
{
    struct buffer line = {0};
    for (size_t i = 0; i <= LIMIT_TOKENS; i++)
        buffer_append_string(&line, "a ");
    buffer_append_string(&line, "\nPING\n");
    struct buffer said = {0};
    size_t used = 0;
    void *state = decoders_request.open();
    cr_assert(decoders_request.arrive(state, buffer_slice(&line), &said, &used));
    report_equal("said", buffer_slice(&said),
                 SLICE("BAD LIMIT: too many tokens in one line\nLF \"PING\"\n"));
    decoders_request.close(state);
    buffer_fini(&line);
    buffer_fini(&said);
}

/* What is decoded of a line of `length` bytes, arriving 64 KiB at a time, then of `ending`. */
static void expect_long(size_t length, const char *ending, const char *expected)
{
    struct buffer line = {0};
    cr_assert(buffer_reserve(&line, length + 2));
    memset(line.data, 'a', length);
    line.len = length;
    buffer_append_string(&line, ending);
    struct buffer said = {0};
    void *state = decoders_request.open();
    bool more = true;
    for (size_t seen = 0; more && seen < line.len;) {
        size_t used = 0;
        seen = seen + 65536 < line.len ? seen + 65536 : line.len;
        more = decoders_request.arrive(state, slice_of(line.data, seen), &said, &used);
        cr_assert(used == 0 || used == line.len);
    }
    struct slice start = slice_of(said.data, said.len < 120 ? said.len : 120);
    cr_assert(slice_has_prefix(start, slice_from_string(expected)), "%zu bytes: %s", length,
              report_show(start));
    cr_assert(expected[0] != '\0' || said.len == 0);
    decoders_request.close(state);
    buffer_fini(&line);
    buffer_fini(&said);
}

Test(request, may_be_as_long_as_the_limit_and_no_longer)
{
    const char *lost = "LOST LIMIT: the line is longer than the server takes\n";
    expect_long(LIMIT_LINE, "\n", "LF \"aaa");
    expect_long(LIMIT_LINE, "\r\n", "CRLF \"aaa");
    expect_long(LIMIT_LINE, "", "");
    expect_long(LIMIT_LINE + 1, "\n", lost);
    expect_long(LIMIT_LINE + 2, "", lost);
}
