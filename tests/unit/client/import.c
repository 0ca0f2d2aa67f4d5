#include "client/cli/import.h"

#include <criterion/criterion.h>
#include <stdlib.h>

#include "tests/lib/scratch.h"
#include "tests/unit/client/peer.h"

/* Imports a file that holds `text` from that peer's point of view. */
static void expect_import(struct peer *peer, const char *text, enum exit_status expected)
{
    char *directory = scratch_new();
    char *path = scratch_path(directory, "rows");
    struct leveret *db = peer_client(peer);
    scratch_write(path, slice_from_string(text));
    cr_assert_eq(import_run(db, path), expected);
    leveret_free(db);
    free(path);
    scratch_remove(directory);
    peer_close(peer);
}

Test(import, rows_of_both_kinds_are_stored)
{
    struct peer *peer =
        PEER_PLAYS({PEER_HEAR, "PUT \"a\" \"1\"\nPUT \"b\" \"\\t\"\nPUT \"c d\" \"\"\n"},
                   {PEER_SAY, "OK\nOK\nOK\n"}, {PEER_PART, NULL});
    expect_import(peer, "a\t1\n# a remark\n\nb\t\\t\r\nput \"c d\" ''", EXIT_FINE);
}

Test(import, nothing_behind_a_bad_line_is_sent)
{
    struct peer *peer = PEER_PLAYS({PEER_HEAR, "PUT \"a\" \"1\"\nPUT \"b\" \"2\"\n"},
                                   {PEER_SAY, "OK\nOK\n"}, {PEER_PART, NULL});
    expect_import(peer, "a\t1\nb\t2\nDEL a\nc\t3\n", EXIT_REFUSED);
}

Test(import, a_row_that_the_server_refuses_fails_the_import)
{
    struct peer *peer = PEER_PLAYS({PEER_HEAR, "PUT \"a\" \"1\"\nPUT \"b\" \"2\"\n"},
                                   {PEER_SAY, "ERR READONLY \"no\"\nOK\n"}, {PEER_PART, NULL});
    expect_import(peer, "a\t1\nb\t2\n", EXIT_REFUSED);
}

Test(import, rows_without_an_answer_fail_the_import)
{
    struct peer *peer = PEER_PLAYS({PEER_HEAR, "PUT \"a\" \"1\"\nPUT \"b\" \"2\"\n"},
                                   {PEER_SAY, "OK\n"}, {PEER_HANG_UP, NULL});
    expect_import(peer, "a\t1\nb\t2\n", EXIT_CONNECTION);
}

Test(import, a_file_that_cannot_be_read_fails_before_anything_is_sent)
{
    struct leveret *db = leveret_new("unix:/nonexistent");
    cr_assert_eq(import_run(db, "/nonexistent"), EXIT_REFUSED);
    leveret_free(db);
}
