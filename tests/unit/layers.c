#include <criterion/criterion.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "tests/lib/paths.h"
#include "tests/lib/report.h"
#include "tests/lib/scratch.h"
#include "tests/unit/arrows.h"

Test(layers, every_arrow_of_the_tree_runs_the_right_way)
{
    struct buffer complaints = {0};
    size_t count = arrows_check(paths_source(), &complaints);
    cr_assert(count > 30, "only %zu includes were found", count);
    report_equal("complaints", buffer_slice(&complaints), SLICE(""));
}

/* A file of a made-up tree, with what it holds. */
struct file {
    const char *path;
    const char *text;
};

static void make_tree(const char *root, const struct file *files, size_t count)
{
    static const char *const directories[] = {
        "protocol",   "server", "server/store", "server/commands", "server/net",
        "server/ops", "client", "client/lib",   "client/cli",      "server/dist",
    };
    for (size_t i = 0; i < sizeof(directories) / sizeof(directories[0]); i++) {
        char *path = scratch_path(root, directories[i]);
        cr_assert(mkdir(path, 0777) == 0);
        free(path);
    }
    for (size_t i = 0; i < count; i++) {
        char *path = scratch_path(root, files[i].path);
        scratch_write(path, slice_from_string(files[i].text));
        free(path);
    }
}

static void expect_complaints(const struct file *files, size_t count, const char *expected)
{
    char *root = scratch_new();
    struct buffer complaints = {0};
    make_tree(root, files, count);
    arrows_check(root, &complaints);
    report_equal("complaints", buffer_slice(&complaints), slice_from_string(expected));
    buffer_fini(&complaints);
    scratch_remove(root);
}

#define EXPECT_COMPLAINTS(expected, ...)                                                           \
    do {                                                                                           \
        static const struct file files[] = {__VA_ARGS__};                                          \
        expect_complaints(files, sizeof(files) / sizeof(files[0]), expected);                      \
    } while (0)

#define LEAF                                                                                       \
    {"protocol/bytes.h", "#include <stddef.h>\n"}, {"server/ops/log.h", ""},                       \
        {"server/store/store.h", ""}, {"server/commands/call.h", ""}, {"server/net/conn.h", ""},   \
        {"server/server.h", ""}, {"client/leveret.h", ""},                                         \
    {                                                                                              \
        "client/cli/print.h", ""                                                                   \
    }

Test(layers, let_a_good_tree_pass)
{
    EXPECT_COMPLAINTS("", LEAF, {"server/main.c", "#include \"server/server.h\"\n"},
                      {"server/server.c", "#include \"server/net/conn.h\"\n"
                                          "#include \"server/store/store.h\"\n"
                                          "#include <event2/event.h>\n"},
                      {"server/net/conn.c", "#include \"server/commands/call.h\"\n"
                                            "#include \"server/ops/log.h\"\n"
                                            "#include <event2/event.h>\n#include <sys/socket.h>\n"},
                      {"server/commands/call.c", "#include \"server/store/store.h\"\n"
                                                 "#include \"protocol/bytes.h\"\n"},
                      {"server/store/leveldb.c", "#include <leveldb/c.h>\n#include <pthread.h>\n"},
                      {"server/dist/shell.c", "#include \"server/server.h\"\n"
                                              "#include \"client/cli/print.h\"\n"},
                      {"server/ops/signals.c", "#include <event2/event.h>\n"},
                      {"client/cli/main.c", "#include \"client/leveret.h\"\n"
                                            "#include <editline/readline.h>\n"});
}

