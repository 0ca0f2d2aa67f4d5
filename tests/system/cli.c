/*
 * The `leveret` command line: what it prints, where, and how it exits.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

#include "protocol/quote.h"
#include "tests/lib/chance.h"
#include "tests/lib/daemon.h"
#include "tests/lib/report.h"
#include "tests/lib/scratch.h"
#include "tests/lib/shell.h"

static struct daemon *server;

static void start(void)
{
    server = daemon_new();
    daemon_start(server, "--listen", "127.0.0.1:0", "--unix", daemon_socket(server), NULL);
    setenv("LEVERET_CONNECT", daemon_address(server), 1);
    setenv("DIR", daemon_directory(server), 1);
}

static void stop(void)
{
    daemon_free(server);
}

TestSuite(cli, .init = start, .fini = stop, .timeout = 120);

/* Standard error must be one line that starts with `leveret: ` and contains the text. */
static void expect_complaint(int status, const char *text, const char *command)
{
    struct shell shell = shell_run("%s", command);
    cr_assert(shell.status == status, "`%s` exited with %d instead of %d: %s", command,
              shell.status, status, shell.err.data);
    report_equal(command, buffer_slice(&shell.out), SLICE(""));
    cr_assert(slice_has_prefix(buffer_slice(&shell.err), SLICE("leveret: ")), "`%s` said %s",
              command, shell.err.data);
    cr_assert(strstr(shell.err.data, text) != NULL, "no `%s` in: %s", text, shell.err.data);
    const char *lf = strchr(shell.err.data, '\n');
    cr_assert(lf != NULL && lf[1] == '\0', "not one line: %s", shell.err.data);
    shell_fini(&shell);
}

Test(cli, runs_one_command_and_tells_by_its_exit_status)
{
    shell_expect(0, "OK\n", "$LEVERET PUT name goku");
    shell_expect(0, "goku\n", "$LEVERET GET name");
    shell_expect(0, "goku\n", "$LEVERET get name");
    shell_expect(0, "1\n", "$LEVERET EXISTS name nothing");
    shell_expect(0, "1\n", "$LEVERET DEL name");
    shell_expect(1, "", "$LEVERET GET name");
    shell_expect(0, "PONG\n", "$LEVERET PING");
}

Test(cli, takes_arguments_as_the_bytes_they_are)
{
    shell_expect(0, "OK\n", "$LEVERET PUT 'a key' $'line one\\nline two\\t\"q\" \\xff'");
    shell_expect(0, "line one\\nline two\\t\\\"q\\\" \\xFF\n", "$LEVERET GET 'a key'");
    shell_expect(0, "line one\nline two\t\"q\" \xff", "$LEVERET --raw GET 'a key'");
    shell_expect(0, "OK\n", "$LEVERET PUT '' ''");
    shell_expect(0, "\n", "$LEVERET GET ''");
    shell_expect(0, "", "$LEVERET --raw GET ''");
    shell_expect(0, "OK\n", "$LEVERET PUT '#no remark' 'HTTP/1.1'");
    shell_expect(0, "HTTP/1.1\n", "$LEVERET GET '#no remark'");
}

Test(cli, names_the_key_of_a_condition_that_did_not_hold)
{
    shell_expect(0, "OK\n", "$LEVERET MPUT a 1 b 2");
    expect_complaint(1, "CONFLICT \"a\"\n", "$LEVERET PUT a 3 NX");
    shell_expect(1, "OK\nOK\nOK\nCONFLICT\tb\n",
                 "printf 'BEGIN\nCHECK a 1\nCHECK b 1\nCOMMIT\n' | $LEVERET");
}

