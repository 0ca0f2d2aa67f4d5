/*
 * Whole sessions: a real connection, loop, dispatcher and store, and a peer made of memory. The
 * replies to requests that come at once and to the same ones in pieces must be equal to the last
 * byte, and so must what is then in the store. A third peer goes away in the middle, which nobody
 * else may notice.
 */
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "server/commands/redis/cursor.h"
#include "server/commands/scans.h"
#include "server/net/admission.h"
#include "server/net/conn.h"
#include "server/ops/allowed.h"
#include "tests/fuzz/fixed.h"
#include "tests/fuzz/memory.h"
#include "tests/fuzz/target.h"

/* Longer input finds nothing that shorter does not, and takes longer. */
#define LONGEST ((size_t)16 * 1024)

/* Microseconds that a look at the clock takes for a peer that sends in pieces: after a few of them
 * a turn is over. */
#define SLOW_CLOCK 150

/* So few requests that several turns are needed for most input. */
#define TURN_REQUESTS 5

#define MOST_SCANS 4

struct session {
    char path[64]; /* of the data */
    struct service service;
    struct admission *admission;
    struct loop_options options;
    struct loop loop;
};

static void open_store(struct session *session)
{
    struct store_error error;
    struct store_options options = {
        .path = session->path,
        .create_if_missing = true,
        .sync_within = STORE_SYNC_NEVER,
        .write_buffer = 64 * 1024,
        .cache = 64 * 1024,
        .hot_values = 64 * 1024,
        .max_open_files = 100,
        .block_size = 4096,
        .block_restart_interval = 16,
        .max_file_size = 1024 * 1024,
        .max_snapshots = 4,
        .feed_history = 64 * 1024,
    };
    target_expect(store_open(&session->service.store, &options, &error), "there is a store");
}

static void open_session(struct session *session)
{
    static unsigned count;
    const char *memory = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
    *session = (struct session){0};
    snprintf(session->path, sizeof(session->path), "%s/leveret-fuzz-%d-%u", memory, (int)getpid(),
             count++);
    open_store(session);
    session->service.cursors = cursors_new();
    session->service.scans = scans_new();
    session->admission = admission_new(&(struct admission_options){.most = 1});
    target_expect(session->service.cursors != NULL && session->service.scans != NULL &&
                      session->admission != NULL,
                  "there is memory");
    allowed.scans = MOST_SCANS;
    allowed.turn_requests = TURN_REQUESTS;
    allowed.flush = true;
    fixed_tell(&session->service);
    session->options = (struct loop_options){
        .service = &session->service, .admission = session->admission, .grace = 1000000};
    target_expect(loop_init(&session->loop, &session->options, NULL), "there is a loop");
}

static int remove_entry(const char *path, const struct stat *entry, int type, struct FTW *place)
{
    (void)entry;
    (void)type;
    (void)place;
    return remove(path);
}

/* The store first, so that no commit can still come back. */
static void close_session(struct session *session)
{
    store_close(session->service.store);
    loop_fini(&session->loop);
    admission_free(session->admission);
    scans_free(session->service.scans);
    cursors_free(session->service.cursors);
    nftw(session->path, remove_entry, 4, FTW_DEPTH | FTW_PHYS);
}

/* A follower that has caught up waits for what will not come: there, the server stops. */
static void stop_follower(struct loop *loop)
{
    struct conn *conn = loop->conns;
    if (conn->state != CONN_FOLLOWING || loop->tasks != NULL || conn->out.len > 0 ||
        atomic_load(&conn->woken_posted))
        return;
    loop->stopping = true;
    conn_stop(conn);
}

/* Serves one peer until its connection has closed. */
static void serve(struct session *session, struct slice input, enum memory_manner manner)
{
    struct loop *loop = &session->loop;
    const struct sockaddr_storage peer = {.ss_family = AF_UNIX};
    uint32_t seat = 0;
    target_expect(admission_ask(session->admission, &peer, &seat) == ADMISSION_GRANTED,
                  "the one before has left");
    loop->stopping = false;
    conn_open(loop, memory_open(input, manner, target_seed(input)), seat, false);
    target_expect(loop->open == 1, "there is a connection");
    loop->conns->call.connection = 1; /* else every connection has another number */
    while (loop->open > 0) {
        stop_follower(loop);
        loop_round(loop);
    }
}

static void append_output(struct buffer *said)
{
    buffer_append_slice(said, memory_output());
    buffer_append_string(said, "\n--\n");
}

/* All that a peer was told, and what somebody after it finds. */
static void run(struct slice input, enum memory_manner manner, struct buffer *said)
{
    struct session session;
    fixed_start(manner == MEMORY_WHOLE ? 0 : SLOW_CLOCK);
    open_session(&session);
    serve(&session, input, manner);
    append_output(said);
    serve(&session, SLICE("PING\nSCAN \"\"\n"), MEMORY_WHOLE);
    target_expect(slice_has_prefix(memory_output(), SLICE("OK \"PONG\"\n")),
                  "the next peer is served");
    append_output(said);
    close_session(&session);
}

void target_take(struct slice input)
{
    struct buffer whole = {0};
    struct buffer pieces = {0};
    struct buffer rest = {0};
    if (input.len > LONGEST)
        return;
    run(input, MEMORY_WHOLE, &whole);
    run(input, MEMORY_PIECES, &pieces);
    run(input, MEMORY_LEAVES, &rest);
    target_expect_equal("in pieces it is the same", buffer_slice(&pieces), buffer_slice(&whole));
    buffer_fini(&whole);
    buffer_fini(&pieces);
    buffer_fini(&rest);
}
