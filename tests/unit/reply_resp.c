#include "protocol/reply_resp.h"

#include <criterion/criterion.h>
#include <math.h>

#include "tests/lib/report.h"

/* A reply that is being written, in one of the two versions. */
struct writing {
    struct buffer out;
    struct reply reply;
};

static void begin(struct writing *writing, bool resp3)
{
    *writing = (struct writing){0};
    writing->reply = (struct reply){.face = &reply_resp, .out = &writing->out, .resp3 = resp3};
}

static void end(struct writing *writing, const char *expected)
{
    report_equal(writing->reply.resp3 ? "RESP3" : "RESP2", buffer_slice(&writing->out),
                 slice_from_string(expected));
    buffer_fini(&writing->out);
    reply_fini(&writing->reply);
}

typedef void say_fn(struct reply *reply);

static void expect(say_fn *say, const char *resp2, const char *resp3)
{
    struct writing writing;
    begin(&writing, false);
    say(&writing.reply);
    end(&writing, resp2);
    begin(&writing, true);
    say(&writing.reply);
    end(&writing, resp3);
}

/* Redis's types ---------------------------------------------------------------- */

static void say_simple(struct reply *reply)
{
    reply_simple(reply, "PONG");
}

static void say_integers(struct reply *reply)
{
    reply_integer(reply, 0);
    reply_integer(reply, -1);
    reply_integer(reply, INT64_MAX);
    reply_integer(reply, INT64_MIN);
}

#define INTEGERS ":0\r\n:-1\r\n:9223372036854775807\r\n:-9223372036854775808\r\n"

static void say_strings(struct reply *reply)
{
    reply_bulk(reply, SLICE("a\r\nb"));
    reply_bulk(reply, SLICE(""));
    reply_text(reply, "text");
}

#define STRINGS "$4\r\na\r\nb\r\n$0\r\n\r\n$4\r\ntext\r\n"

Test(reply_resp, types_of_both_versions_are_the_same)
{
    expect(say_simple, "+PONG\r\n", "+PONG\r\n");
    expect(say_integers, INTEGERS, INTEGERS);
    expect(say_strings, STRINGS, STRINGS);
}

static void say_nulls(struct reply *reply)
{
    reply_null(reply);
    reply_null_array(reply);
}

static void say_booleans(struct reply *reply)
{
    reply_boolean(reply, true);
    reply_boolean(reply, false);
}

static void say_doubles(struct reply *reply)
{
    reply_double(reply, 10);
    reply_double(reply, -0.5);
    reply_double(reply, (double)INFINITY);
    reply_double(reply, (double)-INFINITY);
}

static void say_verbatim(struct reply *reply)
{
    reply_verbatim(reply, SLICE("a\nb"));
}

Test(reply_resp, types_that_version_2_does_not_have_come_as_others)
{
    expect(say_nulls, "$-1\r\n*-1\r\n", "_\r\n_\r\n");
    expect(say_booleans, ":1\r\n:0\r\n", "#t\r\n#f\r\n");
    expect(say_doubles, "$2\r\n10\r\n$4\r\n-0.5\r\n$3\r\ninf\r\n$4\r\n-inf\r\n",
           ",10\r\n,-0.5\r\n,inf\r\n,-inf\r\n");
    expect(say_verbatim, "$3\r\na\nb\r\n", "=7\r\ntxt:a\nb\r\n");
}

static void say_aggregates(struct reply *reply)
{
    reply_array(reply, 0);
    reply_array(reply, 12);
    reply_set(reply, 3);
    reply_map(reply, 4);
}

Test(reply_resp, aggregates_say_how_many_parts_follow)
{
    expect(say_aggregates, "*0\r\n*12\r\n*3\r\n*8\r\n", "*0\r\n*12\r\n~3\r\n%4\r\n");
}

static void say_failure(struct reply *reply)
{
    reply_fail(reply, "ERR no '%s' here", "a\r\nb");
    cr_assert(reply->erred);
}

Test(reply_resp, error_is_one_line_whatever_it_repeats)
{
    expect(say_failure, "-ERR no 'a  b' here\r\n", "-ERR no 'a  b' here\r\n");
}

static void say_formatted(struct reply *reply)
{
    reply_formatted(reply, SLICE(":1\r\n"));
}

Test(reply_resp, passes_on_what_was_formatted_before)
{
    expect(say_formatted, ":1\r\n", ":1\r\n");
}

/* What every face can say -------------------------------------------------------- */