Test(cli, prints_rows_with_a_tab_between)
{
    shell_expect(0, "OK\n", "$LEVERET MPUT a 1 b $'2\\t2' c 3");
    shell_expect(0, "a\t1\nb\t2\\t2\nc\t3\n", "$LEVERET SCAN ''");
    shell_expect(0, "a\t1\nb\t2\t2\nc\t3\n", "$LEVERET --raw SCAN ''");
    shell_expect(0, "a\nb\nc\n", "$LEVERET SCAN '' KEYS");
    shell_expect(0, "c\t3\nb\t2\\t2\n", "$LEVERET SCAN '' REVERSE LIMIT 2 2>/dev/null");
    shell_expect(0, "3\n", "$LEVERET COUNT ''");
    shell_expect(0, "a\t1\nnothing\n", "$LEVERET MGET a nothing");
    struct shell shell = shell_run("$LEVERET SCAN '' LIMIT 1");
    report_equal("rows", buffer_slice(&shell.out), SLICE("a\t1\n"));
    cr_assert(shell.err.len > 0, "nothing tells that there are more");
    shell_fini(&shell);
}

Test(cli, prints_json)
{
    shell_expect(0, NULL, "$LEVERET MPUT a 1 b $'q\"\\n\\xff' ü ö");
    shell_expect(0,
                 "{\"key\":\"a\",\"value\":\"1\"}\n"
                 "{\"key\":\"b\",\"value_base64\":\"cSIK/w==\"}\n"
                 "{\"key\":\"ü\",\"value\":\"ö\"}\n",
                 "$LEVERET --json SCAN ''");
    shell_expect(0, "{\"value\":\"1\"}\n", "$LEVERET --json GET a");
    shell_expect(0, "{\"count\":3}\n", "$LEVERET --json COUNT ''");
    /* Whatever it prints, a JSON parser takes it. */
    shell_expect(0, "3\n",
                 "$LEVERET --json SCAN '' | /usr/bin/python3 -c 'import json, sys\n"
                 "print(len([json.loads(line) for line in sys.stdin]))'");
}

Test(cli, tells_errors_on_standard_error)
{
    expect_complaint(3, "no command FROB", "$LEVERET FROB");
    expect_complaint(3, "usage: GET key [AT", "$LEVERET GET");
    expect_complaint(3, "LIMIT takes a whole number", "$LEVERET SCAN '' LIMIT -1");
    expect_complaint(4, "127.0.0.1 port 1", "$LEVERET --connect 127.0.0.1:1 PING");
    expect_complaint(4, "/no/socket", "$LEVERET --unix /no/socket PING");
}

Test(cli, refuses_options_that_make_no_sense)
{
    static const char *const commands[] = {
        "$LEVERET --frob",
        "$LEVERET --raw --json PING",
        "$LEVERET --connect",
        "$LEVERET --connect 127.0.0.1:99999 PING",
        "$LEVERET --timeout soon PING",
    };
    for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
        struct shell shell = shell_run("%s", commands[i]);
        cr_assert(shell.status == 2, "`%s` exits with %d: %s", commands[i], shell.status,
                  shell.err.data);
        cr_assert(shell.err.len > 0 && shell.out.len == 0, "%s", commands[i]);
        shell_fini(&shell);
    }
}

Test(cli, finds_its_server_in_many_ways)
{
    shell_expect(0, "PONG\n", "env -u LEVERET_CONNECT $LEVERET --connect $LEVERET_CONNECT PING");
    shell_expect(0, "PONG\n", "env -u LEVERET_CONNECT $LEVERET --unix $DIR/socket PING");
    shell_expect(0, "PONG\n", "LEVERET_CONNECT=unix:$DIR/socket $LEVERET PING");
    shell_expect(0, "leveret " LEVERET_VERSION "\n", "$LEVERET --version");
    shell_expect(0, NULL, "LEVERET_CONNECT=127.0.0.1:1 $LEVERET --help | grep -q 'usage: leveret'");
    shell_expect(0, NULL, "LEVERET_CONNECT=127.0.0.1:1 $LEVERET help import | grep -q TAB");
}

