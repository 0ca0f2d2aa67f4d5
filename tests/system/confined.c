/*
 * Users confined to prefixes of keys: those of others neither show nor can be written, on both
 * faces. `hare` has the keys hare:... and pond:left:..., and `admin` has all.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "protocol/command.h"
#include "protocol/redis.h"
#include "tests/lib/daemon.h"
#include "tests/lib/login.h"
#include "tests/lib/scratch.h"
#include "tests/system/array.h"

static struct daemon *server;
static struct wire *hare;
static struct wire *admin;
static struct wire *redis; /* the hare's, for the other face */

/* What nobody but the admin may see: a value, and a key that no request names. */
#define TREASURE "TREASURE"
#define BURIED "BURIED"

static const char rows[] = "\"fox:" BURIED "\" \"" TREASURE "\"\n"
                           "\"fox:den\" \"" TREASURE "\"\n"
                           "\"hare\" \"" TREASURE "\"\n"
                           "\"hare:1\" \"one\"\n"
                           "\"hare:2\" \"two\"\n"
                           "\"hare;\" \"" TREASURE "\"\n"
                           "\"pond:left:1\" \"reeds\"\n"
                           "\"pond:right:1\" \"" TREASURE "\"\n"
                           "\"zebra\" \"" TREASURE "\"\n"
                           "OK 9\n";

static struct wire *connect_as(const char *login)
{
    struct wire *wire = daemon_connect(server);
    wire_ask(wire, login, "OK\n");
    return wire;
}

static void start(void)
{
    server = daemon_new();
    char *users = scratch_path(daemon_directory(server), "users");
    login_add(users, "hare", "admin", "ears", "hare: pond:left:");
    login_add(users, "admin", "admin", "keys", "");
    daemon_start(server, "--users", users, "--allow-flush", "yes", NULL);
    free(users);
    admin = connect_as("AUTH admin keys\n");
    hare = connect_as("AUTH hare ears\n");
    redis = daemon_connect(server);
    array_ask(redis, "AUTH hare ears", "+OK\r\n");
    wire_ask(admin,
             "MPUT fox:" BURIED " " TREASURE " fox:den " TREASURE " hare " TREASURE
             " hare:1 one hare:2 two 'hare;' " TREASURE " pond:left:1 reeds pond:right:1 " TREASURE
             " zebra " TREASURE "\n",
             "OK\n");
}

static void stop(void)
{
    wire_close(admin);
    wire_close(hare);
    wire_close(redis);
    daemon_stop(server);
    daemon_free(server);
}

TestSuite(confined, .init = start, .fini = stop, .timeout = 120);

#define DENIED "ERR DENIED \"a key is in none of the prefixes that the user is confined to\"\n"
#define NOPERM "-NOPERM No permissions to access a key\r\n"

/* Single keys --------------------------------------------------------------------- */

Test(confined, may_have_no_key_outside_whether_it_is_there_or_not)
{
    wire_ask(hare, "GET hare:1\nGET fox:den\nGET fox:none\nGET hare\n",
             "OK \"one\"\n" DENIED DENIED DENIED);
    wire_ask(hare, "MGET hare:1 fox:den\nEXISTS fox:den hare:1\nMGET hare:1 pond:left:1\n",
             DENIED DENIED "\"hare:1\" \"one\"\n\"pond:left:1\" \"reeds\"\nOK 2\n");
    wire_ask(hare, "PUT fox:den x\nMPUT hare:3 x fox:den x\nDEL hare:1 fox:den\nINCR fox:n\n",
             DENIED DENIED DENIED DENIED);
    wire_ask(hare, "DELIFEQ fox:den " TREASURE "\nPUT fox:den x IFEQ y\n", DENIED DENIED);
    wire_ask(admin, "SCAN ''\n", rows);
}

Test(confined, answers_writes_in_their_order_when_one_of_them_is_denied)
{
    wire_ask(hare, "PUT hare:3 a\nPUT fox:den x\nPUT hare:3 b\nGET hare:3\n",
             "OK\n" DENIED "OK\nOK \"b\"\n");
    array_say(redis, "SET hare:4 a");
    array_say(redis, "SET fox:den x");
    array_say(redis, "SET hare:4 b");
    array_ask(redis, "GET hare:4", "+OK\r\n" NOPERM "+OK\r\n$1\r\nb\r\n");
}

