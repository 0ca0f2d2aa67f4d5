/*
 * GET: through either face of the daemon, from Redis, and from LevelDB in one process.
 */
#include "tests/bench/bench.h"

#include <stdio.h>

#include "tests/bench/lib/loader.h"
#include "tests/bench/lib/local.h"
#include "tests/bench/lib/place.h"
#include "tests/bench/lib/redis.h"
#include "tests/bench/lib/rows.h"
#include "tests/bench/lib/server.h"
#include "tests/bench/lib/table.h"

#define ROWS 1000000
#define HOT 10000
#define CLIENTS 50
#define UNIT "GETs/s"

struct gets {
    struct server server;
    struct redis redis;
    struct local local;
};

static struct loader loader(enum loader_face face, pid_t pid, int port, unsigned pipeline,
                            uint64_t keys)
{
    return (struct loader){.face = face,
                           .port = port,
                           .server = pid,
                           .work = "get",
                           .clients = CLIENTS,
                           .pipeline = pipeline,
                           .keys = keys};
}

static void measure_unpipelined(struct gets *gets)
{
    const struct server *server = &gets->server;
    struct loader resp = loader(LOADER_RESP, server->pid, server->port, 1, ROWS);
    struct loader lines = loader(LOADER_LINES, server->pid, server->port, 1, ROWS);
    struct loader redis = loader(LOADER_RESP, gets->redis.pid, gets->redis.port, 1, ROWS);
    struct contestant all[] = {contestant_of("leveretd, RESP", loader_take, &resp),
                               contestant_of("leveretd, lines", loader_take, &lines),
                               contestant_of("Redis", loader_take, &redis)};
    contest_run(all, 3, CONTEST_ROUNDS);
    contest_compare(
        &(struct contest_claim){"GET, unpipelined", "Redis", RESULT_AT_LEAST, 1.2, UNIT}, &all[0],
        &all[2]);
    contest_compare(&(struct contest_claim){"lines: GET, unpipelined", "the RESP face",
                                            RESULT_AT_LEAST, 0.9, UNIT},
                    &all[1], &all[0]);
    contest_fini(all, 3);
}

static void measure_hot(struct gets *gets)
{
    const struct server *server = &gets->server;
    struct loader resp = loader(LOADER_RESP, server->pid, server->port, 32, HOT);
    struct loader lines = loader(LOADER_LINES, server->pid, server->port, 32, HOT);
    struct loader redis = loader(LOADER_RESP, gets->redis.pid, gets->redis.port, 32, HOT);
    struct loader scattered = loader(LOADER_LINES, server->pid, server->port, 32, ROWS);
    scattered.hot = HOT;
    struct contestant all[] = {
        contestant_of("leveretd, RESP", loader_take, &resp),
        contestant_of("leveretd, lines", loader_take, &lines),
        contestant_of("Redis", loader_take, &redis),
        contestant_of("leveretd, lines, scattered keys", loader_take, &scattered)};
    contest_run(all, 4, CONTEST_ROUNDS);
    contest_compare(&(struct contest_claim){"GET, 32 pipelined, 10,000 hot keys", "Redis",
                                            RESULT_AT_LEAST, 1.0, UNIT},
                    &all[0], &all[2]);
    contest_compare(&(struct contest_claim){"lines: GET, 32 pipelined, hot keys", "the RESP face",
                                            RESULT_AT_LEAST, 0.9, UNIT},
                    &all[1], &all[0]);
    contest_compare(&(struct contest_claim){"GET, 32 pipelined, hot keys far apart",
                                            "hot keys side by side", RESULT_ONLY_MEASURED, 0, UNIT},
                    &all[3], &all[1]);
    contest_fini(all, 4);
}

static void measure_uniform(struct gets *gets)
{
    const struct server *server = &gets->server;
    struct loader resp = loader(LOADER_RESP, server->pid, server->port, 32, ROWS);
    struct loader lines = loader(LOADER_LINES, server->pid, server->port, 32, ROWS);
    struct loader redis = loader(LOADER_RESP, gets->redis.pid, gets->redis.port, 32, ROWS);
    struct contestant all[] = {
        contestant_of("leveretd, RESP", loader_take, &resp),
        contestant_of("leveretd, lines", loader_take, &lines),
        contestant_of("Redis", loader_take, &redis),
        contestant_of("LevelDB in process, one thread", local_get, &gets->local)};
    contest_run(all, 4, CONTEST_ROUNDS);
    contest_compare(&(struct contest_claim){"GET, 32 pipelined, uniform over 1 M",
                                            "LevelDB in process", RESULT_AT_LEAST, 1.0, UNIT},
                    &all[0], &all[3]);
    contest_compare(&(struct contest_claim){"GET, 32 pipelined, uniform over 1 M", "Redis",
                                            RESULT_AT_LEAST, 0.6, UNIT},
                    &all[0], &all[2]);
    contest_compare(&(struct contest_claim){"lines: GET, 32 pipelined, uniform", "the RESP face",
                                            RESULT_AT_LEAST, 0.9, UNIT},
                    &all[1], &all[0]);
    contest_fini(all, 4);
}

void gets_measure(const char *directory)
{
    struct gets gets = {.local = {.keys = ROWS, .random = 88172645463325252U}};
    char *rows = place_in(directory, "rows");
    char *copy = place_in(directory, "copy");
    char *memory = place_in(directory, "redis");
    table_title("gets: GET of a million rows of 100 bytes",
                "50 clients; Redis without persistence; medians of 9 interleaved rounds, "
                "ratios within each round");
    rows_write(rows, ROWS);
    store_clone(rows, copy);
    server_start(&gets.server, rows);
    redis_start(&gets.redis, memory, REDIS_IN_MEMORY);
    rows_send(gets.redis.port, ROWS);
    gets.local.store = store_open(copy, "data");
    measure_unpipelined(&gets);
    measure_hot(&gets);
    measure_uniform(&gets);
    store_close(gets.local.store);
    redis_stop(&gets.redis);
    server_stop(&gets.server);
    free(rows);
    free(copy);
    free(memory);
}
