/*
 * A blocking client of the line protocol, as small as a measurement needs: it adds as little as
 * possible of its own to what is measured. Trouble ends the program.
 */
#ifndef LEVERET_TESTS_BENCH_LIB_CLIENT_H
#define LEVERET_TESTS_BENCH_LIB_CLIENT_H

#include <stddef.h>
#include <stdint.h>

struct client {
    int fd;
    size_t start; /* in `bytes`: what was received and not yet taken */
    size_t end;
    char bytes[64 * 1024];
};

/* Connects to the port on 127.0.0.1. The caller ends with client_close. */
struct client *client_open(int port);

void client_close(struct client *client);

/* A bare connected socket, for measurements of many of them. The caller closes it. */
int client_socket(int port);

/* Sends a whole text. */
void client_send(struct client *client, const char *text);

/* The next line without its LF, NUL-terminated; dies with the next call. */
char *client_line(struct client *client);

/* Sends a request of one line of reply and checks that the reply starts with `expected`. */
void client_ask(struct client *client, const char *request, const char *expected);

/* What INFO shows under a name, cut to the size. */
void client_fact(struct client *client, const char *name, char *text, size_t size);

/* The same as a number. */
uint64_t client_info(struct client *client, const char *name);

#endif
