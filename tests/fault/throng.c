#include "tests/fault/throng.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <sys/socket.h>

#include "tests/fault/asking.h"
#include "tests/lib/chance.h"
#include "tests/lib/deadline.h"
#include "tests/lib/report.h"

/* A turn waits no longer than this for answers, in milliseconds. */
#define TURN_MS 5

#define MOST_AT_ONCE 16
#define MOST_CLIENTS 64

/* One request whose answer is to come. */
struct asked {
    enum asking kind;
    unsigned group;
    unsigned number; /* of a write */
    unsigned key;    /* of a read */
    unsigned floor;  /* of a read; see tally_may_read */
};

struct client {
    int fd; /* -1: not connected */
    bool resp;
    unsigned first_group;
    struct chance chance;
    struct buffer out; /* not sent yet */
    struct buffer in;  /* not understood yet */
    struct asked asked[MOST_AT_ONCE];
    unsigned count; /* requests in `asked`, and how many of them are answered */
    unsigned answered;
};

struct throng {
    struct throng_options options;
    struct tally *tally;
    struct client clients[MOST_CLIENTS];
    struct throng_counts counts;
    int64_t deadline; /* something must have come until then */
};

/* Beginning ---------------------------------------------------------------- */

struct throng *throng_new(const struct throng_options *options)
{
    cr_assert(options->clients <= MOST_CLIENTS && options->at_once <= MOST_AT_ONCE);
    struct throng *throng = calloc(1, sizeof(*throng));
    cr_assert(throng != NULL);
    throng->options = *options;
    throng->tally = tally_new(options->clients * options->groups);
    for (unsigned i = 0; i < options->clients; i++) {
        struct client *client = &throng->clients[i];
        client->fd = -1;
        client->resp = i % 2 == 1;
        client->first_group = i * options->groups;
        client->chance.state = options->seed * MOST_CLIENTS + i;
    }
    return throng;
}

static void disconnect(struct client *client)
{
    if (client->fd >= 0)
        close(client->fd);
    client->fd = -1;
    client->count = client->answered = 0;
    buffer_clear(&client->in);
    buffer_clear(&client->out);
}

void throng_free(struct throng *throng)
{
    for (unsigned i = 0; i < throng->options.clients; i++) {
        disconnect(&throng->clients[i]);
        buffer_fini(&throng->clients[i].in);
        buffer_fini(&throng->clients[i].out);
    }
    tally_free(throng->tally);
    free(throng);
}

static int connect_to(int port)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    cr_assert(fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0,
              "cannot connect: %s", strerror(errno));
    return fd;
}

void throng_connect(struct throng *throng, const struct daemon *daemon)
{
    for (unsigned i = 0; i < throng->options.clients; i++) {
        disconnect(&throng->clients[i]);
        throng->clients[i].fd = connect_to(daemon_port(daemon));
    }
    throng->deadline = deadline_in(DEADLINE_SECONDS);
}

/* Asking ------------------------------------------------------------------- */

static bool may_sync(const struct throng *throng, const struct client *client)
{
    if (!throng->options.barriers || client != &throng->clients[0])
        return false;
    for (unsigned i = client->answered; i < client->count; i++)
        if (client->asked[i].kind == ASKING_SYNC)
            return false;
    return true;
}

/* About every second request is one write, every fourth a batch, every eighth a deletion. */
static enum asking choose(const struct throng *throng, struct client *client)
{
    static const enum asking usual[] = {ASKING_PUT,   ASKING_PUT,    ASKING_PUT,
                                        ASKING_BATCH, ASKING_DELETE, ASKING_READ};
    if (chance_below(&client->chance, 12) == 0 && may_sync(throng, client))
        return ASKING_SYNC;
    return usual[chance_below(&client->chance, sizeof(usual) / sizeof(usual[0]))];
}

static void ask(struct throng *throng, struct client *client)
{
    struct asked *asked = &client->asked[client->count];
    *asked = (struct asked){.kind = choose(throng, client)};
    asked->group =
        client->first_group + (unsigned)chance_below(&client->chance, throng->options.groups);
    asked->key = (unsigned)chance_below(&client->chance, tally_keys(asked->group));
    asked->floor = tally_floor(throng->tally, asked->group);
    if (asked->kind == ASKING_SYNC)
        tally_begin_barrier(throng->tally);
    else if (asked->kind != ASKING_READ)
        asked->number = tally_begin(throng->tally, asked->group, asked->kind == ASKING_DELETE);
    asking_append(&client->out, client->resp, asked->kind, asked->group,
                  asked->kind == ASKING_READ ? asked->key : asked->number);
    client->count++;
}

static void ask_more(struct throng *throng, struct client *client)
{
    if (client->fd < 0 || client->answered < client->count)
        return;
    client->count = client->answered = 0;
    size_t wanted = 1 + chance_below(&client->chance, throng->options.at_once);
    while (client->count < wanted)
        ask(throng, client);
}

/* Answers ------------------------------------------------------------------ */

static void take_write(struct throng *throng, const struct asked *asked, enum status status)
{
    if (status == STATUS_OK) {
        tally_acknowledge(throng->tally, asked->group, asked->number);
        throng->counts.acknowledged++;
    } else if (status == STATUS_UNKNOWN) {
        throng->counts.unknown++;
    } else {
        tally_refuse(throng->tally, asked->group, asked->number);
        throng->counts.refused++;
    }
}

static void take_barrier(struct throng *throng, enum status status)
{
    if (status != STATUS_OK)
        return;
    tally_end_barrier(throng->tally);
    throng->counts.barriers++;
}

