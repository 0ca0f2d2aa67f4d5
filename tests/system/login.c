/*
 * `leveret --user`: where the password comes from. A small peer stands in for the server, and shows
 * what it was told.
 */
#include <criterion/criterion.h>
#include <stdlib.h>

#include "tests/lib/report.h"
#include "tests/lib/scratch.h"
#include "tests/lib/shell.h"

static char *directory;

static void start(void)
{
    directory = scratch_new();
    setenv("DIR", directory, 1);
    setenv("LEVERET_CONNECT", "unix:/nowhere", 1);
    unsetenv("LEVERET_USER");
    unsetenv("LEVERET_PASSWORD");
}

static void stop(void)
{
    scratch_remove(directory);
}

TestSuite(login, .init = start, .fini = stop, .timeout = 60);

/* Answers OK to every line, keeps them in the file `said`, and ends with the command. */
#define PEER                                                                                       \
    "socat UNIX-LISTEN:$DIR/peer,fork "                                                            \
    "SYSTEM:'tee -a $DIR/said | sed -u s/.*/OK/' & peer=$!; trap 'kill $peer' EXIT; "              \
    "until [ -S $DIR/peer ]; do sleep 0.02; done; export LEVERET_CONNECT=unix:$DIR/peer; "

#define SAID "cat $DIR/said; rm -f $DIR/said"

Test(login, takes_the_password_from_the_environment)
{
    shell_expect(0, "AUTH \"alice\" \"hunter2\"\nPUT \"a\" \"1\"\n",
                 PEER "LEVERET_PASSWORD=hunter2 $LEVERET --user alice PUT a 1 >$DIR/out; " SAID);
    shell_expect(0, "AUTH \"bob\" \"x y\"\nPUT a 1\n",
                 "rm -f $DIR/peer; " PEER "echo PUT a 1 | LEVERET_USER=bob LEVERET_PASSWORD='x y' "
                 "$LEVERET >$DIR/out; " SAID);
}

Test(login, takes_the_password_from_a_file_of_its_owner)
{
    shell_expect(0, "AUTH \"alice\" \"from file\"\nPUT \"a\" \"1\"\n",
                 PEER "(umask 077; printf 'from file\\nmore\\n' >$DIR/pw); LEVERET_PASSWORD=other "
                      "$LEVERET --user alice --password-file $DIR/pw PUT a 1 >$DIR/out; " SAID);
}

static void expect_refusal(int status, const char *complaint, const char *command)
{
    struct shell shell = shell_run("%s", command);
    cr_assert_eq(shell.status, status, "`%s` exited with %d: %s", command, shell.status,
                 shell.err.data);
    report_equal(command, buffer_slice(&shell.out), SLICE(""));
    cr_assert(strstr(shell.err.data, complaint) != NULL, "%s", shell.err.data);
    shell_fini(&shell);
}

Test(login, refuses_a_file_that_others_may_read)
{
    expect_refusal(3, "pw: others than its owner have rights on it; chmod 600 it\n",
                   "echo x >$DIR/pw; chmod 640 $DIR/pw; "
                   "$LEVERET --user a --password-file $DIR/pw PING");
    expect_refusal(3, "no/such: No such file or directory\n",
                   "$LEVERET --user a --password-file $DIR/no/such PING");
    expect_refusal(2, "--password-file goes with --user", "$LEVERET --password-file x PING");
    expect_refusal(2, "--user takes up to 64 visible characters", "$LEVERET --user 'a b' PING");
}

Test(login, says_what_is_missing_where_nobody_can_be_asked)
{
    expect_refusal(3, "no password: set LEVERET_PASSWORD, or give --password-file\n",
                   "setsid -w $LEVERET --user alice PING");
    expect_refusal(3, "LEVERET_PASSWORD: an empty password is none\n",
                   "LEVERET_PASSWORD= $LEVERET --user alice PING");
}

Test(login, asks_on_the_terminal_and_shows_nothing)
{
    shell_expect(0, "AUTH \"alice\" \"hunter2\"\nPUT \"a\" \"1\"\n",
                 PEER "mkfifo $DIR/keys; exec 3<>$DIR/keys; : >$DIR/screen\n"
                      "script -qefc '$LEVERET --user alice PUT a 1' $DIR/screen <&3 >/dev/null & "
                      "pid=$!\n"
                      "until grep -q 'Password of alice: ' $DIR/screen; do sleep 0.02; done\n"
                      "printf 'hunter2\\n' >&3; wait $pid; ! grep -q hunter2 $DIR/screen; " SAID);
}

Test(login, asks_nobody_for_what_needs_no_server)
{
    shell_expect(0, NULL, "setsid -w $LEVERET --user alice help GET");
    shell_expect(0, NULL, "echo x | setsid -w $LEVERET --user alice passwd bob read");
}

/* Typed at the prompt it is said to the server, and not kept. */
Test(login, typed_at_the_prompt_is_forgotten)
{
    shell_expect(0, "AUTH \"alice\" \"hunter2\"\nPUT a 1\n",
                 PEER "printf 'auth alice hunter2\\nPUT a 1\\nexit\\n' | HOME=$DIR script -qec "
                      "$LEVERET /dev/null >/dev/null; grep -q 'PUT' "
                      "$DIR/.local/state/leveret/history && ! grep -q hunter2 "
                      "$DIR/.local/state/leveret/history && " SAID);
}

Test(login, goes_before_the_load_of_a_benchmark)
{
    shell_expect(0, "2 AUTH \"alice\" \"hunter2\"\n",
                 PEER "LEVERET_PASSWORD=hunter2 $LEVERET --user alice bench --clients 2 "
                      "--requests 4 set >$DIR/out; grep AUTH $DIR/said | uniq -c | sed 's/^ *//'");
}
