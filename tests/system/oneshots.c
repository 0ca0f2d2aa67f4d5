/*
 * The `leveret` command line on views, long work and the change feed.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/lib/daemon.h"
#include "tests/lib/report.h"
#include "tests/lib/shell.h"

static struct daemon *server;

static void start(void)
{
    server = daemon_run();
    setenv("LEVERET_CONNECT", daemon_address(server), 1);
    setenv("DIR", daemon_directory(server), 1);
}

static void stop(void)
{
    daemon_free(server);
}

TestSuite(oneshots, .init = start, .fini = stop, .timeout = 120);

Test(oneshots, read_at_a_snapshot)
{
    shell_expect(0, "OK\n", "$LEVERET MPUT a 1 b 2 c:d 3");
    shell_expect(0, NULL, "$LEVERET SNAPSHOT TTL 600 >$DIR/then && $LEVERET MPUT a 9 e 4");
    shell_expect(0, "1\n", "$LEVERET GET a AT $(cat $DIR/then)");
    shell_expect(0, "9\n", "$LEVERET GET a VERIFY NOCACHE");
    shell_expect(0, "a\t1\ne\n", "$LEVERET MGET a e AT $(cat $DIR/then)");
    shell_expect(0, "{\"key\":\"a\",\"value\":\"1\"}\n{\"key\":\"e\",\"value\":null}\n",
                 "$LEVERET --json MGET a e AT $(cat $DIR/then)");
    shell_expect(0, "a\t1\nb\t2\nc:d\t3\n", "$LEVERET SCAN '' AT $(cat $DIR/then)");
    shell_expect(0, "{\"value\":\"1\"}\n",
                 "$LEVERET --json SCAN '' AT $(cat $DIR/then) BYTES 1 VALUES 2>/dev/null");
    shell_expect(0, "3\n", "$LEVERET COUNT '' AT $(cat $DIR/then)");
    shell_expect(0, "a\nb\nc:\n", "$LEVERET LIST '' AT $(cat $DIR/then)");
    shell_expect(0, "OK\n", "$LEVERET RELEASE $(cat $DIR/then)");
    shell_expect(3, "", "$LEVERET RELEASE $(cat $DIR/then)");
    shell_expect(3, "", "$LEVERET SCAN '' AT $(cat $DIR/then)");
    shell_expect(0, "OK\n", "$LEVERET SYNC");
}

Test(oneshots, delete_a_prefix_and_give_the_disk_back)
{
    shell_expect(0, "", "seq 1000 | sed 's/.*/PUT k& v&/' | $LEVERET | grep -v OK || true");
    shell_expect(0, "1000\n", "$LEVERET DELPREFIX k DRYRUN");
    shell_expect(0, "{\"count\":111}\n", "$LEVERET --json DELPREFIX k9");
    shell_expect(0, "889\n", "$LEVERET --use k DELPREFIX ''");
    shell_expect(0, "0\n", "$LEVERET COUNT ''");
    shell_expect(0, "OK\n", "$LEVERET COMPACT");
    shell_expect(0, "OK\n", "$LEVERET COMPACT k FROM k1 TO k2");
    shell_expect(3, "", "$LEVERET DELPREFIX");
}

/* The feed is ended from outside; until then each change is written as it happens. */
Test(oneshots, follow_until_they_are_ended)
{
    static const char *const feed = "$LEVERET %s FOLLOW b: >$DIR/feed & pid=$!\n"
                                    "until grep -q SEQ $DIR/feed; do sleep 0.02; done\n"
                                    "$LEVERET MPUT b:1 'x\ty' other 1 b:2 z >/dev/null\n"
                                    "$LEVERET DEL b:1 other >/dev/null\n"
                                    "until grep -q DEL $DIR/feed; do sleep 0.02; done\n"
                                    "kill $pid; wait $pid || true\n"
                                    "sed 's/[0-9]*-\\([0-9]*\\)/\\1/' $DIR/feed\n";
    shell_expect(0, "SEQ\t0\nPUT\tb:1\tx\\ty\t1\nPUT\tb:2\tz\t1\nDEL\tb:1\t2\n", feed, "");
    shell_expect(0,
                 "{\"change\":\"SEQ\",\"sequence\":\"2\"}\n"
                 "{\"change\":\"PUT\",\"key\":\"b:1\",\"value\":\"x\\ty\",\"sequence\":\"3\"}\n"
                 "{\"change\":\"PUT\",\"key\":\"b:2\",\"value\":\"z\",\"sequence\":\"3\"}\n"
                 "{\"change\":\"DEL\",\"key\":\"b:1\",\"sequence\":\"4\"}\n",
                 feed, "--json");
}

Test(oneshots, tell_a_gap_in_the_feed)
{
    struct shell shell = shell_run("$LEVERET FOLLOW '' FROM 1-1");
    cr_assert_eq(shell.status, 3, "%s", shell.err.data);
    cr_assert(strstr(shell.err.data, "LOST: ") != NULL, "%s", shell.err.data);
    shell_fini(&shell);
    shell_expect(3, "", "$LEVERET FOLLOW '' FROM yesterday");
}