Test(layers, refuse_every_arrow_that_points_back_up)
{
    EXPECT_COMPLAINTS(
        "client/lib/scan.c includes client/cli/print.h: the library knows no command line\n"
        "client/lib/scan.c includes server/ops/log.h: the arrow runs the wrong way\n"
        "protocol/line.c includes server/ops/log.h: the arrow runs the wrong way\n"
        "server/commands/read.c includes server/net/conn.h: the arrow runs the wrong way\n"
        "server/net/conn.c includes server/server.h: the arrow runs the wrong way\n"
        "server/ops/log.c includes server/store/store.h: the arrow runs the wrong way\n"
        "server/server.c includes client/leveret.h: the arrow runs the wrong way\n"
        "server/server.c includes server/dist/place.h: the arrow runs the wrong way\n"
        "server/store/range.c includes server/commands/call.h: the arrow runs the wrong way\n",
        LEAF, {"protocol/line.c", "#include \"server/ops/log.h\"\n"},
        {"server/store/range.c", "#include \"commands/call.h\"\n"},
        {"server/commands/read.c", "int a;\n  #  include \"server/net/conn.h\" /* why */\n"},
        {"server/net/conn.c", "#include \"server/server.h\"\n"},
        {"server/ops/log.c", "#include \"server/store/store.h\"\n"}, {"server/dist/place.h", ""},
        {"server/server.c", "#include \"client/leveret.h\"\n#include \"server/dist/place.h\"\n"},
        {"client/lib/scan.c", "#include \"server/ops/log.h\"\n#include \"client/cli/print.h\"\n"});
}

Test(layers, refuse_libraries_where_they_are_not_known)
{
    EXPECT_COMPLAINTS(
        "protocol/line.c includes event2/event.h: this part does not know that library\n"
        "protocol/line.c includes leveldb/c.h: this part does not know that library\n"
        "protocol/line.c includes pthread.h: this part does not know that library\n"
        "protocol/line.c includes sys/socket.h: this part does not know that library\n"
        "server/commands/read.c includes event2/event.h: this part does not know that library\n"
        "server/net/conn.c includes leveldb/c.h: this part does not know that library\n"
        "server/ops/log.c includes event2/event.h: this part does not know that library\n"
        "server/store/leveldb.c includes event2/event.h: this part does not know that library\n",
        LEAF,
        {"protocol/line.c", "#include <event2/event.h>\n#include <leveldb/c.h>\n"
                            "#include <pthread.h>\n#include <sys/socket.h>\n"},
        {"server/commands/read.c", "#include <event2/event.h>\n"},
        {"server/net/conn.c", "#include <leveldb/c.h>\n"},
        {"server/ops/log.c", "#include <event2/event.h>\n"},
        {"server/store/leveldb.c", "#include <event2/event.h>\n"});
}

Test(layers, refuse_circles)
{
    EXPECT_COMPLAINTS("server/net/a.h includes server/net/b.h: part of a circle\n"
                      "server/net/b.h includes server/net/c.h: part of a circle\n"
                      "server/net/c.h includes server/net/a.h: part of a circle\n"
                      "server/net/d.h includes server/net/d.h: part of a circle\n",
                      {"server/net/a.h", "#include \"server/net/b.h\"\n"},
                      {"server/net/b.h", "#include \"server/net/c.h\"\n"},
                      {"server/net/c.h", "#include \"server/net/a.h\"\n"},
                      {"server/net/d.h", "#include \"server/net/d.h\"\n"},
                      {"server/net/e.c", "#include \"server/net/a.h\"\n"});
}

Test(layers, refuse_ways_around_the_check)
{
    EXPECT_COMPLAINTS(
        "client/leveret.h includes protocol/bytes.h: the installed header stands alone\n"
        "protocol/line.c includes nowhere.h: not a path from the top of the tree\n"
        "protocol/line.c includes protocol/../server/ops/log.h: not a path from the top of the "
        "tree\n"
        "protocol/line.c includes server/ops/log.h: a file of the tree goes in quotes\n",
        {"protocol/bytes.h", ""}, {"server/ops/log.h", ""},
        {"client/leveret.h", "#include \"protocol/bytes.h\"\n"},
        {"protocol/line.c", "#include \"../server/ops/log.h\"\n#include \"nowhere.h\"\n"
                            "#include <server/ops/log.h>\n"});
}
