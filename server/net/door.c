#include "net/door.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "net/address.h"
#include "net/doorstep.h"
#include "ops/allowed.h"
#include "ops/log.h"
#include "ops/metrics.h"

/* Longest text of a refusal with a number in it. */
#define REFUSAL_TEXT 160

/* Peers turned away before other events have their turn. */
#define DISMISSALS_A_TURN 64

/* A reason to refuse is logged so often: those who are refused may be many. */
#define COMPLAINT_MS (60 * 1000)

/* An idle peer is asked for a sign of life after so many seconds, then so often. The kernel does
 * it; an hour costs one that is there 60 packets. */
#define SIGN_AFTER 60
#define SIGN_EVERY 20

/* What the kernel may hold for a peer beyond what is on the wire, in bytes. It would hold up to 4
 * MB for each peer that reads nothing; this is enough to keep it busy until we come with more. */
#define UNSENT (256 * 1024)

struct door {
    struct admission *admission;
    struct doorstep *doorstep;
    struct worker *const *workers;
    size_t worker_count;
    size_t next_worker;
    int reserve; /* a descriptor to give up for one peer's, to tell it that there are none; or -1 */
    struct refusal refusals[ADMISSION_STRANGER + 1];         /* by their verdict; of GRANTED none */
    atomic_int_least64_t complained[ADMISSION_STRANGER + 1]; /* see log_is_due */
    char full_text[REFUSAL_TEXT];
    char crowded_text[REFUSAL_TEXT];
};

/* Refusing ----------------------------------------------------------------- */

/* The first words of the Redis texts are what its clients look for. */
static void write_refusals(struct door *door, const struct admission_options *options)
{
    snprintf(door->full_text, sizeof(door->full_text),
             "all %u connections of --max-connections are taken; try again later", options->most);
    snprintf(door->crowded_text, sizeof(door->crowded_text),
             "your address has all %u connections of --max-connections-per-address; close one",
             options->most_per_address);
    door->refusals[ADMISSION_FULL] = (struct refusal){
        .status = STATUS_LIMIT,
        .text = door->full_text,
        .redis = "ERR max number of clients reached",
    };
    door->refusals[ADMISSION_CROWDED] = (struct refusal){
        .status = STATUS_LIMIT,
        .text = door->crowded_text,
    };
    door->refusals[ADMISSION_STRANGER] = (struct refusal){
        .status = STATUS_DENIED,
        .text =
            "peers need not log in, so only loopback addresses and Unix sockets are served; start "
            "the server with --users FILE, or with --protected-mode no to serve everybody",
    };
}

/* Counts it, and says it in the log now and then. */
static void note(struct door *door, enum admission_verdict verdict,
                 const struct sockaddr_storage *peer)
{
    char address[ADDRESS_TEXT];
    metrics_add(&metrics.connections_refused, 1);
    if (!log_is_due(&door->complained[verdict], COMPLAINT_MS))
        return;
    address_format(peer, address);
    log_error("refusing connections, such as one from %s: %s", address,
              door->refusals[verdict].text);
}

/* Taking ------------------------------------------------------------------- */

/*
 * Replies are small and waited for, so they leave at once. A peer whose machine is gone takes
 * nothing and says so to nobody: the kernel gives such a one up after twice the stall time, when a
 * peer that only reads nothing has been told and closed by then. All fail harmlessly on a Unix
 * socket.
 */
static void set_peer_options(int fd)
{
    int on = 1;
    int sign_after = SIGN_AFTER;
    int sign_every = SIGN_EVERY;
    int unsent = UNSENT;
    unsigned gone = (unsigned)(2 * allowed.stall_ms) + 5000;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
    setsockopt(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &unsent, sizeof(unsent));
    setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &sign_after, sizeof(sign_after));
    setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &sign_every, sizeof(sign_every));
    setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &gone, sizeof(gone));
}

static void take(struct door *door, int fd, const struct sockaddr_storage *peer, bool secure)
{
    uint32_t seat = 0;
    enum admission_verdict verdict = admission_ask(door->admission, peer, &seat);
    if (verdict != ADMISSION_GRANTED) {
        note(door, verdict, peer);
        if (secure)
            close(fd);
        else
            doorstep_refuse(door->doorstep, fd, &door->refusals[verdict]);
        return;
    }
    set_peer_options(fd);
    worker_adopt(door->workers[door->next_worker], fd, seat, secure);
    door->next_worker = (door->next_worker + 1) % door->worker_count;
}

void door_take(void *arg, int fd, const struct sockaddr_storage *peer)
{
    take(arg, fd, peer, false);
}

void door_take_secure(void *arg, int fd, const struct sockaddr_storage *peer)
{
    take(arg, fd, peer, true);
}

/* Without a descriptor ------------------------------------------------------ */

static int open_reserve(void)
{
    return open("/dev/null", O_RDONLY | O_CLOEXEC);
}

/* Gives the reserve up for a peer's descriptor, for as long as it takes to tell it. False when
 * nobody waits, or when somebody else was quicker. */
static bool dismiss_one(struct door *door, int listening, bool secure)
{
    static const struct refusal refusal = {
        .status = STATUS_LIMIT,
        .text = "the server has no descriptor left for a connection; try again later",
        .redis = "ERR max number of clients reached",
    };
    if (door->reserve < 0)
        door->reserve = open_reserve();
    if (door->reserve < 0)
        return false;
    close(door->reserve);
    int fd = accept4(listening, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd >= 0) {
        metrics_add(&metrics.connections_refused, 1);
        if (secure)
            close(fd);
        else
            doorstep_dismiss(fd, &refusal);
    }
    door->reserve = open_reserve();
    return fd >= 0;
}

void door_turn_away(void *arg, int listening)
{
    for (int i = 0; i < DISMISSALS_A_TURN && dismiss_one(arg, listening, false); i++)
        continue;
}

void door_turn_away_secure(void *arg, int listening)
{
    for (int i = 0; i < DISMISSALS_A_TURN && dismiss_one(arg, listening, true); i++)
        continue;
}

/* Life --------------------------------------------------------------------- */

struct door *door_new(const struct admission_options *options, struct event_base *base)
{
    struct door *door = calloc(1, sizeof(*door));
    if (door == NULL)
        return NULL;
    door->admission = admission_new(options);
    door->doorstep = doorstep_new(base);
    door->reserve = open_reserve();
    write_refusals(door, options);
    if (door->admission != NULL && door->doorstep != NULL && door->reserve >= 0)
        return door;
    door_free(door);
    return NULL;
}

void door_free(struct door *door)
{
    if (door == NULL)
        return;
    doorstep_free(door->doorstep);
    admission_free(door->admission);
    if (door->reserve >= 0)
        close(door->reserve);
    free(door);
}

void door_change(struct door *door, const struct admission_options *options)
{
    write_refusals(door, options);
    admission_change(door->admission, options);
}

struct admission *door_admission(struct door *door)
{
    return door->admission;
}

void door_staff(struct door *door, const struct crew *crew)
{
    door->workers = crew_workers(crew, &door->worker_count);
}
