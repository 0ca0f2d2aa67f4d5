/* hiredis, the C library under redis-cli and many others: blocking and pipelined. Debian's
 * knows no RESP 3. */
#include <criterion/criterion.h>
#include <hiredis/hiredis.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/lib/chance.h"
#include "tests/lib/daemon.h"

#define KEYS 100000

static struct daemon *server;
static redisContext *client;

static redisContext *connect_client(void)
{
    redisContext *context = redisConnect("127.0.0.1", daemon_port(server));
    cr_assert(context != NULL && context->err == 0, "hiredis does not connect");
    return context;
}

static void prepare(void)
{
    server = daemon_run();
    client = connect_client();
}

static void stop(void)
{
    redisFree(client);
    daemon_free(server);
}

TestSuite(hiredis, .init = prepare, .fini = stop, .timeout = 120);

/* The reply to a command in hiredis's own format; free it with freeReplyObject. */
#define ASK(...) expect_reply(redisCommand(client, __VA_ARGS__))

static redisReply *expect_reply(void *reply)
{
    cr_assert(reply != NULL, "no reply: %s", client->errstr);
    return reply;
}

static void expect_text(redisReply *reply, int type, const char *text)
{
    cr_assert(reply->type == type, "a reply of type %d instead of %d", reply->type, type);
    cr_assert_str_eq(reply->str, text);
    freeReplyObject(reply);
}

static void expect_number(redisReply *reply, long long number)
{
    cr_assert(reply->type == REDIS_REPLY_INTEGER, "a reply of type %d", reply->type);
    cr_assert_eq(reply->integer, number);
    freeReplyObject(reply);
}

static void expect_type(redisReply *reply, int type)
{
    cr_assert(reply->type == type, "a reply of type %d instead of %d", reply->type, type);
    freeReplyObject(reply);
}

static redisReply *next_reply(void)
{
    void *reply = NULL;
    cr_assert(redisGetReply(client, &reply) == REDIS_OK, "no reply: %s", client->errstr);
    return reply;
}

Test(hiredis, each_type_of_reply_is_what_the_library_expects)
{
    expect_text(ASK("SET name %s", "Kvothe"), REDIS_REPLY_STATUS, "OK");
    expect_text(ASK("GET name"), REDIS_REPLY_STRING, "Kvothe");
    expect_type(ASK("GET nothing"), REDIS_REPLY_NIL);
    expect_number(ASK("INCRBY number 42"), 42);
    expect_text(ASK("INCR name"), REDIS_REPLY_ERROR, "ERR value is not an integer or out of range");
    redisReply *reply = ASK("MGET name nothing");
    cr_assert(reply->type == REDIS_REPLY_ARRAY && reply->elements == 2);
    cr_assert_str_eq(reply->element[0]->str, "Kvothe");
    cr_assert_eq(reply->element[1]->type, REDIS_REPLY_NIL);
    freeReplyObject(reply);
}

Test(hiredis, a_pipeline_of_100000_is_answered_in_order)
{
    for (int i = 0; i < KEYS; i++)
        cr_assert_eq(redisAppendCommand(client, "INCR counter"), REDIS_OK);
    for (int i = 0; i < KEYS; i++)
        expect_number(next_reply(), i + 1);
}

static void queue_transaction(void)
{
    expect_text(ASK("MULTI"), REDIS_REPLY_STATUS, "OK");
    expect_text(ASK("SET doors 4"), REDIS_REPLY_STATUS, "QUEUED");
    expect_text(ASK("INCR doors"), REDIS_REPLY_STATUS, "QUEUED");
}

Test(hiredis, a_transaction_runs_as_one_or_not_at_all)
{
    queue_transaction();
    redisReply *reply = ASK("EXEC");
    cr_assert(reply->type == REDIS_REPLY_ARRAY && reply->elements == 2);
    cr_assert_eq(reply->element[1]->integer, 5);
    freeReplyObject(reply);

    redisContext *other = connect_client();
    expect_text(ASK("WATCH doors"), REDIS_REPLY_STATUS, "OK");
    freeReplyObject(expect_reply(redisCommand(other, "SET doors none")));
    queue_transaction();
    expect_type(ASK("EXEC"), REDIS_REPLY_NIL);
    expect_text(ASK("GET doors"), REDIS_REPLY_STRING, "none");
    redisFree(other);
}

static void put_keys(void)
{
    for (int i = 0; i < KEYS; i++)
        cr_assert_eq(redisAppendCommand(client, "SET key:%d %d", i, i), REDIS_OK);
    for (int i = 0; i < KEYS; i++)
        expect_text(next_reply(), REDIS_REPLY_STATUS, "OK");
}

/* Counts each key of one page, and takes its cursor along. */
static void take_page(redisReply *page, unsigned char *seen, char cursor[32])
{
    cr_assert(page->type == REDIS_REPLY_ARRAY && page->elements == 2);
    snprintf(cursor, 32, "%s", page->element[0]->str);
    for (size_t i = 0; i < page->element[1]->elements; i++) {
        long key = strtol(page->element[1]->element[i]->str + strlen("key:"), NULL, 10);
        cr_assert(key >= 0 && key < KEYS);
        cr_assert(++seen[key] == 1, "key:%ld came twice", key);
    }
    freeReplyObject(page);
}

Test(hiredis, a_scan_of_100000_keys_names_each_once)
{
    static unsigned char seen[KEYS];
    char cursor[32] = "0";
    put_keys();
    do
        take_page(ASK("SCAN %s MATCH key:* COUNT 500", cursor), seen, cursor);
    while (strcmp(cursor, "0") != 0);
    cr_assert(memchr(seen, 0, sizeof(seen)) == NULL, "a key is missing");
}

Test(hiredis, any_bytes_of_any_length_come_back)
{
    static char bytes[10 * 1024 * 1024];
    struct chance chance = {1};
    chance_bytes(&chance, bytes, sizeof(bytes));
    for (size_t len = 0; len <= sizeof(bytes); len = len * 8 + 1) {
        size_t part = len * 8 + 1 > sizeof(bytes) ? sizeof(bytes) : len;
        expect_type(ASK("SET %b %b", "a\0key\r\n", (size_t)7, bytes, part), REDIS_REPLY_STATUS);
        redisReply *reply = ASK("GET %b", "a\0key\r\n", (size_t)7);
        cr_assert(reply->len == part && memcmp(reply->str, bytes, part) == 0,
                  "%zu bytes came back as %zu others", part, reply->len);
        freeReplyObject(reply);
    }
}

Test(hiredis, a_reconnect_after_a_restart_finds_everything)
{
    char address[32];
    snprintf(address, sizeof(address), "127.0.0.1:%d", daemon_port(server));
    expect_text(ASK("SET kept across"), REDIS_REPLY_STATUS, "OK");
    daemon_stop(server);
    daemon_start(server, "--listen", address, NULL);
    cr_assert(redisCommand(client, "GET kept") == NULL, "a closed connection answered");
    cr_assert_eq(redisReconnect(client), REDIS_OK);
    expect_text(ASK("GET kept"), REDIS_REPLY_STRING, "across");
}