Test(cli, works_inside_a_prefix)
{
    shell_expect(0, "OK\n", "$LEVERET --use book: PUT a 1");
    shell_expect(0, "OK\nb\n",
                 "printf 'PUT b 2\\nSCAN \"\" AFTER a KEYS\\n' | $LEVERET --use book:");
    shell_expect(0, "book:a\t1\nbook:b\t2\n", "$LEVERET SCAN ''");
    shell_expect(0, "", "$LEVERET --use book: export '' | $LEVERET --use copy: import");
    shell_expect(0, "a\t1\nb\t2\n", "$LEVERET --use copy: SCAN ''");
    shell_expect(0, "4\n", "$LEVERET --use '' COUNT ''");
    expect_complaint(3, "LIMIT: ", "$LEVERET --use $(printf '%01025d' 0) PUT a 1");
    shell_expect(0, "4\n", "$LEVERET COUNT ''");
    shell_expect(0, NULL, "LEVERET_CONNECT=127.0.0.1:1 $LEVERET --use x help USE");
}

/* A terminal stands before the prompt; what it shows is for people, what was stored is checked. */
Test(cli, keeps_the_prefix_that_was_typed_at_the_prompt)
{
    shell_expect(
        0, NULL,
        "printf 'USE book:\\nPUT a 1\\nuse + \"x:\"\\nPUT b 2\\nUSE\\nPUT c 3\\nexit\\n' | "
        "HOME=$DIR script -qec $LEVERET /dev/null");
    shell_expect(0, "book:a\t1\nbook:x:b\t2\nc\t3\n", "$LEVERET SCAN ''");
}

Test(cli, runs_standard_input_as_a_pipeline)
{
    shell_expect(0, "OK\nOK\n1\na\t1\nb\t2\n2\n",
                 "printf 'PUT a 1\\n\\n# a remark\\nPUT \"b\" 2\\nGET a\\nSCAN \"\"\\nCOUNT \"\"' "
                 "| $LEVERET | sed '/^$/d'");
}

/* The worst status of all requests is that of the run, and nothing is left out. */
Test(cli, ends_a_pipeline_with_the_worst_status)
{
    shell_expect(1, NULL, "printf 'PUT a 1\\nGET nothing\\nGET a\\n' | $LEVERET");
    shell_expect(3, NULL, "printf 'GET nothing\\nFROB\\nGET a\\n' | $LEVERET");
    shell_expect(3, NULL, "printf 'GET \"open\\n' | $LEVERET");
    shell_expect(0, "", "$LEVERET </dev/null");
}

Test(cli, runs_100000_requests_in_order)
{
    shell_expect(0, "100000\n", "seq 100000 | sed 's/.*/PUT k& v&/' | $LEVERET | grep -c '^OK$'");
    shell_expect(0, "",
                 "seq 100000 | sed 's/.*/GET k&/' | $LEVERET >$DIR/got && "
                 "seq 100000 | sed 's/^/v/' | cmp - $DIR/got");
}

/* What it read ahead is sent also when nothing is left that could wake it up. */
Test(cli, goes_on_when_all_replies_come_at_once)
{
    shell_expect(0, "20000\n", "$SOURCE/tests/system/burst 20000 $LEVERET");
    shell_expect(0, "20000\n", "$SOURCE/tests/system/burst 20000 $LEVERET import -");
}

/* Random bytes under many keys. */
static void put_random_rows(unsigned count)
{
    struct chance chance = {60};
    struct buffer requests = {0};
    struct wire *wire = daemon_connect(server);
    char bytes[40];
    for (unsigned i = 0; i < count; i++) {
        buffer_append_string(&requests, "PUT ");
        chance_bytes(&chance, bytes, 8);
        quote_append(&requests, slice_of(bytes, 8));
        buffer_append_byte(&requests, ' ');
        size_t len = chance_below(&chance, sizeof(bytes));
        chance_bytes(&chance, bytes, len);
        quote_append(&requests, slice_of(bytes, len));
        buffer_append_byte(&requests, '\n');
    }
    wire_send(wire, buffer_slice(&requests));
    for (unsigned i = 0; i < count; i++)
        wire_expect(wire, "OK\n");
    wire_close(wire);
    buffer_fini(&requests);
}

