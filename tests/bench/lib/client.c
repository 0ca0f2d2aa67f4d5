#include "tests/bench/lib/client.h"

#include <arpa/inet.h>
#include <err.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int client_socket(int port)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        err(1, "socket");
    struct sockaddr_in address = {
        .sin_family = AF_INET,
        .sin_port = htons((uint16_t)port),
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
    };
    if (connect(fd, (struct sockaddr *)&address, sizeof(address)) != 0)
        err(1, "connect to port %d", port);
    int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    return fd;
}

struct client *client_open(int port)
{
    struct client *client = calloc(1, sizeof(*client));
    if (!client)
        err(1, "client");
    client->fd = client_socket(port);
    return client;
}

void client_close(struct client *client)
{
    close(client->fd);
    free(client);
}

void client_send(struct client *client, const char *text)
{
    size_t left = strlen(text);
    while (left > 0) {
        ssize_t sent = send(client->fd, text, left, MSG_NOSIGNAL);
        if (sent < 0)
            err(1, "send");
        text += sent;
        left -= (size_t)sent;
    }
}

/* Receives more behind what is held, moved to the front first. */
static void fill(struct client *client)
{
    memmove(client->bytes, client->bytes + client->start, client->end - client->start);
    client->end -= client->start;
    client->start = 0;
    if (client->end == sizeof(client->bytes))
        errx(1, "a reply has a line of more than %zu bytes", sizeof(client->bytes));
    ssize_t got =
        recv(client->fd, client->bytes + client->end, sizeof(client->bytes) - client->end, 0);
    if (got < 0)
        err(1, "recv");
    if (got == 0)
        errx(1, "the server closed the connection inside a reply");
    client->end += (size_t)got;
}

char *client_line(struct client *client)
{
    for (;;) {
        char *line = client->bytes + client->start;
        char *newline = memchr(line, '\n', client->end - client->start);
        if (newline) {
            *newline = '\0';
            client->start = (size_t)(newline + 1 - client->bytes);
            return line;
        }
        fill(client);
    }
}

void client_ask(struct client *client, const char *request, const char *expected)
{
    client_send(client, request);
    const char *line = client_line(client);
    if (strncmp(line, expected, strlen(expected)) != 0)
        errx(1, "%.60s... was answered by: %.200s", request, line);
}

void client_fact(struct client *client, const char *name, char *text, size_t size)
{
    size_t len = strlen(name);
    int found = 0;
    client_send(client, "INFO\n");
    for (char *line = client_line(client); *line == '"' || *line == '#';
         line = client_line(client)) {
        /* A row is "name" "text". */
        if (strncmp(line + 1, name, len) != 0 || line[len + 1] != '"')
            continue;
        snprintf(text, size, "%.*s", (int)strcspn(line + len + 4, "\""), line + len + 4);
        found = 1;
    }
    if (!found)
        errx(1, "INFO shows no %s", name);
}

uint64_t client_info(struct client *client, const char *name)
{
    char text[64];
    client_fact(client, name, text, sizeof(text));
    return strtoull(text, NULL, 10);
}
