/*
 * Starting after a crash, and after damage: the first always succeeds and costs nothing that was
 * acknowledged, the second is refused with the file and the place, and changes nothing.
 */
#include <criterion/criterion.h>
#include <stdio.h>

#include "tests/lib/daemon.h"
#include "tests/lib/report.h"
#include "tests/lib/scratch.h"
#include "tests/lib/shell.h"
#include "tests/system/gate.h"

static struct daemon *server;

static void prepare(void)
{
    server = daemon_new();
}

static void stop(void)
{
    daemon_free(server);
}

TestSuite(recovery, .init = prepare, .fini = stop, .timeout = 90);

static void ask(const char *request, const char *reply)
{
    struct wire *wire = daemon_connect(server);
    wire_ask(wire, request, reply);
    wire_close(wire);
}

static void damage(const char *command)
{
    shell_expect(0, NULL, "cd '%s' && %s", daemon_data(server), command);
}

/* The start must fail with this in its log, and leave everything as it was. */
static void expect_refusal(const char *reason)
{
    struct buffer before = scratch_listing(daemon_data(server));
    daemon_spawn(server, NULL);
    cr_assert_eq(daemon_wait(server), 1, "%s", daemon_log(server));
    cr_assert(strstr(daemon_log(server), reason) != NULL, "no `%s` in: %s", reason,
              daemon_log(server));
    cr_assert(strstr(daemon_log(server), "leveretd --repair") != NULL, "%s", daemon_log(server));
    struct buffer after = scratch_listing(daemon_data(server));
    report_equal("the directory", buffer_slice(&after), buffer_slice(&before));
    buffer_fini(&before);
    buffer_fini(&after);
}

/* Torn tails ----------------------------------------------------------------- */

/* Each of a, b and c is a record of its own in 000003.log: 7 + 12 + 5 bytes. */
static void write_three(void)
{
    daemon_start(server, NULL);
    ask("PUT a 1\n", "OK\n");
    ask("PUT b 2\n", "OK\n");
    ask("PUT c 3\n", "OK\n");
    daemon_stop(server);
}

/* The start must succeed, tell of the cut, show these rows, and so must every later one. */
static void expect_cut(const char *told, const char *rows)
{
    daemon_start(server, NULL);
    cr_assert(strstr(daemon_log(server), told) != NULL, "no `%s` in: %s", told, daemon_log(server));
    ask("SCAN ''\n", rows);
    daemon_stop(server);
    daemon_start(server, NULL);
    cr_assert(strstr(daemon_log(server), "was not finished") == NULL, "%s", daemon_log(server));
    ask("SCAN ''\n", rows);
    daemon_stop(server);
}

static const char two_rows[] = "\"a\" \"1\"\n\"b\" \"2\"\nOK 2\n";
static const char three_rows[] = "\"a\" \"1\"\n\"b\" \"2\"\n\"c\" \"3\"\nOK 3\n";

Test(recovery, cuts_a_write_that_a_crash_tore)
{
    write_three();
    damage("tail -c 21 000003.log >../tail && truncate -s -3 ../tail && truncate -s -3 000003.log");
    expect_cut("its first 48 bytes are whole, the other 21 were moved to lost/000003.log.torn-1",
               two_rows);
    damage("tail -c +1 lost/000003.log.torn-1 | wc -c | grep -qx 21");
}

Test(recovery, cuts_zeroes_that_a_crash_left)
{
    write_three();
    damage("truncate -s +70000 000003.log");
    expect_cut("its first 72 bytes are whole, the other 70000 ", three_rows);
}

Test(recovery, cuts_what_is_no_record)
{
    write_three();
    damage("head -c 5000 /dev/urandom >>000003.log");
    expect_cut("its first 72 bytes are whole, the other 5000 ", three_rows);
}

/* Twice at the same place: each tail is kept under a name of its own. */
Test(recovery, keeps_what_it_cut_before)
{
    write_three();
    damage("mkdir lost && echo kept >lost/000003.log.torn-1 && truncate -s -3 000003.log");
    expect_cut("moved to lost/000003.log.torn-2", two_rows);
    damage("grep -qx kept lost/000003.log.torn-1");
}

