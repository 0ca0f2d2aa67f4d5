/*
 * SET: acknowledged after its fdatasync, beside Redis that does the same; and with a disk that is
 * asked once a second, beside LevelDB in one process.
 */
#include "tests/bench/bench.h"

#include <stdio.h>
#include <string.h>

#include "tests/bench/lib/loader.h"
#include "tests/bench/lib/local.h"
#include "tests/bench/lib/place.h"
#include "tests/bench/lib/redis.h"
#include "tests/bench/lib/rows.h"
#include "tests/bench/lib/server.h"
#include "tests/bench/lib/table.h"

#define ROWS 1000000
#define CLIENTS 50
#define UNIT "SETs/s"

struct sets {
    struct server server;
    struct redis durable;
    struct redis memory;
};

static struct loader loader(enum loader_face face, pid_t pid, int port, unsigned pipeline)
{
    return (struct loader){.face = face,
                           .port = port,
                           .server = pid,
                           .work = "set",
                           .clients = CLIENTS,
                           .pipeline = pipeline,
                           .keys = ROWS};
}

/* How each claim is called, unpipelined or pipelined. */
struct titles {
    const char *durable;
    const char *lines;
    double target;
};

static void measure_durable(struct sets *sets, unsigned pipeline, const struct titles *titles)
{
    const struct server *server = &sets->server;
    struct loader resp = loader(LOADER_RESP, server->pid, server->port, pipeline);
    struct loader lines = loader(LOADER_LINES, server->pid, server->port, pipeline);
    struct loader durable = loader(LOADER_RESP, sets->durable.pid, sets->durable.port, pipeline);
    struct loader memory = loader(LOADER_RESP, sets->memory.pid, sets->memory.port, pipeline);
    struct contestant all[] = {contestant_of("leveretd --sync always, RESP", loader_take, &resp),
                               contestant_of("leveretd --sync always, lines", loader_take, &lines),
                               contestant_of("Redis, appendfsync always", loader_take, &durable),
                               contestant_of("Redis without persistence", loader_take, &memory)};
    contest_run(all, 4, CONTEST_ROUNDS);
    contest_compare(&(struct contest_claim){titles->durable, "Redis, appendfsync always",
                                            RESULT_AT_LEAST, titles->target, UNIT},
                    &all[0], &all[2]);
    contest_compare(&(struct contest_claim){titles->durable, "Redis without persistence",
                                            RESULT_ONLY_MEASURED, 0, UNIT},
                    &all[0], &all[3]);
    contest_compare(
        &(struct contest_claim){titles->lines, "the RESP face", RESULT_AT_LEAST, 0.9, UNIT},
        &all[1], &all[0]);
    contest_fini(all, 4);
}

/* The daemon serves a store that nobody wrote to since it was compacted, and so does the other. */
static void measure_lazy(const char *rows, const char *directory)
{
    struct server server;
    struct local local = {.keys = ROWS, .random = 88172645463325252U};
    char *served = place_in(directory, "lazy");
    char *opened = place_in(directory, "local");
    char work[64];
    char name[64];
    store_clone(rows, served);
    store_clone(rows, opened);
    server_start_with(&server, served, (const char *const[]){"--sync", server_lazy_sync(), NULL});
    local.store = store_open(opened, "data");
    struct loader resp = loader(LOADER_RESP, server.pid, server.port, 32);
    struct loader lines = loader(LOADER_LINES, server.pid, server.port, 32);
    snprintf(work, sizeof(work), "SET --sync %s, 32 pipelined", server_lazy_sync());
    snprintf(name, sizeof(name), "lines: SET --sync %s, 32 pipelined", server_lazy_sync());
    struct contestant all[] = {
        contestant_of("leveretd, RESP", loader_take, &resp),
        contestant_of("leveretd, lines", loader_take, &lines),
        contestant_of("LevelDB in process, batches of 100", local_write, &local)};
    contest_run(all, 3, CONTEST_ROUNDS);
    contest_compare(&(struct contest_claim){work, "LevelDB in process, batches of 100",
                                            RESULT_AT_LEAST, 0.8, UNIT},
                    &all[0], &all[2]);
    contest_compare(&(struct contest_claim){name, "the RESP face", RESULT_AT_LEAST, 0.9, UNIT},
                    &all[1], &all[0]);
    contest_fini(all, 3);
    store_close(local.store);
    server_stop(&server);
    free(served);
    free(opened);
}

void sets_measure(const char *directory)
{
    struct sets sets;
    char *rows = place_in(directory, "rows");
    char *served = place_in(directory, "served");
    char *durable = place_in(directory, "redis-durable");
    char *memory = place_in(directory, "redis-memory");
    table_title("sets: SET of 100 bytes under one of a million keys",
                "50 clients; medians of 9 interleaved rounds, ratios within each round; "
                "compactions that a turn leaves behind count as its CPU");
    rows_write(rows, ROWS);
    measure_lazy(rows, directory);
    store_clone(rows, served);
    server_start(&sets.server, served);
    redis_start(&sets.durable, durable, REDIS_ON_DISK);
    redis_start(&sets.memory, memory, REDIS_IN_MEMORY);
    rows_send(sets.durable.port, ROWS);
    rows_send(sets.memory.port, ROWS);
    measure_durable(
        &sets, 1,
        &(struct titles){"SET durable, unpipelined", "lines: SET durable, unpipelined", 1.0});
    measure_durable(
        &sets, 32,
        &(struct titles){"SET durable, 32 pipelined", "lines: SET durable, 32 pipelined", 1.2});
    redis_stop(&sets.durable);
    redis_stop(&sets.memory);
    server_stop(&sets.server);
    free(rows);
    free(served);
    free(durable);
    free(memory);
}
