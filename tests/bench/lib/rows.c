#include "tests/bench/lib/rows.h"

#include <err.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "tests/bench/lib/client.h"
#include "tests/bench/lib/store.h"

/* Rows of one batch, and of one sending. */
#define AT_ONCE 1000

void rows_key(char key[ROWS_KEY_LEN], uint64_t number)
{
    memcpy(key, "key:", 4);
    for (int i = ROWS_KEY_LEN - 1; i >= 4; i--, number /= 10)
        key[i] = (char)('0' + number % 10);
}

void rows_value(char value[ROWS_VALUE_LEN], uint64_t number)
{
    static const char letters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    uint64_t state = number * 2 + 1;
    for (size_t i = 0; i < ROWS_VALUE_LEN / 2; i++) {
        state = state * 6364136223846793005U + 1442695040888963407U;
        value[i] = letters[state >> 58];
    }
    memcpy(value + ROWS_VALUE_LEN / 2, value, ROWS_VALUE_LEN / 2);
}

uint64_t rows_random(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

void rows_write(const char *directory, uint64_t count)
{
    char key[ROWS_KEY_LEN];
    char value[ROWS_VALUE_LEN];
    if (mkdir(directory, 0700) != 0)
        err(1, "%s", directory);
    struct store *store = store_open(directory, "data");
    for (uint64_t i = 0; i < count; i++) {
        rows_key(key, i);
        rows_value(value, i);
        store_gather(store, key, sizeof(key), value, sizeof(value));
        if (i % AT_ONCE == AT_ONCE - 1 || i == count - 1)
            store_write(store, false);
    }
    store_compact(store);
    store_close(store);
}

/* Each reply is the five bytes +OK CR LF. */
static void take_replies(int fd, uint64_t count)
{
    char replies[5 * AT_ONCE];
    size_t len = 5 * count;
    if (recv(fd, replies, len, MSG_WAITALL) != (ssize_t)len || memchr(replies, '-', len))
        errx(1, "Redis did not take the rows");
}

void rows_send(int port, uint64_t count)
{
    static char text[AT_ONCE * (ROWS_KEY_LEN + ROWS_VALUE_LEN + 64)];
    struct client *client = client_open(port);
    char key[ROWS_KEY_LEN];
    char value[ROWS_VALUE_LEN];
    for (uint64_t i = 0; i < count;) {
        uint64_t first = i;
        int len = 0;
        for (; i < count && i < first + AT_ONCE; i++) {
            rows_key(key, i);
            rows_value(value, i);
            len += snprintf(text + len, sizeof(text) - (size_t)len,
                            "*3\r\n$3\r\nSET\r\n$%d\r\n%.*s\r\n$%d\r\n%.*s\r\n", ROWS_KEY_LEN,
                            ROWS_KEY_LEN, key, ROWS_VALUE_LEN, ROWS_VALUE_LEN, value);
        }
        client_send(client, text);
        take_replies(client->fd, i - first);
    }
    client_close(client);
}
