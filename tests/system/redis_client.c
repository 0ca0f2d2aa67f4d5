/*
 * What a Redis client says and asks about its own connection, byte for byte as Redis 7.0.15
 * answers.
 */
#include <criterion/criterion.h>

#include "tests/lib/daemon.h"
#include "tests/system/array.h"

static struct daemon *server;
static struct wire *wire;

static void start(void)
{
    server = daemon_run();
    wire = daemon_connect(server);
}

static void stop(void)
{
    wire_close(wire);
    daemon_stop(server);
    daemon_free(server);
}

TestSuite(redis_client, .init = start, .fini = stop, .timeout = 60);

static const char syntax_error[] = "-ERR syntax error\r\n";
static const char bad_name[] =
    "-ERR Client names cannot contain spaces, newlines or special characters.\r\n";

/* HELLO and AUTH ----------------------------------------------------------------- */

Test(redis_client, hello_agrees_on_a_version)
{
    array_ask(wire, "HELLO",
              "*14\r\n$6\r\nserver\r\n$5\r\nredis\r\n$7\r\nversion\r\n$6\r\n7.0.15\r\n"
              "$5\r\nproto\r\n:2\r\n$2\r\nid\r\n:1\r\n$4\r\nmode\r\n$10\r\nstandalone\r\n"
              "$4\r\nrole\r\n$6\r\nmaster\r\n$7\r\nmodules\r\n*0\r\n");
    array_ask(wire, "GET nothing", "$-1\r\n");
    array_ask(wire, "hello 3",
              "%7\r\n$6\r\nserver\r\n$5\r\nredis\r\n$7\r\nversion\r\n$6\r\n7.0.15\r\n"
              "$5\r\nproto\r\n:3\r\n$2\r\nid\r\n:1\r\n$4\r\nmode\r\n$10\r\nstandalone\r\n"
              "$4\r\nrole\r\n$6\r\nmaster\r\n$7\r\nmodules\r\n*0\r\n");
    array_ask(wire, "GET nothing", "_\r\n");
    array_ask(wire, "PING", "+PONG\r\n");
    array_ask(wire, "PING hare", "$4\r\nhare\r\n");
    array_ask(wire, "ECHO \"a\\r\\n\\xff\"", "$4\r\na\r\n\xff\r\n");
}

Test(redis_client, hello_refuses_what_redis_refuses_and_changes_nothing)
{
    const char *no_number = "-ERR Protocol version is not an integer or out of range\r\n";
    array_ask(wire, "HELLO 4", "-NOPROTO unsupported protocol version\r\n");
    array_ask(wire, "HELLO 1", "-NOPROTO unsupported protocol version\r\n");
    array_ask(wire, "HELLO three", no_number);
    array_ask(wire, "HELLO 03", no_number);
    array_ask(wire, "HELLO AUTH default x", no_number);
    array_ask(wire, "HELLO 3 SETNAME", "-ERR Syntax error in HELLO option 'SETNAME'\r\n");
    array_ask(wire, "HELLO 3 AUTH default", "-ERR Syntax error in HELLO option 'AUTH'\r\n");
    array_ask(wire, "HELLO 3 \"a\\nb\"", "-ERR Syntax error in HELLO option 'a b'\r\n");
    array_ask(wire, "HELLO 3 SETNAME 'a b'", bad_name);
    array_ask(wire, "HELLO 3 SETNAME 'a b' AUTH joe x",
              "-WRONGPASS invalid username-password pair or user is disabled.\r\n");
    array_ask(wire, "GET nothing", "$-1\r\n");
    array_ask(wire, "CLIENT GETNAME", "$-1\r\n");
}

Test(redis_client, hello_names_the_connection)
{
    array_say(wire, "HELLO 2 AUTH default whatever SETNAME joe SETNAME jane");
    wire_expect(wire, "*14\r\n$6\r\nserver\r\n$5\r\nredis\r\n$7\r\nversion\r\n$6\r\n7.0.15\r\n"
                      "$5\r\nproto\r\n:2\r\n$2\r\nid\r\n:1\r\n$4\r\nmode\r\n$10\r\nstandalone\r\n"
                      "$4\r\nrole\r\n$6\r\nmaster\r\n$7\r\nmodules\r\n*0\r\n");
    array_ask(wire, "CLIENT GETNAME", "$4\r\njane\r\n");
}

Test(redis_client, auth_ends_no_connection_where_there_is_nothing_to_guess)
{
    for (int i = 0; i < 20; i++)
        array_ask(wire, "AUTH joe secret",
                  "-WRONGPASS invalid username-password pair or user is disabled.\r\n");
    array_ask(wire, "PING", "+PONG\r\n");
}

