#include "client/cli/print.h"

#include <criterion/criterion.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tests/lib/report.h"
#include "tests/unit/client/peer.h"

/* Lets the client print the reply that a peer says to its one request. */
static void print_reply(const char *reply, const struct print *print, enum shape shape)
{
    struct print_reply state = {.shape = shape};
    const struct leveret_answer *answer = NULL;
    struct peer_step steps[] = {{PEER_HEAR, "X\n"}, {PEER_SAY, reply}};
    struct peer *peer = peer_open(steps, 2);
    struct leveret *db = peer_client(peer);
    cr_assert_eq(leveret_line(db, leveret_text("X")), LEVERET_OK);
    while (leveret_pending(db) > 0) {
        cr_assert_eq(leveret_next(db, &answer), LEVERET_OK);
        (void)print_answer(print, &state, answer);
    }
    leveret_free(db);
    peer_close(peer);
}

/* What one reply looks like in one format and scene. */
static void expect_print(const char *reply, enum print_format format, enum print_scene scene,
                         enum shape shape, struct slice expected)
{
    char printed[256];
    struct output out;
    int file = memfd_create("printed", MFD_CLOEXEC);
    cr_assert(file >= 0);
    output_init(&out, file);
    print_reply(reply, &(struct print){&out, format, scene, false}, shape);
    cr_assert(output_flush(&out));
    ssize_t length = pread(file, printed, sizeof(printed), 0);
    cr_assert(length >= 0);
    report_equal(reply, slice_of(printed, (size_t)length), expected);
    output_fini(&out);
    close(file);
}

#define ROWS "\"a\\t\" \"\\xFF\"\n\"b\" \"\"\nOK 2\n"

Test(print, rows_are_lines_of_key_and_value)
{
    expect_print(ROWS, PRINT_TEXT, PRINT_LONE, SHAPE_KEYS, SLICE("a\\t\t\\xFF\nb\t\n"));
    expect_print(ROWS, PRINT_RAW, PRINT_LONE, SHAPE_KEYS, SLICE("a\t\t\xff\nb\t\n"));
    expect_print(ROWS, PRINT_JSON, PRINT_LONE, SHAPE_KEYS,
                 SLICE("{\"key\":\"a\\t\",\"value_base64\":\"/w==\"}\n"
                       "{\"key\":\"b\",\"value\":\"\"}\n"));
}

Test(print, the_number_of_rows_is_for_people_and_for_series_of_objects)
{
    expect_print("OK 0\n", PRINT_TEXT, PRINT_LONE, SHAPE_KEYS, SLICE(""));
    expect_print("OK 0\n", PRINT_TEXT, PRINT_SERIES, SHAPE_KEYS, SLICE(""));
    expect_print("OK 1\n", PRINT_TEXT, PRINT_PROMPT, SHAPE_KEYS, SLICE("(1 row)\n"));
    expect_print("OK 3 MORE \"k\"\n", PRINT_JSON, PRINT_SERIES, SHAPE_KEYS,
                 SLICE("{\"rows\":3,\"more\":\"k\"}\n"));
    expect_print("OK 3\n", PRINT_TEXT, PRINT_LONE, SHAPE_SINGLE, SLICE("3\n"));
    expect_print("OK 3\n", PRINT_JSON, PRINT_LONE, SHAPE_SINGLE, SLICE("{\"count\":3}\n"));
}

Test(print, a_lone_part_is_what_the_request_made_it)
{
    expect_print("\"v\"\nOK 1\n", PRINT_JSON, PRINT_LONE, SHAPE_VALUES,
                 SLICE("{\"value\":\"v\"}\n"));
    expect_print("\"k\"\nOK 1\n", PRINT_JSON, PRINT_LONE, SHAPE_KEYS, SLICE("{\"key\":\"k\"}\n"));
    expect_print("\"k\"\nOK 0\n", PRINT_JSON, PRINT_LONE, SHAPE_LOOKUP,
                 SLICE("{\"key\":\"k\",\"value\":null}\n"));
    expect_print("\"k\"\nOK 0\n", PRINT_TEXT, PRINT_LONE, SHAPE_LOOKUP, SLICE("k\n"));
}

