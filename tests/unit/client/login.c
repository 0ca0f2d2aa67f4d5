/* leveret_set_login: who to be is said on every connection before anything else. */
#include <criterion/criterion.h>
#include <poll.h>

#include "client/leveret.h"
#include "tests/unit/client/peer.h"

#define AUTH "AUTH \"al ice\" \"p\\\"w\\xFF\"\n"
#define WRONG "ERR WRONGPASS \"no such user, or another password\"\n"

static struct leveret *client(const struct peer *peer)
{
    struct leveret *db = peer_client(peer);
    cr_assert_eq(leveret_set_login(db, "al ice", "p\"w\xff"), LEVERET_OK);
    return db;
}

static void await_end(struct leveret *db)
{
    struct pollfd ended = {.fd = leveret_poll_fd(db), .events = POLLIN};
    cr_assert_eq(poll(&ended, 1, 5000), 1);
}

static void finish(struct leveret *db, struct peer *peer)
{
    leveret_free(db);
    peer_close(peer);
}

Test(login, is_said_again_to_a_new_connection_before_the_prefix)
{
    struct peer *peer = PEER_PLAYS(
        {PEER_HEAR, AUTH}, {PEER_SAY, "OK\n"}, {PEER_HEAR, "USE \"p\"\n"}, {PEER_SAY, "OK \"p\"\n"},
        {PEER_HEAR, "PING\n"}, {PEER_SAY, "OK \"PONG\"\n"}, {PEER_HANG_UP, NULL}, {PEER_HEAR, AUTH},
        {PEER_DRIBBLE, "# hello\nOK\n"}, {PEER_HEAR, "USE \"p\"\n"}, {PEER_SAY, "OK \"p\"\n"},
        {PEER_HEAR, "PING\n"}, {PEER_SAY, "OK \"PONG\"\n"}, {PEER_PART, NULL});
    struct leveret *db = client(peer);
    cr_assert_eq(leveret_use(db, leveret_text("p")), LEVERET_OK, "%s", leveret_error_text(db));
    cr_assert_eq(leveret_ping(db), LEVERET_OK);
    await_end(db);
    cr_assert_eq(leveret_ping(db), LEVERET_OK, "%s", leveret_error_text(db));
    finish(db, peer);
}

Test(login, that_is_refused_fails_the_call_and_nothing_else_is_sent)
{
    struct peer *peer =
        PEER_PLAYS({PEER_HEAR, AUTH}, {PEER_SAY, WRONG}, {PEER_PART, NULL}, {PEER_HEAR, AUTH},
                   {PEER_SAY, WRONG}, {PEER_PART, NULL}, {PEER_HEAR, AUTH}, {PEER_SAY, "OK\n"},
                   {PEER_HEAR, "PING\n"}, {PEER_SAY, "OK \"PONG\"\n"});
    struct leveret *db = client(peer);
    cr_assert_eq(leveret_connect(db), LEVERET_ERROR);
    cr_assert_str_eq(leveret_error_code(db), "WRONGPASS");
    cr_assert_str_eq(leveret_error_text(db), "no such user, or another password");
    cr_assert_not(leveret_connected(db));
    cr_assert_eq(leveret_line(db, leveret_text("PING")), LEVERET_ERROR);
    cr_assert_eq(leveret_pending(db), 0);
    cr_assert_eq(leveret_ping(db), LEVERET_OK, "it is tried again each time");
    finish(db, peer);
}

Test(login, is_said_on_a_connection_that_stands)
{
    struct peer *peer = PEER_PLAYS(
        {PEER_HEAR, "PING\n"}, {PEER_SAY, "OK \"PONG\"\n"}, {PEER_HEAR, "AUTH \"a\" \"1\"\n"},
        {PEER_SAY, "OK\n"}, {PEER_HEAR, "PING\n"}, {PEER_SAY, "OK \"PONG\"\n"}, {PEER_PART, NULL});
    struct leveret *db = peer_client(peer);
    cr_assert_eq(leveret_ping(db), LEVERET_OK);
    cr_assert_eq(leveret_set_login(db, "a", "1"), LEVERET_OK);
    cr_assert_eq(leveret_ping(db), LEVERET_OK);
    finish(db, peer);
}

Test(login, that_fails_leaves_the_one_before)
{
    struct peer *peer = PEER_PLAYS(
        {PEER_HEAR, "AUTH \"a\" \"1\"\n"}, {PEER_SAY, "OK\n"}, {PEER_HEAR, "AUTH \"b\" \"2\"\n"},
        {PEER_SAY, WRONG}, {PEER_PART, NULL}, {PEER_HEAR, "AUTH \"a\" \"1\"\n"}, {PEER_SAY, "OK\n"},
        {PEER_HEAR, "PING\n"}, {PEER_SAY, "OK \"PONG\"\n"}, {PEER_PART, NULL});
    struct leveret *db = peer_client(peer);
    cr_assert_eq(leveret_login(db, "a", "1"), LEVERET_OK);
    cr_assert_eq(leveret_login(db, "b", "2"), LEVERET_ERROR);
    cr_assert_eq(leveret_ping(db), LEVERET_OK);
    finish(db, peer);
}

Test(login, can_be_given_up)
{
    struct peer *peer =
        PEER_PLAYS({PEER_HEAR, "AUTH \"a\" \"1\"\n"}, {PEER_SAY, "OK\n"}, {PEER_PART, NULL},
                   {PEER_HEAR, "PING\n"}, {PEER_SAY, "OK \"PONG\"\n"}, {PEER_PART, NULL});
    struct leveret *db = peer_client(peer);
    cr_assert_eq(leveret_login(db, "a", "1"), LEVERET_OK);
    cr_assert_eq(leveret_set_login(db, NULL, NULL), LEVERET_OK);
    cr_assert_eq(leveret_ping(db), LEVERET_OK);
    finish(db, peer);
}

Test(login, is_not_changed_among_requests_or_in_a_batch)
{
    struct peer *peer = PEER_PLAYS({PEER_HEAR, "BEGIN\n"}, {PEER_SAY, "OK\n"},
                                   {PEER_HEAR, "ABORT\n"}, {PEER_SAY, "OK\n"}, {PEER_PART, NULL});
    struct leveret *db = peer_client(peer);
    cr_assert_eq(leveret_begin(db), LEVERET_OK);
    cr_assert_eq(leveret_set_login(db, "a", "1"), LEVERET_MISUSE);
    cr_assert_eq(leveret_abort(db), LEVERET_OK);
    cr_assert_eq(leveret_line(db, leveret_text("PING")), LEVERET_OK);
    cr_assert_eq(leveret_login(db, "a", "1"), LEVERET_MISUSE);
    cr_assert_eq(leveret_set_login(db, "a", NULL), LEVERET_MISUSE);
    finish(db, peer);
}

/* What the caller said itself is not known, so no new connection takes its place in silence. */
Test(login, of_the_callers_own_is_not_made_again)
{
    struct leveret_bytes words[] = {leveret_text("auth"), leveret_text("a"), leveret_text("1")};
    const struct leveret_answer *answer = NULL;
    struct peer *peer = PEER_PLAYS({PEER_HEAR, "auth \"a\" \"1\"\n"}, {PEER_SAY, "OK\n"});
    struct leveret *db = peer_client(peer);
    cr_assert_eq(leveret_request(db, words, 3), LEVERET_OK);
    cr_assert_eq(leveret_next(db, &answer), LEVERET_OK);
    await_end(db);
    cr_assert_eq(leveret_ping(db), LEVERET_LOST);
    finish(db, peer);
}
