#include "tests/bench/lib/scanner.h"

#include <err.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "tests/bench/lib/client.h"
#include "tests/bench/lib/clock.h"

double scanner_first(int port, const char *prefix)
{
    struct client *client = client_open(port);
    client_ask(client, "PING\n", "OK");
    char byte;
    char request[128];
    snprintf(request, sizeof(request), "SCAN %s\n", prefix);
    double start = clock_now();
    client_send(client, request);
    if (recv(client->fd, &byte, 1, 0) != 1 || byte != '"')
        errx(1, "the scan has no first byte");
    double seconds = clock_now() - start;
    client_close(client);
    return seconds;
}

double scanner_read(int port, const char *prefix, uint64_t rows)
{
    static char bytes[256 * 1024];
    struct client *client = client_open(port);
    uint64_t lines = 0;
    char request[128];
    snprintf(request, sizeof(request), "SCAN %s\nQUIT\n", prefix);
    double start = clock_now();
    client_send(client, request);
    ssize_t got;
    while ((got = recv(client->fd, bytes, sizeof(bytes), 0)) > 0) {
        const char *end = bytes + got;
        for (char *at = bytes; (at = memchr(at, '\n', (size_t)(end - at))); at++)
            lines++;
    }
    double seconds = clock_now() - start;
    client_close(client);
    if (lines != rows + 2)
        errx(1, "the socket gave %ju lines for %ju rows", (uintmax_t)lines, (uintmax_t)rows);
    return (double)rows / seconds;
}
