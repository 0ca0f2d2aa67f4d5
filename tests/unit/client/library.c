#include <criterion/criterion.h>
#include <poll.h>

#include "client/leveret.h"
#include "tests/lib/report.h"
#include "tests/unit/client/peer.h"

static void expect_bytes(const char *what, struct leveret_bytes got, const char *expected)
{
    report_equal(what, slice_of(got.data, got.len), slice_from_string(expected));
}

Test(library, requests_are_quoted_and_replies_decoded)
{
    struct leveret_bytes value;
    bool there = false;
    struct peer *peer = PEER_PLAYS(
        {PEER_HEAR, "PUT \"a key\" \"tab\\t\\xFF\"\n"}, {PEER_SAY, "OK\n"},
        {PEER_HEAR, "GET \"a key\"\n"}, {PEER_DRIBBLE, "OK \"tab\\t\\xFF\"\n"},
        {PEER_HEAR, "EXISTS \"\"\n"}, {PEER_SAY, "OK 1\r\n"}, {PEER_HEAR, "DEL \"x\"\n"},
        {PEER_SAY, "# a remark\nOK 0\n"}, {PEER_HEAR, "PING\n"}, {PEER_SAY, "OK \"PONG\"\n"});
    struct leveret *db = peer_client(peer);
    struct leveret_bytes key = leveret_text("a key");
    cr_assert_eq(leveret_put(db, key, leveret_text("tab\t\xff")), LEVERET_OK);
    cr_assert_eq(leveret_get(db, key, &value), LEVERET_OK);
    expect_bytes("value", value, "tab\t\xff");
    cr_assert_eq(leveret_exists(db, leveret_text(""), &there), LEVERET_OK);
    cr_assert(there);
    cr_assert_eq(leveret_del(db, leveret_text("x"), &there), LEVERET_OK);
    cr_assert(!there);
    cr_assert_eq(leveret_ping(db), LEVERET_OK);
    leveret_free(db);
    peer_close(peer);
}

Test(library, what_is_absent_and_what_is_refused_leave_the_connection_standing)
{
    struct peer *peer = PEER_PLAYS({PEER_HEAR, "GET \"a\"\n"}, {PEER_SAY, "NOT_FOUND\n"},
                                   {PEER_HEAR, "GET \"a\"\n"}, {PEER_SAY, "ERR IO \"the disk\"\n"},
                                   {PEER_HEAR, "PING\n"}, {PEER_SAY, "OK\n"});
    struct leveret *db = peer_client(peer);
    cr_assert_eq(leveret_get(db, leveret_text("a"), NULL), LEVERET_NOT_FOUND);
    cr_assert_eq(leveret_get(db, leveret_text("a"), NULL), LEVERET_ERROR);
    cr_assert_str_eq(leveret_error_code(db), "IO");
    cr_assert_str_eq(leveret_error_text(db), "the disk");
    cr_assert_eq(leveret_ping(db), LEVERET_OK);
    leveret_free(db);
    peer_close(peer);
}

Test(library, a_code_from_a_newer_server_is_still_an_error)
{
    struct peer *peer = PEER_PLAYS({PEER_HEAR, "PING\n"}, {PEER_SAY, "ERR NEW_WORD \"what\"\n"});
    struct leveret *db = peer_client(peer);
    cr_assert_eq(leveret_ping(db), LEVERET_ERROR);
    cr_assert_str_eq(leveret_error_code(db), "NEW_WORD");
    leveret_free(db);
    peer_close(peer);
}

Test(library, a_connection_lost_under_a_request_is_told_and_the_next_call_makes_a_new_one)
{
    struct peer *peer =
        PEER_PLAYS({PEER_HEAR, "PUT \"a\" \"1\"\n"}, {PEER_HANG_UP, NULL},
                   {PEER_HEAR, "PUT \"a\" \"1\"\n"}, {PEER_SAY, "OK\n"}, {PEER_HANG_UP, NULL});
    struct leveret *db = peer_client(peer);
    cr_assert_eq(leveret_put(db, leveret_text("a"), leveret_text("1")), LEVERET_LOST);
    cr_assert(strstr(leveret_error_text(db), "1 request unanswered") != NULL);
    cr_assert_eq(leveret_put(db, leveret_text("a"), leveret_text("1")), LEVERET_OK);
    leveret_free(db);
    peer_close(peer);
}

Test(library, a_connection_closed_while_idle_is_renewed_without_an_error)
{
    struct peer *peer = PEER_PLAYS({PEER_HEAR, "PING\n"}, {PEER_SAY, "OK\n"}, {PEER_HANG_UP, NULL},
                                   {PEER_HEAR, "PING\n"}, {PEER_SAY, "OK\n"});
    struct leveret *db = peer_client(peer);
    cr_assert_eq(leveret_ping(db), LEVERET_OK);
    struct pollfd hung_up = {.fd = leveret_poll_fd(db), .events = POLLIN};
    cr_assert_eq(poll(&hung_up, 1, 5000), 1);
    cr_assert(!leveret_connected(db));
    cr_assert_eq(leveret_ping(db), LEVERET_OK);
    leveret_free(db);
    peer_close(peer);
}

Test(library, a_silent_peer_runs_into_the_quiet_time)
{
    struct peer *peer = PEER_PLAYS({PEER_SILENCE, NULL});
    struct leveret *db = peer_client(peer);
    leveret_set_timeouts(db, 5000, 30);
    cr_assert_eq(leveret_ping(db), LEVERET_TIMEOUT);
    cr_assert(!leveret_connected(db));
    leveret_free(db);
    peer_close(peer);
}

Test(library, a_foreign_peer_is_recognised)
{
    struct peer *peer = PEER_PLAYS({PEER_HEAR, "PING\n"}, {PEER_SAY, "HTTP/1.1 400 Bad\r\n"});
    struct leveret *db = peer_client(peer);
    cr_assert_eq(leveret_ping(db), LEVERET_PROTOCOL);
    leveret_free(db);
    peer_close(peer);
}

Test(library, a_reply_to_something_else_is_no_reply)
{
    struct peer *peer = PEER_PLAYS({PEER_HEAR, "GET \"a\"\n"}, {PEER_SAY, "OK 1\n"});
    struct leveret *db = peer_client(peer);
    cr_assert_eq(leveret_get(db, leveret_text("a"), NULL), LEVERET_PROTOCOL);
    leveret_free(db);
    peer_close(peer);
}

Test(library, an_address_that_cannot_be_used_shows_when_it_is_needed)
{
    struct leveret *bad = leveret_new("::1");
    struct leveret *nobody = leveret_new("unix:/nonexistent/socket");
    cr_assert_eq(leveret_ping(bad), LEVERET_MISUSE);
    cr_assert_eq(leveret_ping(nobody), LEVERET_UNREACHABLE);
    cr_assert_str_eq(leveret_error_text(nobody),
                     "cannot connect to unix:/nonexistent/socket: No such file or directory");
    leveret_free(bad);
    leveret_free(nobody);
}
