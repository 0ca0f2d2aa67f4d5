/*
 * The page on operations: what it tells to type is typed, as it is printed; and each metric that is
 * served stands on it.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/lib/paths.h"
#include "tests/lib/report.h"
#include "tests/lib/shell.h"
#include "tests/system/scrape.h"

#define PAGE "server/dist/leveret-operations.7"

static struct daemon *server;

static void start(void)
{
    server = daemon_new();
    daemon_start(server, "--metrics", "0", NULL);
}

static void stop(void)
{
    daemon_stop(server);
    daemon_free(server);
}

TestSuite(operations, .init = start, .fini = stop, .timeout = 120);

/* Runs the commands of the page behind the mark `run: NAME`, in a directory of the test's own,
 * where `leveret` is ours and asks our server. */
static void run_block(const char *name)
{
    struct shell block =
        shell_run("$SOURCE/tests/system/page_block %s/" PAGE " %s", paths_build(), name);
    cr_assert(block.status == 0 && block.out.len > 0, "no block %s: %s", name, block.err.data);
    shell_expect(0, NULL,
                 "cd %s && export LEVERET_CONNECT=127.0.0.1:%d PATH=%s/client:$PATH\nset -e\n%s",
                 daemon_directory(server), daemon_port(server), paths_build(), block.out.data);
    shell_fini(&block);
}

Test(operations, what_was_exported_comes_back)
{
    struct wire *wire = daemon_connect(server);
    wire_ask(wire, "MPUT book:1 'a \"b\"' user:1 \"\\x00\\xFF\"\n", "OK\n");
    run_block("export");
    wire_ask(wire, "DELPREFIX ''\n", "OK 2\n");
    run_block("import");
    wire_ask(wire, "SCAN ''\n", "\"book:1\" \"a \\\"b\\\"\"\n\"user:1\" \"\\x00\\xFF\"\nOK 2\n");
    wire_close(wire);
}

Test(operations, several_prefixes_are_backed_up_at_one_moment)
{
    struct wire *wire = daemon_connect(server);
    wire_ask(wire, "MPUT book:1 a user:1 b\n", "OK\n");
    run_block("snapshot");
    shell_expect(0, "book:1\ta\nuser:1\tb\n", "cd %s && cat books users", daemon_directory(server));
    wire_close(wire);
}

Test(operations, every_metric_that_is_served_is_explained)
{
    struct buffer answer = scrape_get(server, "/metrics", 200);
    struct shell served =
        shell_feed(buffer_slice(&answer), "sed -n 's/^# TYPE \\([a-z_]*\\) .*/\\1/p' | sort");
    cr_assert(served.out.len > 500, "%s", served.out.data);
    shell_expect(0, served.out.data,
                 "sed -n 's/^[.]It Li \\([a-z_]*\\) .*/\\1/p' %s/" PAGE " | sort", paths_build());
    shell_fini(&served);
    buffer_fini(&answer);
}

/* Advice that names a metric names one that there is. */
Test(operations, advice_is_about_metrics_that_there_are)
{
    shell_expect(0, "",
                 "comm -13 <(sed -n 's/^[.]It Li \\([a-z_]*\\) .*/\\1/p' %s/" PAGE " | sort) "
                 "<(sed -n 's/^[.]Li \\(leveret_[a-z_]*\\).*/\\1/p' %s/" PAGE " | sort -u)",
                 paths_build(), paths_build());
}