Test(redis_client, auth_is_that_of_a_redis_without_a_password)
{
    array_ask(wire, "AUTH secret",
              "-ERR AUTH <password> called without any password configured for the default user. "
              "Are you sure your configuration is correct?\r\n");
    array_ask(wire, "AUTH default secret", "+OK\r\n");
    array_ask(wire, "AUTH joe secret",
              "-WRONGPASS invalid username-password pair or user is disabled.\r\n");
    array_ask(wire, "AUTH a b c", syntax_error);
}

/* The link ----------------------------------------------------------------------- */

Test(redis_client, select_knows_one_database)
{
    array_ask(wire, "SELECT 0", "+OK\r\n");
    array_ask(wire, "SELECT 1", "-ERR DB index is out of range\r\n");
    array_ask(wire, "SELECT -1", "-ERR DB index is out of range\r\n");
    array_ask(wire, "SELECT x", "-ERR value is not an integer or out of range\r\n");
    array_ask(wire, "SELECT 00", "-ERR value is not an integer or out of range\r\n");
    array_ask(wire, "SELECT 2147483648",
              "-ERR value is out of range, value must between -2147483648 and 2147483647\r\n");
}

Test(redis_client, reset_makes_the_connection_as_new)
{
    array_say(wire, "HELLO 3 SETNAME joe");
    wire_expect(wire, "%7\r\n$6\r\nserver\r\n$5\r\nredis\r\n$7\r\nversion\r\n$6\r\n7.0.15\r\n"
                      "$5\r\nproto\r\n:3\r\n$2\r\nid\r\n:1\r\n$4\r\nmode\r\n$10\r\nstandalone\r\n"
                      "$4\r\nrole\r\n$6\r\nmaster\r\n$7\r\nmodules\r\n*0\r\n");
    array_ask(wire, "MULTI", "+OK\r\n");
    array_ask(wire, "PING", "+QUEUED\r\n");
    array_ask(wire, "RESET", "+RESET\r\n");
    array_ask(wire, "CLIENT GETNAME", "$-1\r\n");
    array_ask(wire, "EXEC", "-ERR EXEC without MULTI\r\n");
}

Test(redis_client, reset_ends_what_the_line_face_began)
{
    wire_ask(wire, "USE hare:\n", "OK \"hare:\"\n");
    array_ask(wire, "PING", "+PONG\r\n");
    array_ask(wire, "RESET", "+RESET\r\n");
    wire_ask(wire, "USE\nBEGIN\n", "OK \"\"\nOK\n");
    array_ask(wire, "RESET", "+RESET\r\n");
    wire_ask(wire, "COMMIT\n", "ERR BATCH \"no batch is open\"\n");
    array_ask(wire, "GET nothing", "$-1\r\n");
}

Test(redis_client, quit_is_answered_before_the_connection_closes)
{
    array_say(wire, "PING");
    array_say(wire, "QUIT");
    array_say(wire, "PING");
    wire_expect(wire, "+PONG\r\n+OK\r\n");
    wire_expect_gone(wire);
}

/* Names and switches --------------------------------------------------------------- */

Test(redis_client, a_name_is_ascii_without_spaces)
{
    array_ask(wire, "CLIENT SETNAME 'a b'", bad_name);
    array_ask(wire, "CLIENT SETNAME \"a\\x00b\"", bad_name);
    array_ask(wire, "CLIENT SETNAME \"\\xc3\\xbc\"", bad_name);
    array_ask(wire, "CLIENT GETNAME", "$-1\r\n");
    array_ask(wire, "client setname h@re!", "+OK\r\n");
    array_ask(wire, "CLIENT GETNAME", "$5\r\nh@re!\r\n");
    array_ask(wire, "CLIENT SETNAME ''", "+OK\r\n");
    array_ask(wire, "CLIENT GETNAME", "$-1\r\n");
}

Test(redis_client, a_name_takes_a_kibibyte_at_most)
{
    struct buffer line = {0};
    buffer_append_string(&line, "CLIENT SETNAME ");
    for (size_t i = 0; i < 1024; i++)
        buffer_append_byte(&line, 'x');
    buffer_append_byte(&line, '\0');
    array_ask(wire, line.data, "+OK\r\n");
    line.data[line.len - 1] = 'x';
    buffer_append_byte(&line, '\0');
    array_ask(wire, line.data, "-ERR Client names cannot be longer than 1 KiB here\r\n");
    buffer_fini(&line);
}

