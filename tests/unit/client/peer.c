#include "tests/unit/client/peer.h"

#include <criterion/criterion.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "tests/lib/report.h"
#include "tests/lib/scratch.h"

struct peer {
    char *directory;
    char address[160];
    int listener;
    int fd; /* -1 between connections */
    pthread_t thread;
    void (*play)(struct peer *peer);

    const struct peer_step *steps;
    size_t count;
    size_t lines; /* of a flood */
    size_t size;
    char problem[512]; /* why the script could not be played; "" when it was */
};

static bool is_open(struct peer *peer)
{
    if (peer->fd < 0)
        peer->fd = accept(peer->listener, NULL, NULL);
    return peer->fd >= 0;
}

static void hear(struct peer *peer, struct slice expected)
{
    struct buffer heard = {0};
    while (heard.len < expected.len && buffer_reserve(&heard, expected.len)) {
        ssize_t got = recv(peer->fd, heard.data + heard.len, expected.len - heard.len, 0);
        if (got <= 0)
            break;
        heard.len += (size_t)got;
    }
    if (!slice_equal(buffer_slice(&heard), expected))
        snprintf(peer->problem, sizeof(peer->problem), "heard %s, expected %s",
                 report_show(buffer_slice(&heard)), report_show(expected));
    buffer_fini(&heard);
}

/* A client that has gone is no problem of the script: the steps behind say what is expected. */
static bool say(struct peer *peer, struct slice bytes)
{
    size_t at = 0;
    while (at < bytes.len) {
        ssize_t sent = send(peer->fd, bytes.data + at, bytes.len - at, MSG_NOSIGNAL);
        if (sent < 0)
            return false;
        at += (size_t)sent;
    }
    return true;
}

static void hang_up(struct peer *peer)
{
    close(peer->fd);
    peer->fd = -1;
}

static void stay_silent(struct peer *peer)
{
    char bytes[4096];
    while (recv(peer->fd, bytes, sizeof(bytes), 0) > 0)
        continue;
    hang_up(peer);
}

static void part(struct peer *peer)
{
    char byte;
    if (recv(peer->fd, &byte, 1, 0) > 0)
        snprintf(peer->problem, sizeof(peer->problem), "heard more than was expected");
    hang_up(peer);
}

/* A server at long work. */
static void remark(struct peer *peer, struct slice first)
{
    (void)say(peer, first);
    for (unsigned i = 0; i < 5; i++) {
        poll(NULL, 0, 300);
        (void)say(peer, SLICE("# still at it\n"));
    }
}

static void play_step(struct peer *peer, const struct peer_step *step)
{
    struct slice text = step->text == NULL ? SLICE("") : slice_from_string(step->text);
    switch (step->act) {
    case PEER_HEAR:
        hear(peer, text);
        break;
    case PEER_SAY:
        (void)say(peer, text);
        break;
    case PEER_DRIBBLE:
        for (size_t i = 0; i < text.len; i++)
            (void)say(peer, slice_of(text.data + i, 1));
        break;
    case PEER_REMARKS:
        remark(peer, text);
        break;
    case PEER_HANG_UP:
        hang_up(peer);
        break;
    case PEER_SILENCE:
        stay_silent(peer);
        break;
    case PEER_PART:
        part(peer);
        break;
    }
}

static void play_script(struct peer *peer)
{
    for (size_t i = 0; i < peer->count && peer->problem[0] == '\0'; i++)
        if (is_open(peer))
            play_step(peer, &peer->steps[i]);
}

static bool answer_line(struct peer *peer, size_t number)
{
    struct buffer reply = {0};
    buffer_append_byte(&reply, '"');
    for (size_t i = 0; i < peer->size; i++)
        buffer_append_byte(&reply, 'x');
    buffer_append_u64(&reply, number);
    buffer_append_string(&reply, "\"\nOK 1\n");
    bool said = say(peer, buffer_slice(&reply));
    buffer_fini(&reply);
    return said;
}

static void play_flood(struct peer *peer)
{
    size_t answered = 0;
    char bytes[4096];
    while (is_open(peer) && answered < peer->lines) {
        ssize_t got = recv(peer->fd, bytes, sizeof(bytes), 0);
        if (got <= 0)
            return;
        for (ssize_t i = 0; i < got; i++)
            if (bytes[i] == '\n' && !answer_line(peer, answered++))
                return;
    }
}

static void *run(void *argument)
{
    struct peer *peer = argument;
    peer->play(peer);
    if (peer->fd >= 0)
        hang_up(peer);
    return NULL;
}

static void listen_on(struct peer *peer, const char *path)
{
    struct sockaddr_un where = {.sun_family = AF_UNIX};
    cr_assert_lt(strlen(path), sizeof(where.sun_path));
    memcpy(where.sun_path, path, strlen(path));
    peer->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    cr_assert(bind(peer->listener, (struct sockaddr *)&where, sizeof(where)) == 0);
    cr_assert(listen(peer->listener, 8) == 0);
}

static struct peer *start(struct peer settings)
{
    struct peer *peer = malloc(sizeof(*peer));
    cr_assert_not_null(peer);
    *peer = settings;
    peer->fd = -1;
    peer->directory = scratch_new();
    char *path = scratch_path(peer->directory, "socket");
    snprintf(peer->address, sizeof(peer->address), "unix:%s", path);
    listen_on(peer, path);
    free(path);
    cr_assert(pthread_create(&peer->thread, NULL, run, peer) == 0);
    return peer;
}

struct peer *peer_open(const struct peer_step *steps, size_t count)
{
    return start((struct peer){.play = play_script, .steps = steps, .count = count});
}

struct peer *peer_open_flood(size_t lines, size_t size)
{
    return start((struct peer){.play = play_flood, .lines = lines, .size = size});
}

const char *peer_address(const struct peer *peer)
{
    return peer->address;
}

struct leveret *peer_client(const struct peer *peer)
{
    struct leveret *db = leveret_new(peer->address);
    cr_assert_not_null(db);
    leveret_set_timeouts(db, 5000, 5000);
    return db;
}

void peer_close(struct peer *peer)
{
    shutdown(peer->listener, SHUT_RDWR); /* a script still waiting for a connection ends */
    pthread_join(peer->thread, NULL);
    close(peer->listener);
    scratch_remove(peer->directory);
    cr_assert(peer->problem[0] == '\0', "%s", peer->problem);
    free(peer);
}
