/*
 * One client that waits for each write pays one fdatasync a write. Many clients that wait at once
 * share one. The ratio of their rates is what group commit is worth on this disk.
 */
#include "tests/bench/bench.h"

#include <err.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/bench/lib/client.h"
#include "tests/bench/lib/clock.h"
#include "tests/bench/lib/samples.h"
#include "tests/bench/lib/server.h"
#include "tests/bench/lib/table.h"

#define ROUNDS 7
#define ROUND_SECONDS 1.5
#define MANY 64
#define DEPTH 32
#define VALUE_LEN 100
#define KEYS 1000000

/* A load: so many connections, each with so many writes on the way. */
struct load {
    int connections;
    int depth;
    double rate;            /* writes a second in the round just measured */
    struct samples rates;   /* the same of each round */
    struct samples ratios;  /* of each round: this load's rate to that of the first load */
    struct samples sharing; /* writes that one commit carried, one for each round */
};

/* A connection of the load: it sends its next writes when the replies of the last are complete. */
struct writer {
    int fd;
    int awaited; /* replies, each the three bytes OK LF */
    size_t received;
};

static char letters[64 * 1024]; /* values are cut out of these */
static uint64_t random_state = 88172645463325252U;

/* Xorshift: the same keys in every run. */
static uint64_t next_random(void)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return random_state;
}

static void fill_letters(void)
{
    for (size_t i = 0; i < sizeof(letters); i++)
        letters[i] = (char)('a' + next_random() % 26);
}

static void writer_send(struct writer *writer, int depth)
{
    static char text[DEPTH * (VALUE_LEN + 32)];
    int len = 0;
    for (int i = 0; i < depth; i++) {
        const char *value = letters + next_random() % (sizeof(letters) - VALUE_LEN);
        len += snprintf(text + len, sizeof(text) - (size_t)len, "PUT key:%07u %.*s\n",
                        (unsigned)(next_random() % KEYS), VALUE_LEN, value);
    }
    if (send(writer->fd, text, (size_t)len, MSG_NOSIGNAL) != len)
        err(1, "send");
    writer->awaited = depth;
    writer->received = 0;
}

/* Takes what arrived; the number of writes that it acknowledged in full rounds of the pipeline. */
static int writer_receive(struct writer *writer)
{
    char bytes[3 * DEPTH];
    ssize_t got = recv(writer->fd, bytes, sizeof(bytes), 0);
    if (got <= 0)
        err(1, "recv");
    if (memchr(bytes, 'E', (size_t)got))
        errx(1, "a write was refused: %.*s", (int)got, bytes);
    writer->received += (size_t)got;
    return writer->received == 3 * (size_t)writer->awaited ? writer->awaited : 0;
}

static void writers_open(struct writer *writers, const struct load *load, int epoll, int port)
{
    for (int i = 0; i < load->connections; i++) {
        writers[i].fd = client_socket(port);
        struct epoll_event event = {.events = EPOLLIN, .data.ptr = &writers[i]};
        if (epoll_ctl(epoll, EPOLL_CTL_ADD, writers[i].fd, &event) != 0)
            err(1, "epoll_ctl");
        writer_send(&writers[i], load->depth);
    }
}

/* Writes for a round; the rate of acknowledged writes. */
static double drive(const struct load *load, int port)
{
    struct writer writers[MANY];
    struct epoll_event events[MANY];
    int epoll = epoll_create1(EPOLL_CLOEXEC);
    if (epoll < 0)
        err(1, "epoll_create1");
    writers_open(writers, load, epoll, port);
    uint64_t done = 0;
    double start = clock_now();
    double now = start;
    for (; now - start < ROUND_SECONDS; now = clock_now()) {
        int ready = epoll_wait(epoll, events, MANY, 5000);
        if (ready <= 0)
            errx(1, "no write was acknowledged for five seconds");
        for (int i = 0; i < ready; i++) {
            int writes = writer_receive(events[i].data.ptr);
            done += (uint64_t)writes;
            if (writes > 0)
                writer_send(events[i].data.ptr, load->depth);
        }
    }
    for (int i = 0; i < load->connections; i++)
        close(writers[i].fd);
    close(epoll);
    return (double)done / (now - start);
}

static void measure_load(struct load *load, const struct server *server)
{
    struct client *client = client_open(server->port);
    uint64_t commits = client_info(client, "commits");
    uint64_t writes = client_info(client, "committed_writes");
    load->rate = drive(load, server->port);
    commits = client_info(client, "commits") - commits;
    writes = client_info(client, "committed_writes") - writes;
    samples_add(&load->rates, load->rate);
    samples_add(&load->sharing, commits ? (double)writes / (double)commits : 0);
    client_close(client);
}

static void print(struct load *one, struct load *many, struct load *pipelined)
{
    table_title("commit: writes a second, each acknowledged after its fdatasync",
                "--sync always, 100-byte values; medians of 7 interleaved rounds of 1.5 s; "
                "ratios within each round");
    table_figure("1 client", samples_median(&one->rates), "/s");
    table_figure("64 clients", samples_median(&many->rates), "/s");
    table_at_least("64 clients to 1 client", samples_median(&many->ratios), 15, "times");
    table_figure("64 clients: writes in one commit", samples_median(&many->sharing), "");
    table_figure("1 client, 32 pipelined", samples_median(&pipelined->rates), "/s");
    table_figure("1 client, 32 pipelined: writes in one commit",
                 samples_median(&pipelined->sharing), "");
}

void commit_measure(const char *directory)
{
    struct load one = {.connections = 1, .depth = 1};
    struct load many = {.connections = MANY, .depth = 1};
    struct load pipelined = {.connections = 1, .depth = DEPTH};
    struct load *loads[] = {&one, &many, &pipelined};
    struct server server;
    fill_letters();
    server_start(&server, directory);
    for (int round = 0; round < ROUNDS; round++) {
        for (size_t i = 0; i < sizeof(loads) / sizeof(*loads); i++) {
            measure_load(loads[i], &server);
            samples_add(&loads[i]->ratios, loads[i]->rate / one.rate);
        }
    }
    server_stop(&server);
    print(&one, &many, &pipelined);
    for (size_t i = 0; i < sizeof(loads) / sizeof(*loads); i++) {
        samples_fini(&loads[i]->rates);
        samples_fini(&loads[i]->ratios);
        samples_fini(&loads[i]->sharing);
    }
}