static void take_read(struct throng *throng, const struct asked *asked,
                      const struct answered *answer)
{
    throng->counts.reads++;
    if (answer->status != STATUS_OK && answer->status != STATUS_NOT_FOUND) {
        throng->counts.unread++;
        return;
    }
    cr_assert(tally_may_read(throng->tally, asked->group, asked->key, asked->floor, answer->value),
              "GET %s, of which write %u was acknowledged, answered %s",
              tally_key(asked->group, asked->key), asked->floor, report_show(answer->value));
}

static void take(struct throng *throng, struct client *client, const struct answered *answer)
{
    const struct asked *asked = &client->asked[client->answered++];
    if (asked->kind == ASKING_READ)
        take_read(throng, asked, answer);
    else if (asked->kind == ASKING_SYNC)
        take_barrier(throng, answer->status);
    else
        take_write(throng, asked, answer->status);
}

static void understand(struct throng *throng, struct client *client)
{
    while (client->answered < client->count) {
        const struct asked *asked = &client->asked[client->answered];
        struct answered answer;
        size_t used = asking_read(buffer_slice(&client->in), client->resp, asked->kind,
                                  asked->group, &answer);
        if (used == 0)
            return;
        take(throng, client, &answer);
        buffer_consume(&client->in, used);
        throng->deadline = deadline_in(DEADLINE_SECONDS);
    }
    cr_assert(client->in.len == 0, "nobody asked for %s", report_show(buffer_slice(&client->in)));
}

/* Sockets ------------------------------------------------------------------ */

static void push(struct client *client)
{
    ssize_t sent = send(client->fd, client->out.data, client->out.len, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent > 0)
        buffer_consume(&client->out, (size_t)sent);
}

/* False when the connection ended. */
static bool pull(struct throng *throng, struct client *client)
{
    cr_assert(buffer_reserve(&client->in, 65536));
    ssize_t got = recv(client->fd, client->in.data + client->in.len, 65536, MSG_DONTWAIT);
    if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR))
        return false;
    client->in.len += got > 0 ? (size_t)got : 0;
    understand(throng, client);
    return true;
}

/* Moves what can be moved within so many milliseconds; how many connections had something, or a
 * negative number once one of them ended. */
static int move(struct throng *throng, int ms)
{
    struct pollfd entries[MOST_CLIENTS];
    unsigned count = throng->options.clients;
    bool ended = false;
    for (unsigned i = 0; i < count; i++) {
        short out = throng->clients[i].out.len > 0 ? POLLOUT : 0;
        entries[i] = (struct pollfd){.fd = throng->clients[i].fd, .events = (short)(POLLIN | out)};
    }
    int busy = poll(entries, count, ms);
    for (unsigned i = 0; i < count; i++) {
        struct client *client = &throng->clients[i];
        if (entries[i].revents & POLLOUT)
            push(client);
        if (entries[i].revents & ~POLLOUT && !pull(throng, client)) {
            disconnect(client);
            ended = true;
        }
    }
    return ended ? -1 : busy;
}

bool throng_turn(struct throng *throng)
{
    for (unsigned i = 0; i < throng->options.clients; i++)
        ask_more(throng, &throng->clients[i]);
    cr_assert(deadline_left(throng->deadline) > 0, "nobody is answered any more");
    return move(throng, TURN_MS) >= 0;
}

static uint64_t answered_writes(const struct throng *throng)
{
    return throng->counts.acknowledged + throng->counts.refused + throng->counts.unknown;
}

bool throng_write(struct throng *throng, uint64_t writes)
{
    uint64_t enough = answered_writes(throng) + writes;
    while (answered_writes(throng) < enough)
        if (!throng_turn(throng))
            return false;
    return true;
}

/* A daemon that is stopped takes nothing more, so what is still to be sent counts for nothing. */
void throng_drain(struct throng *throng)
{
    for (unsigned i = 0; i < throng->options.clients; i++)
        buffer_clear(&throng->clients[i].out);
    while (move(throng, 0) > 0)
        ;
}

static bool is_answered(const struct throng *throng)
{
    for (unsigned i = 0; i < throng->options.clients; i++)
        if (throng->clients[i].answered < throng->clients[i].count)
            return false;
    return true;
}

void throng_rest(struct throng *throng)
{
    while (!is_answered(throng) && move(throng, TURN_MS) >= 0)
        cr_assert(deadline_left(throng->deadline) > 0, "not everybody is answered");
}

const struct throng_counts *throng_counts(const struct throng *throng)
{
    return &throng->counts;
}

/* Judgement ---------------------------------------------------------------- */

/* `"key" "value"`, neither of which needs an escape. */
static void find_row(struct throng *throng, struct slice line)
{
    const char *middle = memmem(line.data, line.len, "\" \"", 3);
    cr_assert(middle != NULL && line.data[0] == '"', "%s is no row", report_show(line));
    const char *value = middle + 3;
    const char *end = line.data + line.len - 2; /* the quote and the LF */
    tally_find(throng->tally, slice_of(line.data + 1, (size_t)(middle - line.data) - 1),
               slice_of(value, (size_t)(end - value)));
}

void throng_judge(struct throng *throng, const struct daemon *daemon, enum tally_promise promise,
                  int64_t moment, struct tally_verdict *verdict)
{
    struct wire *wire = daemon_connect(daemon);
    wire_say(wire, "SCAN ''\n");
    struct slice line = wire_line(wire);
    for (; line.data[0] == '"'; line = wire_line(wire))
        find_row(throng, line);
    cr_assert(slice_has_prefix(line, SLICE("OK ")), "SCAN ended with %s", report_show(line));
    wire_close(wire);
    tally_judge(throng->tally, promise, moment, verdict);
}
