#include "commands/redis/client.h"

#include <stdlib.h>

static void forget(struct client *client, enum client_text which)
{
    free(client->texts[which]);
    client->texts[which] = NULL;
}

void client_fini(struct client *client)
{
    transaction_close(&client->transaction);
    for (unsigned i = 0; i < CLIENT_TEXTS; i++)
        forget(client, (enum client_text)i);
}

void client_reset(struct client *client)
{
    transaction_close(&client->transaction);
    forget(client, CLIENT_NAME);
    if (client->replies != CLIENT_SKIPS) /* a RESET whose reply was to be skipped has none */
        client->replies = CLIENT_REPLIES;
    client->no_evict = false;
    client->no_touch = false;
}

bool client_accepts(struct slice text)
{
    for (size_t i = 0; i < text.len; i++)
        if (text.data[i] < '!' || text.data[i] > '~')
            return false;
    return true;
}

bool client_keep(struct client *client, enum client_text which, struct slice text)
{
    char *kept = text.len == 0 ? NULL : strndup(text.data, text.len);
    if (text.len > 0 && kept == NULL)
        return false;
    forget(client, which);
    client->texts[which] = kept;
    return true;
}

void client_begin(struct client *client)
{
    if (client->replies == CLIENT_SKIPS_NEXT)
        client->replies = CLIENT_SKIPS;
    else if (client->replies == CLIENT_SKIPS)
        client->replies = CLIENT_REPLIES;
}

bool client_is_silent(const struct client *client)
{
    return client->replies == CLIENT_SKIPS || client->replies == CLIENT_SILENT;
}