Test(print, one_raw_value_is_exactly_itself)
{
    expect_print("OK \"a\\nb\\x00\"\n", PRINT_RAW, PRINT_LONE, SHAPE_SINGLE, SLICE("a\nb\0"));
    expect_print("OK \"a\"\n", PRINT_RAW, PRINT_SERIES, SHAPE_SINGLE, SLICE("a\n"));
    expect_print("OK \"a\\nb\"\n", PRINT_TEXT, PRINT_LONE, SHAPE_SINGLE, SLICE("a\\nb\n"));
    expect_print("OK\n", PRINT_RAW, PRINT_LONE, SHAPE_SINGLE, SLICE(""));
    expect_print("OK\n", PRINT_TEXT, PRINT_LONE, SHAPE_SINGLE, SLICE("OK\n"));
}

Test(print, what_is_absent_holds_its_place_in_a_series)
{
    expect_print("NOT_FOUND\n", PRINT_TEXT, PRINT_LONE, SHAPE_SINGLE, SLICE(""));
    expect_print("NOT_FOUND\n", PRINT_TEXT, PRINT_SERIES, SHAPE_SINGLE, SLICE("NOT_FOUND\n"));
    expect_print("NOT_FOUND\n", PRINT_JSON, PRINT_LONE, SHAPE_SINGLE,
                 SLICE("{\"status\":\"NOT_FOUND\"}\n"));
}

Test(print, a_conflict_names_its_key)
{
    static const char conflict[] = "CONFLICT \"a\\tb\"\n";
    expect_print(conflict, PRINT_TEXT, PRINT_LONE, SHAPE_SINGLE, SLICE(""));
    expect_print(conflict, PRINT_TEXT, PRINT_SERIES, SHAPE_SINGLE, SLICE("CONFLICT\ta\\tb\n"));
    expect_print(conflict, PRINT_TEXT, PRINT_PROMPT, SHAPE_SINGLE, SLICE("CONFLICT\ta\\tb\n"));
    expect_print(conflict, PRINT_JSON, PRINT_SERIES, SHAPE_SINGLE,
                 SLICE("{\"status\":\"CONFLICT\",\"key\":\"a\\tb\"}\n"));
    expect_print("CONFLICT\n", PRINT_TEXT, PRINT_SERIES, SHAPE_SINGLE, SLICE("CONFLICT\n"));
}

Test(print, changes_are_lines_of_up_to_four_parts)
{
    static const char feed[] = "\"SEQ\" \"7-0\"\n\"PUT\" \"k\\t\" \"\\xFF\" \"7-1\"\n"
                               "\"DEL\" \"k\" \"7-2\"\nERR LOST \"too slow\"\n";
    expect_print(feed, PRINT_TEXT, PRINT_LONE, SHAPE_FEED,
                 SLICE("SEQ\t7-0\nPUT\tk\\t\t\\xFF\t7-1\nDEL\tk\t7-2\n"));
    expect_print(feed, PRINT_RAW, PRINT_LONE, SHAPE_FEED,
                 SLICE("SEQ\t7-0\nPUT\tk\t\t\xff\t7-1\nDEL\tk\t7-2\n"));
    expect_print(feed, PRINT_JSON, PRINT_LONE, SHAPE_FEED,
                 SLICE("{\"change\":\"SEQ\",\"sequence\":\"7-0\"}\n"
                       "{\"change\":\"PUT\",\"key\":\"k\\t\",\"value_base64\":\"/w==\","
                       "\"sequence\":\"7-1\"}\n"
                       "{\"change\":\"DEL\",\"key\":\"k\",\"sequence\":\"7-2\"}\n"));
}

Test(print, progress_is_no_output)
{
    static const char *const work = "# 1 of 2 deleted\n# 2 of 2 deleted\nOK 2\n";
    expect_print(work, PRINT_TEXT, PRINT_LONE, SHAPE_WORK, SLICE("2\n"));
    expect_print(work, PRINT_JSON, PRINT_LONE, SHAPE_WORK, SLICE("{\"count\":2}\n"));
    expect_print("# compacting\nOK\n", PRINT_TEXT, PRINT_LONE, SHAPE_WORK, SLICE("OK\n"));
    expect_print("OK 2\n", PRINT_TEXT, PRINT_PROMPT, SHAPE_WORK, SLICE("2\n"));
}

Test(print, remarks_are_lines_and_make_a_bare_ok_superfluous)
{
    expect_print("# GET key\n# what\nOK\n", PRINT_TEXT, PRINT_LONE, SHAPE_SINGLE,
                 SLICE("GET key\nwhat\n"));
}