Test(confined, spoils_a_batch_and_a_transaction_by_a_key_outside)
{
    wire_ask(hare, "BEGIN\nPUT hare:3 x\nCHECK fox:den ABSENT\nCOMMIT\nGET hare:3\n",
             "OK\nOK\n" DENIED
             "ERR BATCH \"a request in the batch failed; nothing was changed\"\nNOT_FOUND\n");
    array_ask(redis, "MULTI", "+OK\r\n");
    array_ask(redis, "SET hare:3 x", "+QUEUED\r\n");
    array_ask(redis, "GET fox:den", NOPERM);
    array_ask(redis, "EXEC", "-EXECABORT Transaction discarded because of previous errors.\r\n");
    array_ask(redis, "WATCH fox:den", NOPERM);
    array_ask(redis, "GET hare:3", "$-1\r\n");
}

Test(confined, is_told_so_in_the_words_of_redis)
{
    static const char *const denied[] = {
        "GET fox:den",           "SET fox:den x",
        "MGET hare:1 fox:den",   "MSET hare:1 x fox:a y",
        "RENAME hare:1 fox:den", "RENAME fox:den hare:3",
        "COPY fox:den hare:3",   "COPY hare:1 fox:den REPLACE",
        "EXISTS fox:den",        "TYPE fox:den",
        "STRLEN fox:den",        "DEL hare:1 fox:den",
    };
    for (size_t i = 0; i < sizeof(denied) / sizeof(denied[0]); i++)
        array_ask(redis, denied[i], NOPERM);
    array_ask(redis, "LEVERET.GET fox:den",
              "-DENIED a key is in none of the prefixes that the user is confined to\r\n");
    wire_ask(admin, "SCAN ''\n", rows);
}

/* Ranges -------------------------------------------------------------------------- */

Test(confined, scans_its_own_keys_as_if_there_were_no_others)
{
    wire_ask(hare, "SCAN '' KEYS\n", "\"hare:1\"\n\"hare:2\"\n\"pond:left:1\"\nOK 3\n");
    wire_ask(hare, "SCAN '' KEYS REVERSE\n", "\"pond:left:1\"\n\"hare:2\"\n\"hare:1\"\nOK 3\n");
    wire_ask(hare, "SCAN pond: KEYS\nSCAN fox: KEYS\nSCAN har KEYS LIMIT 2\n",
             "\"pond:left:1\"\nOK 1\nOK 0\n\"hare:1\"\n\"hare:2\"\nOK 2\n");
    wire_ask(hare, "SCAN '' KEYS LIMIT 2\nSCAN '' KEYS AFTER hare:2\n",
             "\"hare:1\"\n\"hare:2\"\nOK 2 MORE \"hare:2\"\n\"pond:left:1\"\nOK 1\n");
    wire_ask(hare, "COUNT ''\nCOUNT fox:\nLIST ''\nLIST pond:\n",
             "OK 3\nOK 0\n\"hare:\"\n\"pond:\"\nOK 2\n\"pond:left:\"\nOK 1\n");
    wire_ask(hare, "USE pond:\nSCAN ''\nGET right:1\n",
             "OK \"pond:\"\n\"left:1\" \"reeds\"\nOK 1\n" DENIED);
}

Test(confined, keeps_one_view_over_all_its_prefixes)
{
    struct slice number;
    char request[64];
    wire_say(hare, "SNAPSHOT\n");
    number = wire_line(hare);
    snprintf(request, sizeof(request), "SCAN '' KEYS AT %.*s\n", (int)number.len - 6,
             number.data + 4);
    wire_ask(admin, "DEL hare:1\nPUT pond:left:2 x\nPUT fox:new x\n", "OK 1\nOK\nOK\n");
    wire_ask(hare, request, "\"hare:1\"\n\"hare:2\"\n\"pond:left:1\"\nOK 3\n");
}

Test(confined, walks_its_own_keys_as_redis_does)
{
    array_ask(redis, "KEYS *", "*3\r\n$6\r\nhare:1\r\n$6\r\nhare:2\r\n$11\r\npond:left:1\r\n");
    array_ask(redis, "KEYS fox*", "*0\r\n");
    array_ask(redis, "DBSIZE", ":3\r\n");
    array_ask(redis, "SCAN 0 MATCH *1",
              "*2\r\n$1\r\n0\r\n*2\r\n$6\r\nhare:1\r\n$11\r\npond:left:1\r\n");
    array_ask(redis, "FLUSHDB", "+OK\r\n");
    array_ask(redis, "RANDOMKEY", "$-1\r\n");
    wire_ask(admin, "COUNT ''\nEXISTS hare:1 hare:2 pond:left:1\n", "OK 6\nOK 0\n");
}

Test(confined, deletes_ranges_of_its_own_keys_and_no_others)
{
    wire_ask(hare, "DELPREFIX '' DRYRUN\nDELPREFIX fox:\nDELPREFIX p\nDELPREFIX ''\n",
             "OK 3\nOK 0\nOK 1\nOK 2\n");
    wire_ask(admin, "COUNT ''\n", "OK 6\n");
}