/* A disk that fails for days leaves a tail each time the store is reopened. */
Test(recovery, keeps_a_hundred_of_what_it_cut)
{
    write_three();
    damage("mkdir lost && echo kept >lost/000003.ldb.damaged-1");
    damage("for i in $(seq 150); do echo $i >lost/$i.log.torn-1; done");
    damage("touch -d 2001-01-01 lost/70.log.torn-1 && truncate -s -3 000003.log");
    expect_cut("moved to lost/000003.log.torn-1", two_rows);
    damage("ls lost/*.log.torn-1 | wc -l | grep -qx 100");
    damage("test -f lost/000003.log.torn-1 && ! test -f lost/70.log.torn-1");
    damage("grep -qx kept lost/000003.ldb.damaged-1");
}

#define LARGE 100000

/* Two records, and a third of four pieces, each but the last to the end of its block. */
static void write_large(void)
{
    struct buffer request = {0};
    daemon_start(server, NULL);
    ask("PUT a 1\n", "OK\n");
    ask("PUT b 2\n", "OK\n");
    buffer_append_string(&request, "PUT large ");
    for (unsigned i = 0; i < LARGE; i++)
        buffer_append_byte(&request, (char)('a' + i % 23));
    buffer_append(&request, "\n", 2); /* and the NUL */
    ask(request.data, "OK\n");
    daemon_stop(server);
    buffer_fini(&request);
}

Test(recovery, cuts_a_write_of_several_blocks)
{
    write_large();
    damage("truncate -s 66000 000003.log");
    expect_cut("its first 48 bytes are whole, the other 65952 ", two_rows);
}

/* Pages reach the disk in any order: pieces without their beginning are no records. */
Test(recovery, cuts_a_write_whose_first_page_is_missing)
{
    write_large();
    damage("dd if=/dev/zero of=000003.log bs=1 seek=48 count=4048 conv=notrunc 2>&1");
    expect_cut("its first 48 bytes are whole, the other ", two_rows);
}

/* A value may hold the bytes of a log. Torn, it must not pass for records that were written. */
Test(recovery, takes_no_value_for_a_record)
{
    write_three();
    shell_expect(0, "",
                 "cd '%s' && mv data old && /usr/bin/python3 -c '\n"
                 "import plyvel\n"
                 "db = plyvel.DB(\"data\", create_if_missing=True)\n"
                 "for i in range(10): db.put(b\"a\", b\"1\")\n"
                 "db.put(b\"b\", open(\"old/000003.log\", \"rb\").read())\n"
                 "db.close()' && truncate -s -1 data/000003.log",
                 daemon_directory(server));
    expect_cut("its first 240 bytes are whole, the other ", "\"a\" \"1\"\nOK 1\n");
}

Test(recovery, cuts_an_edit_that_a_crash_tore)
{
    write_three();
    damage("head -c 30 MANIFEST-* >edit && cat edit >>$(echo MANIFEST-*) && rm edit");
    expect_cut("/MANIFEST-000002 ended in a write that was not finished", three_rows);
}

/* Damage --------------------------------------------------------------------- */

Test(recovery, refuses_a_changed_byte_in_front_of_a_record)
{
    write_three();
    damage("printf X | dd of=000003.log bs=1 seek=40 conv=notrunc 2>&1");
    expect_refusal("/000003.log is damaged: no record can be read in the 24 bytes from 24 on, but "
                   "one behind");
}

/* A length that is wrong does not tell where the next record is. */
Test(recovery, refuses_a_changed_length_in_front_of_a_record)
{
    write_three();
    damage("printf X | dd of=000003.log bs=1 seek=4 conv=notrunc 2>&1");
    expect_refusal("/000003.log is damaged: no record can be read in the 24 bytes from 0 on");
}

Test(recovery, refuses_zeroes_in_front_of_a_record)
{
    write_three();
    damage("dd if=/dev/zero of=000003.log bs=24 count=2 conv=notrunc 2>&1");
    expect_refusal("/000003.log is damaged: no record can be read in the 48 bytes from 0 on");
}

