/*
 * Every transcript of PROTOCOL.md, in order, against a live daemon on an empty store.
 */
#include <criterion/criterion.h>

#include "tests/lib/daemon.h"
#include "tests/lib/report.h"
#include "tests/lib/specification.h"
#include "tests/lib/wire.h"
#include "tests/system/array.h"
#include "tests/system/transcript.h"
#include "tests/system/value.h"

TestSuite(transcripts, .timeout = 60);

/* A specification, a fresh daemon, and one connection to it, or after a QUIT another. */
struct session {
    struct buffer text;
    struct transcript transcript;
    struct transcript_names names;
    unsigned block; /* that the names are of */
    struct daemon *server;
    struct wire *wire;
    struct buffer printed; /* a reply of the RESP face */
};

static void open_session(struct session *session)
{
    *session = (struct session){0};
    session->text = specification_read();
    transcript_read(&session->transcript, buffer_slice(&session->text));
    cr_assert(session->transcript.blocks > 10 && session->transcript.count > 40,
              "the specification has lost its transcripts");
    session->server = daemon_run();
    session->wire = daemon_connect(session->server);
}

static void close_session(struct session *session)
{
    wire_close(session->wire);
    daemon_stop(session->server);
    daemon_free(session->server);
    transcript_fini(&session->transcript);
    buffer_fini(&session->printed);
    buffer_fini(&session->text);
}

static void expect_ending(struct slice reply, const char *ending)
{
    bool crlf = reply.len > 1 && reply.data[reply.len - 2] == '\r';
    cr_assert_eq(crlf, strcmp(ending, "\r\n") == 0, "the wrong line ending: %s",
                 report_show(reply));
}

/* The connection must have ended; the session goes on with a new one. */
static void connect_again(struct session *session)
{
    wire_expect_close(session->wire);
    wire_close(session->wire);
    session->wire = daemon_connect(session->server);
}

static struct slice take_reply(struct session *session, const struct transcript_step *step)
{
    if (!step->redis)
        return wire_reply(session->wire);
    buffer_clear(&session->printed);
    value_print(session->wire, &session->printed);
    return buffer_slice(&session->printed);
}

static void expect_reply(struct session *session, const struct transcript_step *step,
                         const char *ending)
{
    if (step->reply.len == 0)
        return;
    struct slice reply = take_reply(session, step);
    cr_assert(transcript_matches(&session->names, reply, step->reply),
              "> %.*s\nexpected: %s\ngot:      %s", (int)step->request.len, step->request.data,
              report_show(step->reply), report_show(reply));
    if (!step->redis)
        expect_ending(reply, ending);
    if (slice_equal(step->request, SLICE("QUIT")))
        connect_again(session);
}

static void append_request(struct session *session, struct buffer *out,
                           const struct transcript_step *step, const char *ending)
{
    if (step->block != session->block)
        session->names = (struct transcript_names){0};
    session->block = step->block;
    struct buffer request = {0};
    transcript_append_request(&session->names, step, &request);
    if (step->redis) {
        array_append(out, buffer_slice(&request));
    } else {
        buffer_append_slice(out, buffer_slice(&request));
        buffer_append_string(out, ending);
    }
    buffer_fini(&request);
}

/* Sends requests one at a time; `piece` bytes at a time when it is not 0. */
static void run_stepwise(const char *ending, size_t piece)
{
    struct session session;
    struct buffer request = {0};
    open_session(&session);
    for (size_t i = 0; i < session.transcript.count; i++) {
        const struct transcript_step *step = &session.transcript.steps[i];
        buffer_clear(&request);
        append_request(&session, &request, step, ending);
        size_t length = piece == 0 ? request.len : piece;
        for (size_t at = 0; at < request.len; at += length)
            wire_send(session.wire, slice_of(request.data + at, length));
        expect_reply(&session, step, ending);
    }
    buffer_fini(&request);
    close_session(&session);
}

Test(transcripts, hold)
{
    run_stepwise("\n", 0);
}

Test(transcripts, hold_for_telnet)
{
    run_stepwise("\r\n", 0);
}

Test(transcripts, hold_when_every_byte_comes_alone)
{
    run_stepwise("\n", 1);
}

Test(transcripts, hold_when_all_requests_of_a_block_come_at_once)
{
    struct session session;
    struct buffer requests = {0};
    open_session(&session);
    const struct transcript *transcript = &session.transcript;
    for (size_t first = 0, next = 0; first < transcript->count; first = next) {
        buffer_clear(&requests);
        unsigned block = transcript->steps[first].block;
        for (next = first; next < transcript->count && transcript->steps[next].block == block &&
                           (next == first || !transcript_uses_names(&transcript->steps[next]));
             next++)
            append_request(&session, &requests, &transcript->steps[next], "\n");
        wire_send(session.wire, buffer_slice(&requests));
        for (size_t i = first; i < next; i++)
            expect_reply(&session, &transcript->steps[i], "\n");
    }
    buffer_fini(&requests);
    close_session(&session);
}

/* A reply of its own, with nothing chosen before. */
static bool matches(const char *reply, const char *expected)
{
    struct transcript_names names = {0};
    return transcript_matches(&names, slice_from_string(reply), slice_from_string(expected));
}

/* The matcher itself must be able to say no. */
Test(transcripts, that_do_not_hold_are_noticed)
{
    cr_assert(matches("a\r\nOK\r\n", "a\nOK\n"));
    cr_assert(matches("OK\n", "...\nOK\n"));
    cr_assert(matches("a\nb\nOK\n", "...\nOK\n"));
    cr_assert(matches("a\nb\nOK\n", "a\n...\n"));
    cr_assert_not(matches("a\nb\nOK\n", "b\n...\n"));
    cr_assert_not(matches("a\nERR\n", "...\nOK\n"));
    cr_assert_not(matches("OK\n", ""));
    cr_assert_not(matches("", "OK\n"));
    cr_assert_not(matches("OK\nOK\n", "OK\n"));
    cr_assert_not(matches("OK \n", "OK\n"));
}

Test(transcripts, name_what_the_server_chose)
{
    struct transcript_names names = {0};
    struct transcript_step step = {.request = SLICE("GET $a AT $id-$")};
    struct buffer request = {0};
    cr_assert(matches("\"12\" \"12\"\nOK\n", "...\n\"$id\" \"$id\"\nOK\n"));
    cr_assert_not(matches("\"12\" \"13\"\nOK\n", "...\n\"$id\" \"$id\"\nOK\n"));
    cr_assert_not(matches("OK \"x\"\n", "OK \"$id\"\n"));
    cr_assert_not(matches("OK \"$id\"\n", "OK \"$id\"\n"));
    cr_assert(transcript_matches(&names, SLICE("1\n2 34\n"), SLICE("...\n$a $id\n")));
    cr_assert(transcript_uses_names(&step));
    transcript_append_request(&names, &step, &request);
    report_equal("request", buffer_slice(&request), SLICE("GET 2 AT 34-$"));
    buffer_fini(&request);
    cr_assert_not(transcript_uses_names(&(struct transcript_step){.request = SLICE("GET $ $1")}));
}