Test(confined, hears_of_its_own_keys_alone)
{
    wire_say(hare, "FOLLOW ''\n");
    wire_line(hare); /* where it begins */
    wire_ask(admin, "PUT fox:den " TREASURE "2\nMPUT fox:a 1 hare:1 uno zebra 2 pond:left:1 mud\n",
             "OK\nOK\n");
    wire_ask(admin, "DELPREFIX fox:\nDEL hare:2\n", "OK 3\nOK 1\n");
    struct buffer heard = {0};
    for (int i = 0; i < 3; i++) {
        buffer_append_slice(&heard, wire_line(hare));
        buffer_append_byte(&heard, '|');
    }
    buffer_append_byte(&heard, '\0');
    cr_assert(strstr(heard.data, "hare:1") != NULL, "%s", heard.data);
    cr_assert(strstr(heard.data, "pond:left:1") != NULL, "%s", heard.data);
    cr_assert(strstr(heard.data, "hare:2") != NULL, "%s", heard.data);
    cr_assert(strstr(heard.data, "fox") == NULL, "%s", heard.data);
    cr_assert(strstr(heard.data, "zebra") == NULL, "%s", heard.data);
    buffer_fini(&heard);
}

/* Everything ---------------------------------------------------------------------- */

/* Sends the request on a connection of the hare's own, and looks for what is not for it in all that
 * comes back. */
static void expect_nothing_shown(struct slice request)
{
    struct wire *wire = connect_as("AUTH hare ears\n");
    wire_send(wire, request);
    wire_finish(wire);
    struct slice said = wire_rest(wire);
    const char *found = memmem(said.data, said.len, TREASURE, strlen(TREASURE));
    const char *key = memmem(said.data, said.len, BURIED, strlen(BURIED));
    cr_assert(found == NULL && key == NULL, "%.*s\ngets %.*s", (int)request.len, request.data,
              (int)said.len, said.data);
    wire_close(wire);
}

/* Words that stand for the arguments: a key of others, all keys, a pattern of all. */
static const char *const words[] = {"fox:den", "\"\"", "*"};
#define WORDS (sizeof(words) / sizeof(words[0]))
#define MOST_WORDS ((size_t)5)

static void append_words(struct buffer *request, const char *word, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        buffer_append_byte(request, ' ');
        buffer_append_string(request, word);
    }
}

Test(confined, gets_nothing_of_others_from_any_command_of_ours)
{
    for (unsigned i = 0; i < COMMAND_TOTAL; i++) {
        const struct command *command = command_at((enum command_id)i);
        if (command->id == COMMAND_FOLLOW) /* which does not end */
            continue;
        for (size_t word = 0; word < WORDS; word++)
            for (size_t n = command->fewest; n <= command->most && n <= MOST_WORDS; n++) {
                struct buffer request = {0};
                buffer_append_string(&request, command->name);
                append_words(&request, words[word], n);
                buffer_append_byte(&request, '\n');
                expect_nothing_shown(buffer_slice(&request));
                buffer_fini(&request);
            }
    }
    wire_ask(admin, "MPUT hare:1 one hare:2 two pond:left:1 reeds\nSCAN ''\n", "OK\n");
    wire_expect(admin, rows);
}

Test(confined, gets_nothing_of_others_from_any_command_of_redis)
{
    for (unsigned i = 0; i < REDIS_TOTAL; i++) {
        const struct redis_command *command = redis_at((enum redis_id)i);
        size_t fewest = (size_t)(command->arity < 0 ? -command->arity : command->arity) - 1;
        size_t most = command->arity < 0 ? MOST_WORDS : fewest;
        for (size_t word = 0; word < WORDS; word++)
            for (size_t n = fewest; n <= most; n++) {
                struct buffer line = {0};
                struct buffer request = {0};
                buffer_append_string(&line, command->name);
                append_words(&line, words[word], n);
                array_append(&request, buffer_slice(&line));
                expect_nothing_shown(buffer_slice(&request));
                buffer_fini(&request);
                buffer_fini(&line);
            }
    }
    wire_ask(admin, "MPUT hare:1 one hare:2 two pond:left:1 reeds\nSCAN ''\n", "OK\n");
    wire_expect(admin, rows);
}

Test(confined, is_not_told_what_tells_of_all_keys)
{
    wire_ask(hare, "PROPERTY leveldb.sstables\nSLOWLOG\n",
             "ERR DENIED \"that tells of all keys, and the user is confined to prefixes\"\n"
             "ERR DENIED \"that tells of all keys, and the user is confined to prefixes\"\n");
    array_ask(redis, "SLOWLOG GET", NOPERM);
}
