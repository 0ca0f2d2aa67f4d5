#include "commands/redis/portrait.h"

#include <stdio.h>

#include "commands/redis/fold.h"

/* Longest flags, with their NUL. */
#define FLAGS 8

static const char unix_start[] = "unix:";

void portrait_address(const char *address, char text[PORTRAIT_ADDRESS])
{
    size_t start = sizeof(unix_start) - 1;
    if (strncmp(address, unix_start, start) == 0)
        snprintf(text, PORTRAIT_ADDRESS, "%s:0", address + start);
    else
        snprintf(text, PORTRAIT_ADDRESS, "%s", address);
}

const char *portrait_remote(const struct peer *peer)
{
    return strcmp(peer->address, unix_start) == 0 ? peer->local : peer->address;
}

static void append_field(struct buffer *text, const char *name, const char *value)
{
    if (name[0] != 'i' || name[1] != 'd' || name[2] != '\0')
        buffer_append_byte(text, ' ');
    buffer_append_string(text, name);
    buffer_append_byte(text, '=');
    buffer_append_string(text, value == NULL ? "" : value);
}

static void append_number(struct buffer *text, const char *name, int64_t number)
{
    char digits[24];
    snprintf(digits, sizeof(digits), "%lld", (long long)number);
    append_field(text, name, digits);
}

static void append_address(struct buffer *text, const char *name, const char *address)
{
    char shown[PORTRAIT_ADDRESS];
    portrait_address(address, shown);
    append_field(text, name, shown);
}

static void append_flags(struct buffer *text, const struct peer *peer)
{
    const struct client *client = &peer->call->client;
    char flags[FLAGS];
    size_t count = 0;
    if (transaction_is_open(&client->transaction))
        flags[count++] = 'x';
    if (strncmp(peer->local, unix_start, sizeof(unix_start) - 1) == 0)
        flags[count++] = 'U';
    if (client->no_evict)
        flags[count++] = 'e';
    if (client->no_touch)
        flags[count++] = 'T';
    if (count == 0)
        flags[count++] = 'N';
    flags[count] = '\0';
    append_field(text, "flags", flags);
}

static void append_command(struct buffer *text, const struct call *call)
{
    char name[FOLD_NAME] = "NULL";
    if (call->last != NULL)
        fold_name(name, call->last, call->last_part);
    append_field(text, "cmd", name);
}

/* What the connection takes of memory beside itself. */
static void append_memory(struct buffer *text, const struct peer *peer)
{
    const struct transaction *transaction = &peer->call->client.transaction;
    bool open = transaction_is_open(transaction);
    size_t queued = open ? transaction->writes->mutations.len : 0;
    append_number(text, "multi", open ? (int64_t)transaction->count : -1);
    append_number(text, "qbuf", (int64_t)peer->unread);
    append_number(text, "qbuf-free", 0);
    append_number(text, "argv-mem", 0);
    append_number(text, "multi-mem", (int64_t)queued);
    append_number(text, "rbs", 0);
    append_number(text, "rbp", 0);
    append_number(text, "obl", (int64_t)peer->unsent);
    append_number(text, "oll", 0);
    append_number(text, "omem", 0);
    append_number(text, "tot-mem", (int64_t)(peer->unread + peer->unsent + queued));
}

void portrait_append(struct buffer *text, const struct peer *peer)
{
    const struct call *call = peer->call;
    char *const *texts = call->client.texts;
    append_number(text, "id", (int64_t)call->connection);
    append_address(text, "addr", portrait_remote(peer));
    append_address(text, "laddr", peer->local);
    append_number(text, "fd", peer->fd);
    append_field(text, "name", texts[CLIENT_NAME]);
    append_number(text, "age", peer->age);
    append_number(text, "idle", peer->idle);
    append_flags(text, peer);
    append_number(text, "db", 0);
    append_number(text, "sub", 0);
    append_number(text, "psub", 0);
    append_number(text, "ssub", 0);
    append_memory(text, peer);
    append_field(text, "events", peer->unsent > 0 ? "rw" : "r");
    append_command(text, call);
    append_field(text, "user", call->user->name[0] == '\0' ? "default" : call->user->name);
    append_number(text, "redir", -1);
    append_number(text, "resp", call->reply.resp3 ? 3 : 2);
    append_field(text, "lib-name", texts[CLIENT_LIBRARY]);
    append_field(text, "lib-ver", texts[CLIENT_LIBRARY_VERSION]);
    buffer_append_byte(text, '\n');
}