/* Both logs are live: their writes are in no table yet. */
static void write_two_logs(void)
{
    struct gate *gate = gate_open(server);
    char request[80];
    daemon_start(server, "--write-buffer", "64K", NULL);
    atomic_store(&gate->closed, GATE_CLOSED_TO_TABLES);
    for (unsigned i = 0; i < 1200; i++) {
        snprintf(request, sizeof(request), "PUT k%04u %050u\n", i, i);
        ask(request, "OK\n");
    }
    daemon_kill(server);
    daemon_set_environment(server, "LD_PRELOAD", "");
    damage("[ -s 000003.log ] && ls 0*.log | wc -l | grep -qx 2");
}

Test(recovery, takes_two_logs_that_are_whole)
{
    write_two_logs();
    daemon_start(server, NULL);
    ask("COUNT ''\n", "OK 1200\n");
    daemon_stop(server);
}

Test(recovery, refuses_a_torn_log_when_another_goes_on)
{
    write_two_logs();
    damage("truncate -s -5 000003.log");
    expect_refusal("/000003.log is damaged: no record can be read in the ");
}

/* Each record has 7 + 12 + 58 bytes or so; what is left is whole records. */
Test(recovery, refuses_a_log_that_lacks_its_last_record_when_another_goes_on)
{
    write_two_logs();
    damage("truncate -s $((77 * 400)) 000003.log");
    expect_refusal(" goes on at byte 0 with write ");
}

/* Nothing but the numbers of the writes tells that it was not empty. */
Test(recovery, refuses_a_log_that_was_emptied_when_another_goes_on)
{
    write_two_logs();
    damage("truncate -s 0 000003.log");
    expect_refusal(" goes on at byte 0 with write ");
}

Test(recovery, refuses_to_do_without_a_log)
{
    write_two_logs();
    damage("rm 000003.log");
    expect_refusal("/000003.log is missing, and with it the writes that were in no table yet");
}

static void write_a_table(void)
{
    write_three();
    daemon_start(server, NULL); /* makes a table of the log */
    daemon_stop(server);
    damage("[ -f 000005.ldb ]");
}

Test(recovery, refuses_to_do_without_a_table)
{
    write_a_table();
    damage("rm 000005.ldb");
    expect_refusal("/000005.ldb is missing");
}

/* The manifest's last edit names a table that never came to disk, and the log that it would have
 * replaced is still there. */
Test(recovery, does_without_an_edit_that_came_before_its_table)
{
    char request[1100];
    daemon_start(server, "--write-buffer", "64K", NULL);
    damage("ln 000003.log ../kept.log");
    for (unsigned i = 0; i < 60; i++) {
        snprintf(request, sizeof(request), "PUT k%04u %01000u\n", i, i);
        ask(request, "OK\n");
    }
    /* Until its table is made. */
    damage("for i in $(seq 3000); do [ -e 000003.log ] || break; sleep 0.01; done");
    daemon_stop(server);
    damage("[ ! -e 000003.log ] && rm 000005.ldb && mv ../kept.log 000003.log");
    daemon_start(server, NULL);
    daemon_await_log(server, "/MANIFEST-000002 ended in a write that was not finished");
    ask("COUNT ''\n", "OK 60\n");
    daemon_stop(server);
}

Test(recovery, refuses_a_table_that_was_cut)
{
    write_a_table();
    damage("truncate -s -1 000005.ldb");
    expect_refusal("/000005.ldb is damaged: it has ");
}

Test(recovery, knows_tables_by_their_old_name)
{
    write_a_table();
    damage("mv 000005.ldb 000005.sst");
    daemon_start(server, NULL);
    ask("SCAN ''\n", three_rows);
    daemon_stop(server);
}

/* The second record of the new manifest makes the table known and the log unneeded. */
Test(recovery, refuses_a_manifest_whose_last_edit_is_damaged)
{
    write_a_table();
    damage("printf X | dd of=$(echo MANIFEST-*) bs=1 seek=$(($(stat -c %s MANIFEST-*) - 3)) "
           "conv=notrunc 2>&1");
    expect_refusal("is damaged");
}
