/*
 * What the store tells about its data as a whole.
 */
#include <criterion/criterion.h>

#include "protocol/number.h"
#include "tests/lib/report.h"
#include "tests/system/load.h"

static struct daemon *server;
static struct wire *wire;

/* Small tables, so that parts of the data can be told apart; after a restart all are on disk. */
static void start(void)
{
    server = daemon_new();
    daemon_start(server, "--sync", "never", "--write-buffer", "1M", NULL);
    wire = daemon_connect(server);
    load_rows(wire, 5000, 4096);
    wire_close(wire);
    daemon_stop(server);
    daemon_start(server, NULL);
    wire = daemon_connect(server);
}

static void stop(void)
{
    wire_close(wire);
    daemon_stop(server);
    daemon_free(server);
}

TestSuite(admin, .init = start, .fini = stop, .timeout = 90);

static uint64_t ask_size(const char *request)
{
    uint64_t bytes = 0;
    wire_say(wire, request);
    struct slice reply = wire_reply(wire);
    cr_assert(slice_has_prefix(reply, SLICE("OK ")) && reply.len > 4, "%s", report_show(reply));
    cr_assert(number_read(slice_of(reply.data + 3, reply.len - 4), UINT64_MAX, &bytes), "%s: %s",
              request, report_show(reply));
    return bytes;
}

/* 20 MB of letters drawn from 32 take between half and all of that. */
Test(admin, sizes_are_about_those_on_disk)
{
    uint64_t all = ask_size("SIZE ''\n");
    cr_assert(all > 10000000 && all < 25000000, "%llu", (unsigned long long)all);
    cr_assert_eq(ask_size("SIZE k\n"), all);
    uint64_t half = ask_size("SIZE k TO k00002500\n");
    cr_assert(half > all / 4 && half < all * 3 / 4, "%llu", (unsigned long long)half);
    uint64_t rest = ask_size("SIZE k FROM k00002500\n");
    cr_assert(rest > all / 4 && rest < all * 3 / 4, "%llu", (unsigned long long)rest);
    cr_assert_eq(ask_size("SIZE a\n"), 0);
    cr_assert_eq(ask_size("SIZE z\n"), 0);
    cr_assert_eq(ask_size("SIZE k FROM z\n"), 0); /* bounds outside the prefix */
    cr_assert_eq(ask_size("SIZE k TO a\n"), 0);
    cr_assert_eq(ask_size("SIZE '' FROM \"\\xff\\xff\\xff\\xff\\xff\\xff\\xff\\xff\\xff\"\n"), 0);
}

Test(admin, sizes_take_no_words_but_bounds)
{
    wire_say(wire, "SIZE k LIMIT 1\n");
    cr_assert(slice_has_prefix(wire_reply(wire), SLICE("ERR BADARG \"LIMIT is no word of SIZE")));
    wire_say(wire, "SIZE k KEYS\n");
    cr_assert(slice_has_prefix(wire_reply(wire), SLICE("ERR BADARG \"KEYS is no word of SIZE")));
}

Test(admin, properties_are_those_of_leveldb)
{
    wire_say(wire, "PROPERTY leveldb.stats\n");
    struct slice reply = wire_reply(wire);
    cr_assert(slice_has_prefix(reply, SLICE("OK \"")) &&
                  memmem(reply.data, reply.len, "Compactions\\n", 13) != NULL,
              "%s", report_show(reply));
    wire_say(wire, "PROPERTY leveldb.sstables\n");
    reply = wire_reply(wire);
    cr_assert(memmem(reply.data, reply.len, "k0000", 5) != NULL, "%s", report_show(reply));
}

Test(admin, properties_that_are_none_are_refused)
{
    static const char *const names[] = {
        "leveldb.num-files-at-level7", "leveldb", "''", "\"leveldb.stats\\x00\"",
        "leveldb.a-name-that-goes-on-for-longer-than-any-that-leveldb-knows-by-far"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        wire_say(wire, "PROPERTY ");
        wire_say(wire, names[i]);
        wire_say(wire, "\n");
        struct slice reply = wire_reply(wire);
        cr_assert(slice_has_prefix(reply, SLICE("ERR BADARG \"no property ")), "%s",
                  report_show(reply));
    }
}
