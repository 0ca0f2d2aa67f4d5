/*
 * `leveret passwd`: lines for the users file, and passwords that nobody sees.
 */
#include <criterion/criterion.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

#include "protocol/line.h"
#include "tests/lib/report.h"
#include "tests/lib/scratch.h"
#include "tests/lib/shell.h"

static char *directory;

static void start(void)
{
    directory = scratch_new();
    setenv("DIR", directory, 1);
    cr_assert(sodium_init() >= 0);
}

static void stop(void)
{
    scratch_remove(directory);
}

TestSuite(passwd, .init = start, .fini = stop, .timeout = 60);

/* The third word of the one line must be a hash of the password. */
static void expect_hash(struct slice line, const char *password)
{
    struct tokens tokens = {0};
    char hash[crypto_pwhash_STRBYTES + 1] = "";
    cr_assert(line.len > 0 && line.data[line.len - 1] == '\n', "no line: %s", report_show(line));
    cr_assert_eq(line_split(slice_of(line.data, line.len - 1), &tokens), LINE_SPLIT_OK);
    cr_assert(tokens.count >= 3 && tokens.items[2].len < sizeof(hash));
    memcpy(hash, tokens.items[2].data, tokens.items[2].len);
    cr_assert_eq(crypto_pwhash_str_verify(hash, password, strlen(password)), 0, "%s", hash);
    tokens_fini(&tokens);
}

static void expect_line(const char *password, const char *start_of_line, const char *command)
{
    struct shell shell = shell_run("%s", command);
    cr_assert_eq(shell.status, 0, "%s", shell.err.data);
    cr_assert(slice_has_prefix(buffer_slice(&shell.out), slice_from_string(start_of_line)), "%s",
              shell.out.data);
    expect_hash(buffer_slice(&shell.out), password);
    shell_fini(&shell);
}

Test(passwd, hashes_a_line_of_standard_input)
{
    expect_line("hunter2", "alice write $argon2id$v=19$m=65536,t=2,p=1$",
                "printf 'hunter2\\nsecond\\n' | $LEVERET passwd alice write");
    expect_line("no end", "bob read $argon2id$", "printf 'no end' | $LEVERET passwd bob read");
    expect_line("crlf", "bob read $argon2id$", "printf 'crlf\\r\\n' | $LEVERET PASSWD bob read");
    shell_expect(0, "book: \"of two words\"\n",
                 "echo x | $LEVERET passwd alice admin book: 'of two words' | cut -d' ' -f4-");
}

Test(passwd, makes_no_two_lines_alike)
{
    shell_expect(0, "2\n",
                 "(echo x | $LEVERET passwd a read; echo x | $LEVERET passwd a read) | sort -u | "
                 "wc -l");
}

Test(passwd, needs_none_where_a_certificate_is_enough)
{
    shell_expect(0, "host7 read - a:\n", "$LEVERET passwd --no-password host7 read a:");
    shell_expect(0, "a read - --no-password\n",
                 "$LEVERET passwd --no-password a read --no-password");
}

static void expect_refusal(int status, const char *complaint, const char *command)
{
    struct shell shell = shell_run("%s", command);
    cr_assert_eq(shell.status, status, "`%s` exited with %d: %s", command, shell.status,
                 shell.err.data);
    report_equal(command, buffer_slice(&shell.out), SLICE(""));
    report_equal(command, buffer_slice(&shell.err), slice_from_string(complaint));
    shell_fini(&shell);
}

Test(passwd, refuses_what_the_server_would_not_take)
{
    expect_refusal(3, "leveret: standard input: an empty password is none\n",
                   "echo | $LEVERET passwd alice read");
    expect_refusal(3, "leveret: standard input: an empty password is none\n",
                   "$LEVERET passwd alice read </dev/null");
    expect_refusal(3, "leveret: standard input: a password has 1024 bytes at most\n",
                   "printf '%01025d\\n' 0 | $LEVERET passwd alice read");
    shell_expect(0, NULL, "printf '%%01024d\\n' 0 | $LEVERET passwd alice read");
    expect_refusal(2, "leveret: the ROLE is read, write or admin; see leveret help passwd\n",
                   "echo x | $LEVERET passwd alice root");
    expect_refusal(
        2, "leveret: a NAME is up to 64 visible characters of ASCII; see leveret help passwd\n",
        "echo x | $LEVERET passwd 'al ice' read");
    expect_refusal(2, "leveret: passwd takes a NAME and a ROLE; see leveret help passwd\n",
                   "echo x | $LEVERET passwd alice");
    expect_refusal(2,
                   "leveret: passwd takes --no-password, a NAME, a ROLE and prefixes; see leveret "
                   "help passwd\n",
                   "$LEVERET passwd --password x alice read");
}

/* Runs it on a terminal where these lines are typed, one when each prompt has come; what the
 * terminal shows goes to the file `screen`, what the command prints to `line`. */
static int type(const char *first, const char *second)
{
    struct shell shell = shell_run(
        "mkfifo $DIR/keys; exec 3<>$DIR/keys; : >$DIR/screen\n"
        "script -qefc '$LEVERET passwd alice write >$DIR/line' $DIR/screen <&3 >/dev/null & "
        "pid=$!\n"
        "until grep -q 'Password: ' $DIR/screen; do sleep 0.02; done; printf '%s' >&3\n"
        "until grep -q 'again: ' $DIR/screen || ! kill -0 $pid; do sleep 0.02; done 2>/dev/null\n"
        "printf '%s' >&3; wait $pid",
        first, second);
    int status = shell.status;
    shell_fini(&shell);
    return status;
}

static void expect_screen(bool shows, const char *text)
{
    char *path = scratch_path(directory, "screen");
    struct buffer screen = scratch_read(path);
    buffer_append_byte(&screen, '\0');
    cr_assert((strstr(screen.data, text) != NULL) == shows, "`%s` in: %s", text, screen.data);
    buffer_fini(&screen);
    free(path);
}

Test(passwd, is_typed_twice_on_a_terminal_and_not_shown)
{
    cr_assert_eq(type("hunter2\\n", "hunter2\\n"), 0);
    char *path = scratch_path(directory, "line");
    struct buffer line = scratch_read(path);
    expect_hash(buffer_slice(&line), "hunter2");
    expect_screen(false, "hunter2");
    buffer_fini(&line);
    free(path);
}

Test(passwd, is_not_made_from_two_that_differ)
{
    cr_assert_eq(type("hunter2\\n", "hunter3\\n"), 3);
    expect_screen(true, "the two are not the same");
    shell_expect(0, "", "cat $DIR/line");
}

/* Whatever ends it, what is typed next is seen again. */
Test(passwd, leaves_the_terminal_as_it_was)
{
    shell_expect(0, NULL,
                 "mkfifo $DIR/keys; exec 3<>$DIR/keys; : >$DIR/screen\n"
                 "script -qefc 'stty echo; $LEVERET passwd alice write; stty -a' $DIR/screen <&3 "
                 ">/dev/null & pid=$!\n"
                 "until grep -q 'Password: ' $DIR/screen; do sleep 0.02; done; printf '\\003' >&3\n"
                 "wait $pid; grep -q ' echo ' $DIR/screen");
}