Test(cli, exports_what_import_takes_back_byte_for_byte)
{
    put_random_rows(5000);
    shell_expect(0, "OK\n", "$LEVERET PUT '' 'an empty key'");
    shell_expect(0, NULL, "$LEVERET export '' >$DIR/one");
    shell_expect(0, NULL, "$LEVERET SCAN '' >$DIR/rows");
    struct daemon *other = daemon_run();
    setenv("OTHER", daemon_address(other), 1);
    shell_expect(0, NULL, "$LEVERET --connect $OTHER import $DIR/one");
    shell_expect(0, "", "$LEVERET --connect $OTHER export '' | cmp - $DIR/one");
    /* And so do rows as SCAN prints them, over what is there. */
    shell_expect(0, NULL, "$LEVERET --connect $OTHER import - <$DIR/rows");
    shell_expect(0, "", "$LEVERET --connect $OTHER export '' | cmp - $DIR/one");
    shell_expect(0, "5001\n", "$LEVERET --connect $OTHER COUNT ''");
    daemon_stop(other);
    daemon_free(other);
}

Test(cli, export_of_nothing_is_nothing)
{
    shell_expect(0, "", "$LEVERET export nothing:");
}

Test(cli, import_stops_at_a_bad_line_and_names_it)
{
    shell_expect(0, NULL, "printf 'a\\t1\\nb\\t2\\nno row\\nc\\t3\\n' >$DIR/rows");
    struct shell shell = shell_run("$LEVERET import $DIR/rows");
    cr_assert_eq(shell.status, 3, "%s", shell.err.data);
    cr_assert(strstr(shell.err.data, "rows:3") != NULL || strstr(shell.err.data, "line 3") != NULL,
              "%s", shell.err.data);
    cr_assert(strstr(shell.err.data, "2 rows") != NULL, "%s", shell.err.data);
    shell_fini(&shell);
    shell_expect(0, "a\t1\nb\t2\n", "$LEVERET SCAN ''");
}

Test(cli, import_refuses_bad_escapes_and_other_commands)
{
    static const char *const lines[] = {
        "a\\\\q\\t1", "a\\t\\\\x4", "DEL a", "PUT a", "PUT a b c", "PUT \"a b", "QUIT",
    };
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
        shell_expect(3, NULL, "printf '%s\\n' | $LEVERET import", lines[i]);
    shell_expect(0, "0\n", "$LEVERET COUNT ''");
    shell_expect(3, NULL, "$LEVERET import /no/such/file");
}

/* A reader that has seen enough, and a disk that is full. */
Test(cli, notices_when_its_output_cannot_be_written)
{
    put_random_rows(20000);
    struct shell shell = shell_run("$LEVERET SCAN '' | head -n 1 | wc -l");
    report_equal("one row", buffer_slice(&shell.out), SLICE("1\n"));
    shell_fini(&shell);
    shell_expect(3, "", "$LEVERET SCAN '' >/dev/full");
    shell_expect(3, "", "$LEVERET export '' >/dev/full");
    shell_expect(3, "", "$LEVERET PING >/dev/full");
}

Test(cli, shows_no_progress_on_a_pipe)
{
    put_random_rows(2000);
    struct shell shell = shell_run("$LEVERET export '' >$DIR/one");
    cr_assert(memchr(shell.err.data, '\r', shell.err.len) == NULL, "%s", shell.err.data);
    shell_fini(&shell);
    shell = shell_run("$LEVERET import $DIR/one");
    cr_assert(memchr(shell.err.data, '\r', shell.err.len) == NULL, "%s", shell.err.data);
    shell_fini(&shell);
}

Test(cli, tells_when_the_server_goes_away)
{
    put_random_rows(2000);
    daemon_stop(server);
    expect_complaint(4, "127.0.0.1", "$LEVERET GET a");
    shell_expect(4, "", "$LEVERET export ''");
    shell_expect(4, NULL, "printf 'a\\t1\\n' | $LEVERET import");
}
