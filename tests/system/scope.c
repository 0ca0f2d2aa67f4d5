/*
 * USE: a connection inside a prefix names and sees keys without it, in every command.
 */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "tests/lib/daemon.h"

static struct daemon *server;
static struct wire *inside;
static struct wire *outside;

static void start(void)
{
    server = daemon_new();
    daemon_start(server, NULL);
    inside = daemon_connect(server);
    outside = daemon_connect(server);
}

static void stop(void)
{
    wire_close(inside);
    wire_close(outside);
    daemon_stop(server);
    daemon_free(server);
}

TestSuite(scope, .init = start, .fini = stop, .timeout = 60);

Test(scope, goes_in_front_of_every_key_that_is_written)
{
    wire_ask(inside, "USE in:\nPUT a 1\nMPUT b 2 c 3\nINCR n 4\nPUT a 5 XX\nPUT a 6 IFEQ 1\n",
             "OK \"in:\"\nOK\nOK\nOK \"4\"\nOK\nCONFLICT \"a\"\n");
    wire_ask(inside, "DEL c in:b\nDELIFEQ b 3\nDELIFEQ b 2\n", "OK 1\nCONFLICT \"b\"\nOK\n");
    wire_ask(outside, "SCAN ''\n", "\"in:a\" \"5\"\n\"in:n\" \"4\"\nOK 2\n");
}

Test(scope, is_left_out_of_every_key_that_is_read)
{
    wire_ask(outside, "MPUT in:a 1 in:b 2 in: empty in a inz z\n", "OK\n");
    wire_ask(inside, "USE in:\n", "OK \"in:\"\n");
    wire_ask(inside, "GET a\nGET ''\nGET in:a\n", "OK \"1\"\nOK \"empty\"\nNOT_FOUND\n");
    wire_ask(inside, "MGET b nothing ''\n", "\"b\" \"2\"\n\"nothing\"\n\"\" \"empty\"\nOK 2\n");
    wire_ask(inside, "EXISTS a b z a\n", "OK 3\n");
    wire_ask(inside, "SCAN ''\n", "\"\" \"empty\"\n\"a\" \"1\"\n\"b\" \"2\"\nOK 3\n");
    wire_ask(inside, "SCAN '' VALUES\n", "\"empty\"\n\"1\"\n\"2\"\nOK 3\n");
    wire_ask(inside, "COUNT ''\nCOUNT a\n", "OK 3\nOK 1\n");
}

Test(scope, holds_for_bounds_and_for_keys_to_resume_after)
{
    wire_ask(outside, "MPUT in:a 1 in:b 2 in:c 3 in:d 4 m 5\n", "OK\n");
    wire_ask(inside, "USE in:\n", "OK \"in:\"\n");
    wire_ask(inside, "SCAN '' FROM b TO d\n", "\"b\" \"2\"\n\"c\" \"3\"\nOK 2\n");
    wire_ask(inside, "SCAN '' AFTER a LIMIT 1\n", "\"b\" \"2\"\nOK 1 MORE \"b\"\n");
    wire_ask(inside, "SCAN '' REVERSE THROUGH c LIMIT 1\n", "\"c\" \"3\"\nOK 1 MORE \"c\"\n");
    wire_ask(inside, "COUNT '' LIMIT 2\n", "OK 2 MORE \"b\"\n");
    wire_ask(inside, "SCAN '' FROM m\n", "OK 0\n");
}

Test(scope, holds_for_children)
{
    wire_ask(outside, "MPUT in:x:1 1 in:x:2 2 in:y 3 other:z 4\n", "OK\n");
    wire_ask(inside, "USE in:\n", "OK \"in:\"\n");
    wire_ask(inside, "LIST ''\n", "\"x:\"\n\"y\"\nOK 2\n");
    wire_ask(inside, "LIST '' LIMIT 1\n", "\"x:\"\nOK 1 MORE \"x:\"\n");
    wire_ask(inside, "LIST '' AFTER x:\n", "\"y\"\nOK 1\n");
    wire_ask(inside, "LIST x:\n", "\"x:1\"\n\"x:2\"\nOK 2\n");
}

