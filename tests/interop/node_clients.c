/* ioredis and node-redis, each in both versions of RESP: all that redis_story.js tells, with a
 * restart of the daemon in the middle of it. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/lib/daemon.h"
#include "tests/lib/paths.h"
#include "tests/lib/process.h"
#include "tests/lib/scratch.h"

static void set_modules(void)
{
    char *modules = scratch_path(paths_build(), "npm/node_modules");
    setenv("NODE_PATH", modules, 1);
    free(modules);
}

TestSuite(node_clients, .init = set_modules, .timeout = 120);

static void start_story(struct process *story, const char *library, const char *version,
                        const char *port)
{
    char *script = scratch_path(paths_source(), "tests/interop/redis_story.js");
    const char *argv[] = {"/usr/bin/env", "node", script, library, version, port, NULL};
    char *none[] = {NULL};
    process_init(story);
    process_start(story, argv, none, 0);
    free(script);
}

static void tell(const char *library, const char *version)
{
    struct daemon *server = daemon_run();
    struct process story;
    char address[32];
    snprintf(address, sizeof(address), "127.0.0.1:%d", daemon_port(server));
    start_story(&story, library, version, strchr(address, ':') + 1);
    process_await(&story, "restart me");
    daemon_stop(server);
    daemon_start(server, "--listen", address, NULL);
    int status = process_wait(&story);
    cr_assert(status == 0, "%s, RESP %s: %s", library, version, process_err(&story));
    process_fini(&story);
    daemon_free(server);
}

Test(node_clients, ioredis_works_unchanged)
{
    tell("ioredis", "2");
}

Test(node_clients, ioredis_works_unchanged_with_resp_3)
{
    tell("ioredis", "3");
}

Test(node_clients, node_redis_works_unchanged)
{
    tell("node_redis", "2");
}

Test(node_clients, node_redis_works_unchanged_with_resp_3)
{
    tell("node_redis", "3");
}
