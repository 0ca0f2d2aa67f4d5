#include "client/cli/pipe.h"

#include <criterion/criterion.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tests/lib/report.h"
#include "tests/unit/client/peer.h"

static int file_of(const char *text)
{
    int file = memfd_create("file", MFD_CLOEXEC);
    cr_assert(file >= 0);
    cr_assert_eq(write(file, text, strlen(text)), (ssize_t)strlen(text));
    cr_assert_eq(lseek(file, 0, SEEK_SET), 0);
    return file;
}

/* Runs `input` as requests to that peer; what is printed, and how it ends. */
static void expect_pipe(struct peer *peer, const char *input, const char *printed,
                        enum exit_status expected)
{
    char bytes[4096];
    struct output out;
    int in_file = file_of(input);
    int out_file = file_of("");
    struct leveret *db = peer_client(peer);
    struct print print = {.out = &out, .scene = PRINT_SERIES};
    output_init(&out, out_file);
    cr_assert_eq(pipe_run(db, &print, in_file), expected);
    ssize_t length = pread(out_file, bytes, sizeof(bytes), 0);
    cr_assert(length >= 0);
    report_equal("printed", slice_of(bytes, (size_t)length), slice_from_string(printed));
    output_fini(&out);
    leveret_free(db);
    close(in_file);
    close(out_file);
    peer_close(peer);
}

Test(pipe, lines_go_out_as_they_are_and_replies_come_in_order)
{
    struct peer *peer =
        PEER_PLAYS({PEER_HEAR, "PUT 'a' \"1\"\n  get a\nSCAN a\n"},
                   {PEER_DRIBBLE, "OK\nOK \"1\"\n\"a\" \"1\"\nOK 1\n"}, {PEER_PART, NULL});
    expect_pipe(peer, "PUT 'a' \"1\"\n\n# no reply\r\n  get a\r\n   \nSCAN a", "OK\n1\na\t1\n",
                EXIT_FINE);
}

Test(pipe, the_worst_outcome_counts)
{
    struct peer *absent =
        PEER_PLAYS({PEER_HEAR, "GET a\nGET b\n"}, {PEER_SAY, "NOT_FOUND\nOK \"x\"\n"});
    struct peer *refused = PEER_PLAYS({PEER_HEAR, "GET a\nFROB\n"},
                                      {PEER_SAY, "NOT_FOUND\nERR UNKNOWN_COMMAND \"no\"\n"});
    expect_pipe(absent, "GET a\nGET b\n", "NOT_FOUND\nx\n", EXIT_ABSENT);
    expect_pipe(refused, "GET a\nFROB\n", "NOT_FOUND\n", EXIT_REFUSED);
}

Test(pipe, nothing_behind_quit_is_sent)
{
    struct peer *peer = PEER_PLAYS({PEER_HEAR, " Quit \n"}, {PEER_SAY, "OK\n"}, {PEER_PART, NULL});
    expect_pipe(peer, " Quit \nGET a\n", "OK\n", EXIT_FINE);
}

Test(pipe, what_was_answered_before_the_end_is_printed_and_the_rest_is_told)
{
    struct peer *peer =
        PEER_PLAYS({PEER_HEAR, "GET a\nGET b\n"}, {PEER_SAY, "OK \"x\"\n"}, {PEER_HANG_UP, NULL});
    expect_pipe(peer, "GET a\nGET b\n", "x\n", EXIT_CONNECTION);
}

Test(pipe, a_server_that_cannot_be_reached_is_told_even_when_there_is_nothing_to_say)
{
    struct output out;
    struct print print = {.out = &out, .scene = PRINT_SERIES};
    struct leveret *db = leveret_new("unix:/nonexistent");
    int empty = file_of("");
    output_init(&out, STDOUT_FILENO);
    cr_assert_eq(pipe_run(db, &print, empty), EXIT_CONNECTION);
    output_fini(&out);
    leveret_free(db);
    close(empty);
}