static void say_endings(struct reply *reply)
{
    reply_ok(reply);
    reply_value(reply, SLICE("v"));
    reply_not_found(reply);
    reply_count(reply, 7);
    reply_count_more(reply, 2, SLICE("last"));
}

Test(reply_resp, endings_are_values_of_redis)
{
    expect(say_endings, "+OK\r\n$1\r\nv\r\n$-1\r\n:7\r\n:2\r\n",
           "+OK\r\n$1\r\nv\r\n_\r\n:7\r\n:2\r\n");
}

static void say_errors(struct reply *reply)
{
    reply_conflict(reply, SLICE("a\nkey"));
    reply_error(reply, STATUS_ARGS, "usage: %s key", "GET");
    reply_error_more(reply, STATUS_TIMEOUT, SLICE("k"), "the reader stalled");
}

#define ERRORS "-CONFLICT a key\r\n-ARGS usage: GET key\r\n-TIMEOUT the reader stalled\r\n"

Test(reply_resp, errors_begin_with_the_code_of_the_line_face)
{
    expect(say_errors, ERRORS, ERRORS);
}

static void say_rows(struct reply *reply)
{
    reply_begin_rows(reply);
    reply_row(reply, SLICE("k"), SLICE("v"));
    reply_remark(reply, SLICE("half way"));
    reply_row(reply, SLICE(""), REPLY_NONE);
    reply_row(reply, REPLY_NONE, SLICE("w"));
    cr_assert_eq(reply->out->len, 0);
    reply_count(reply, 3);
}

static void say_page(struct reply *reply)
{
    reply_begin_rows(reply);
    reply_row(reply, SLICE("k"), SLICE("v"));
    reply_count_more(reply, 1, SLICE("k"));
}

static void say_no_rows(struct reply *reply)
{
    reply_begin_rows(reply);
    reply_count(reply, 0);
}

#define PARTS "*4\r\n$1\r\nk\r\n$1\r\nv\r\n$0\r\n\r\n$1\r\nw\r\n"

Test(reply_resp, rows_are_one_array_behind_the_key_to_resume_after)
{
    expect(say_rows, "*2\r\n$-1\r\n" PARTS, "*2\r\n_\r\n" PARTS);
    expect(say_page, "*2\r\n$1\r\nk\r\n*2\r\n$1\r\nk\r\n$1\r\nv\r\n",
           "*2\r\n$1\r\nk\r\n*2\r\n$1\r\nk\r\n$1\r\nv\r\n");
    expect(say_no_rows, "*2\r\n$-1\r\n*0\r\n", "*2\r\n_\r\n*0\r\n");
}

static void say_failed_rows(struct reply *reply)
{
    reply_begin_rows(reply);
    reply_row(reply, SLICE("k"), SLICE("v"));
    reply_error(reply, STATUS_IO, "the disk failed");
    reply_count(reply, 1); /* of the next command, which has no rows */
}

Test(reply_resp, error_takes_the_place_of_the_rows_before_it)
{
    expect(say_failed_rows, "-IO the disk failed\r\n:1\r\n", "-IO the disk failed\r\n:1\r\n");
}

Test(reply_resp, page_is_full_after_a_mebibyte)
{
    struct writing writing;
    char value[1024] = {0};
    size_t rows = 0;
    begin(&writing, false);
    reply_begin_rows(&writing.reply);
    for (; !reply_is_page(&writing.reply); rows++)
        reply_row(&writing.reply, SLICE("k"), slice_of(value, sizeof(value)));
    cr_assert(rows >= 1000 && rows <= 1024, "%zu rows", rows);
    reply_error(&writing.reply, STATUS_IO, "the disk failed");
    cr_assert_not(reply_is_page(&writing.reply));
    cr_assert_eq(writing.reply.rows, NULL);
    end(&writing, "-IO the disk failed\r\n");
}

Test(reply_resp, leaves_the_start_of_keys_out_and_of_nothing_else)
{
    struct writing writing;
    begin(&writing, false);
    writing.reply.strip = 4;
    reply_conflict(&writing.reply, SLICE("app:k"));
    reply_begin_rows(&writing.reply);
    reply_row(&writing.reply, SLICE("app:k"), SLICE("app:v"));
    reply_count_more(&writing.reply, 1, SLICE("app:k"));
    end(&writing, "-CONFLICT k\r\n*2\r\n$1\r\nk\r\n*2\r\n$1\r\nk\r\n$5\r\napp:v\r\n");
}
