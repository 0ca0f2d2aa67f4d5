#include "protocol/answer.h"

#include <criterion/criterion.h>

#include "protocol/reply.h"
#include "tests/unit/cuts.h"
#include "tests/unit/decoders.h"

static void expect(struct slice input, const char *expected)
{
    cuts_expect(&decoders_answer, input, expected);
}

Test(answer, ends_with_a_status)
{
    expect(SLICE("OK\n"), "END OK \"OK\"\n");
    expect(SLICE("NOT_FOUND\r\n"), "END NOT_FOUND \"NOT_FOUND\"\n");
    expect(SLICE("CONFLICT \"old\"\n"), "END CONFLICT \"CONFLICT\" \"old\"\n");
    expect(SLICE("OK \"value\\x00\"\n"), "END OK \"OK\" \"value\\x00\"\n");
    expect(SLICE("OK \"\"\n"), "END OK \"OK\" \"\"\n");
}

Test(answer, has_rows_of_one_to_four_parts)
{
    expect(SLICE("\"a\" \"1\"\n\"b\"\n\"\" \"\"\nOK 3\n"),
           "ROW \"a\" \"1\"\nROW \"b\"\nROW \"\" \"\"\nEND OK \"OK\" \"3\" count=3\n");
    expect(SLICE("\"SEQ\" \"1-1\"\n\"DEL\" \"k\" \"1-2\"\n\"PUT\" \"k\" \"\" \"1-3\"\n"),
           "ROW \"SEQ\" \"1-1\"\nROW \"DEL\" \"k\" \"1-2\"\n"
           "ROW \"PUT\" \"k\" \"\" \"1-3\"\n");
}

Test(answer, may_hold_remarks)
{
    expect(SLICE("# GET key\n#short\n#\n#  two\nOK\n"),
           "REMARK GET key\nREMARK short\nREMARK \nREMARK  two\nEND OK \"OK\"\n");
}

Test(answer, names_the_key_to_resume_after)
{
    expect(SLICE("\"a\"\nOK 1 MORE \"a\"\n"),
           "ROW \"a\"\nEND OK \"OK\" \"1\" \"MORE\" \"a\" count=1 more=\"a\"\n");
    expect(SLICE("ERR TIMEOUT \"too old\" MORE \"k\\xFF\"\n"),
           "END TIMEOUT \"ERR\" \"TIMEOUT\" \"too old\" \"MORE\" \"k\\xFF\" more=\"k\\xFF\"\n");
}

Test(answer, carries_errors_known_and_unknown)
{
    expect(SLICE("ERR ARGS \"usage: GET key\"\n"),
           "END ARGS \"ERR\" \"ARGS\" \"usage: GET key\"\n");
    expect(SLICE("ERR TOMORROW \"a code of a later version\"\n"),
           "END ? \"ERR\" \"TOMORROW\" \"a code of a later version\"\n");
}

Test(answer, that_is_none_is_bad)
{
    expect(SLICE("HTTP/1.1 400 Bad Request\r\n"), "BAD\n");
    expect(SLICE("ok\n"), "BAD\n");
    expect(SLICE("\n"), "BAD\n");
    expect(SLICE("ERR\n"), "BAD\n");
    expect(SLICE("ERR ARGS\n"), "BAD\n");
    expect(SLICE("SYNTAX \"a code is no status of its own\"\n"), "BAD\n");
    expect(SLICE("\"open\n"), "BAD\n");
    expect(SLICE("\"a\" \"b\" \"c\" \"d\" \"e\"\n"), "BAD\n");
    expect(SLICE("OK \"\\q\"\n"), "BAD\n");
}

Test(answer, counts_only_what_is_a_number)
{
    expect(SLICE("OK 18446744073709551615\n"),
           "END OK \"OK\" \"18446744073709551615\" count=18446744073709551615\n");
    expect(SLICE("OK 18446744073709551616\n"), "END OK \"OK\" \"18446744073709551616\"\n");
    expect(SLICE("OK -1\n"), "END OK \"OK\" \"-1\"\n");
}

/* The server's formatter and the client's decoder are two halves of one codec. */
Test(answer, understands_whatever_the_line_face_writes)
{
    for (int crlf = 0; crlf < 2; crlf++) {
        struct buffer out = {0};
        struct reply reply = {.face = &reply_line, .out = &out, .crlf = crlf == 1};
        reply_row(&reply, SLICE("k\r\n\0\xff"), SLICE("v \"q\""));
        reply_row(&reply, SLICE("only"), REPLY_NONE);
        reply_change(&reply, REPLY_PUT, SLICE("k"), SLICE("\n"), SLICE("1-2"));
        reply_remark(&reply, SLICE("for people"));
        reply_count_more(&reply, 2, SLICE("only"));
        reply_value(&reply, SLICE("\\\t"));
        reply_error(&reply, STATUS_IO, "disk %d", 7);
        expect(buffer_slice(&out), "ROW \"k\\r\\n\\x00\\xFF\" \"v \\\"q\\\"\"\nROW \"only\"\n"
                                   "ROW \"PUT\" \"k\" \"\\n\" \"1-2\"\nREMARK for people\n"
                                   "END OK \"OK\" \"2\" \"MORE\" \"only\" count=2 more=\"only\"\n"
                                   "END OK \"OK\" \"\\\\\\t\"\n"
                                   "END IO \"ERR\" \"IO\" \"disk 7\"\n");
        buffer_fini(&out);
    }
}