Test(scope, nests_and_is_left)
{
    wire_ask(inside, "USE a:\nUSE + b:\nPUT k 1\nUSE + c:\nPUT k 2\n",
             "OK \"a:\"\nOK \"a:b:\"\nOK\nOK \"a:b:c:\"\nOK\n");
    wire_ask(inside, "USE\nSCAN ''\n", "OK \"\"\n\"a:b:c:k\" \"2\"\n\"a:b:k\" \"1\"\nOK 2\n");
    wire_ask(inside, "USE +\nPUT k 3\nUSE ''\nGET +k\n", "OK \"+\"\nOK\nOK \"\"\nOK \"3\"\n");
}

Test(scope, holds_for_batches_and_stays_while_one_is_open)
{
    wire_ask(inside, "USE in:\nBEGIN\nCHECK a ABSENT\nPUT a 1\nDEL b\nCOMMIT\n",
             "OK \"in:\"\nOK\nOK\nOK\nOK\nOK\n");
    wire_ask(outside, "GET in:a\n", "OK \"1\"\n");
    wire_ask(inside, "BEGIN\nCHECK a 2\nCOMMIT\n", "OK\nOK\nCONFLICT \"a\"\n");
    wire_ask(inside, "BEGIN\nPUT a 9\nUSE else:\nCOMMIT\nGET a\n",
             "OK\nOK\nERR BATCH \"USE cannot be in a batch\"\n"
             "ERR BATCH \"a request in the batch failed; nothing was changed\"\nOK \"1\"\n");
}

Test(scope, leaves_texts_that_are_no_keys_alone)
{
    wire_ask(inside, "USE in:\nPING hello\n", "OK \"in:\"\nOK \"hello\"\n");
    wire_say(inside, "INFO server\n");
    cr_assert(slice_has_prefix(wire_line(inside), SLICE("\"version\" ")));
}

/* Text of `len` bytes behind a command, in memory of its own. */
static char *long_line(const char *command, size_t len)
{
    size_t start = strlen(command);
    char *line = malloc(start + len + 8);
    cr_assert(line != NULL);
    memcpy(line, command, start);
    memset(line + start, 'p', len);
    strcpy(line + start + len, "\n");
    return line;
}

Test(scope, has_a_longest_prefix)
{
    char *fits = long_line("USE ", 1024);
    char *over = long_line("USE ", 1025);
    wire_ask(inside, over, "ERR LIMIT \"the prefix is longer than 1 KiB\"\n");
    wire_say(inside, fits);
    cr_assert_eq(wire_reply(inside).len, strlen("OK \"\"\n") + 1024);
    wire_ask(inside, "USE + x\n", "ERR LIMIT \"the prefix is longer than 1 KiB\"\n");
    wire_ask(inside, "PUT k 1\nGET k\n", "OK\nOK \"1\"\n");
    free(fits);
    free(over);
}

Test(scope, counts_in_the_length_of_a_key)
{
    char *line = long_line("PUT ", 64 * 1024);
    strcpy(line + strlen(line) - 1, " v\n");
    wire_ask(inside, line, "OK\n");
    wire_ask(inside, "USE x\n", "OK \"x\"\n");
    wire_ask(inside, line, "ERR LIMIT \"the key is longer than 64 KiB\"\n");
    free(line);
}

/* More keys than any buffer of the server holds at the start, all in one request. */
Test(scope, holds_for_the_largest_requests)
{
    enum { PAIRS = 32000 };
    struct buffer line = {0};
    buffer_append_string(&line, "MPUT");
    for (uint64_t i = 0; i < PAIRS; i++) {
        buffer_append_byte(&line, ' ');
        buffer_append_u64(&line, i);
        buffer_append_string(&line, " v");
    }
    buffer_append_byte(&line, '\n');
    cr_assert_not(line.failed);
    wire_ask(inside, "USE a-rather-long-prefix-in-front-of-each-of-many-keys:\n",
             "OK \"a-rather-long-prefix-in-front-of-each-of-many-keys:\"\n");
    wire_send(inside, buffer_slice(&line));
    wire_expect(inside, "OK\n");
    wire_ask(inside, "COUNT ''\nUSE\nCOUNT a-rather-long-prefix-in-front-of-each-of-many-keys:\n",
             "OK 32000\nOK \"\"\nOK 32000\n");
    buffer_fini(&line);
}

Test(scope, is_a_matter_of_one_connection)
{
    wire_ask(inside, "USE in:\nPUT a 1\n", "OK \"in:\"\nOK\n");
    wire_ask(outside, "GET a\nGET in:a\n", "NOT_FOUND\nOK \"1\"\n");
}