Test(redis_client, libraries_say_what_they_are)
{
    array_ask(wire, "CLIENT SETINFO LIB-NAME hareoedis", "+OK\r\n");
    array_ask(wire, "CLIENT SETINFO lib-ver 1.2", "+OK\r\n");
    array_ask(wire, "CLIENT SETINFO LIB-VER '1 2'",
              "-ERR lib-ver cannot contain spaces, newlines or special characters.\r\n");
    array_ask(wire, "CLIENT SETINFO COLOUR brown", "-ERR Unrecognized option 'COLOUR'\r\n");
}

Test(redis_client, switches_without_an_effect_are_accepted)
{
    array_ask(wire, "CLIENT NO-EVICT on", "+OK\r\n");
    array_ask(wire, "CLIENT NO-TOUCH OFF", "+OK\r\n");
    array_ask(wire, "CLIENT NO-EVICT maybe", syntax_error);
    array_ask(wire, "CLIENT GETREDIR", ":-1\r\n");
    array_ask(wire, "CLIENT CACHING YES",
              "-ERR CLIENT CACHING can be called only when the client is in tracking mode with "
              "OPTIN or OPTOUT mode enabled\r\n");
}

Test(redis_client, unknown_subcommands_get_redis_words)
{
    array_ask(wire, "CLIENT FROB", "-ERR unknown subcommand 'FROB'. Try CLIENT HELP.\r\n");
    array_ask(wire, "CLIENT TRACKING on",
              "-ERR unknown subcommand 'TRACKING'. Try CLIENT HELP.\r\n");
    array_ask(wire, "CLIENT \"F\\nO\\x00O\"",
              "-ERR unknown subcommand 'F O'. Try CLIENT HELP.\r\n");
    array_ask(wire, "CLIENT", "-ERR wrong number of arguments for 'client' command\r\n");
    array_ask(wire, "CLIENT ID x", "-ERR wrong number of arguments for 'client|id' command\r\n");
    array_ask(wire, "CLIENT SETNAME",
              "-ERR wrong number of arguments for 'client|setname' command\r\n");
    array_ask(wire, "CLIENT ID", ":1\r\n");
}

/* Silence ------------------------------------------------------------------------ */

Test(redis_client, reply_off_silences_reads_and_writes_alike)
{
    array_say(wire, "CLIENT REPLY OFF");
    array_say(wire, "SET hare brown");
    array_say(wire, "GET hare");
    array_say(wire, "FROB");
    array_say(wire, "CLIENT LIST");
    array_say(wire, "CLIENT REPLY SKIP");
    array_say(wire, "PING");
    array_ask(wire, "CLIENT REPLY ON", "+OK\r\n");
    array_ask(wire, "GET hare", "$5\r\nbrown\r\n");
}

Test(redis_client, reply_skip_silences_the_next_request_only)
{
    array_say(wire, "CLIENT REPLY SKIP");
    array_say(wire, "PING one");
    array_ask(wire, "PING two", "$3\r\ntwo\r\n");
    array_ask(wire, "CLIENT REPLY FROB", syntax_error);
}

Test(redis_client, reset_ends_silence_but_a_skipped_one_stays_silent_itself)
{
    array_say(wire, "CLIENT REPLY OFF");
    array_ask(wire, "RESET", "+RESET\r\n");
    array_say(wire, "CLIENT REPLY SKIP");
    array_say(wire, "RESET");
    array_ask(wire, "PING hare", "$4\r\nhare\r\n");
}

/* Both writes are one submission, so they are answered after both have begun. */
Test(redis_client, reply_skip_silences_the_first_of_a_run_of_writes)
{
    struct buffer pipeline = {0};
    array_append(&pipeline, SLICE("CLIENT REPLY SKIP"));
    array_append(&pipeline, SLICE("DEL nothing"));
    array_append(&pipeline, SLICE("SET hare brown"));
    array_append(&pipeline, SLICE("PING"));
    wire_send(wire, buffer_slice(&pipeline));
    wire_expect(wire, "+OK\r\n+PONG\r\n");
    buffer_fini(&pipeline);
}

Test(redis_client, silence_is_not_for_lines)
{
    array_say(wire, "CLIENT REPLY SKIP");
    wire_ask(wire, "PING hare\n", "OK \"hare\"\n");
    array_say(wire, "PING");
    array_ask(wire, "PING", "+PONG\r\n");
    array_say(wire, "CLIENT REPLY OFF");
    array_say(wire, "PING");
    wire_ask(wire, "PING hare\n", "OK \"hare\"\n");
    array_ask(wire, "CLIENT REPLY ON", "+OK\r\n");
}
