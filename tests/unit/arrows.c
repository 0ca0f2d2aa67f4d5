#include "tests/unit/arrows.h"

#include <criterion/criterion.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/lib/scratch.h"
#include "tests/lib/text.h"

/* The parts of the tree, as bits. */
enum part {
    PART_PROTOCOL = 1,
    PART_STORE = 2,
    PART_COMMANDS = 4,
    PART_NET = 8,
    PART_SERVER = 16,
    PART_MAIN = 32,
    PART_OPS = 64,
    PART_CLIENT = 128,
    PART_DIST = 256,
};

/* Which part a path belongs to (the first line that fits), and what that part may include. */
static const struct rule {
    const char *start;
    enum part part;
    unsigned may;
} rules[] = {
#define BELOW_STORE (PART_PROTOCOL | PART_OPS)
#define BELOW_COMMANDS (PART_STORE | BELOW_STORE)
#define BELOW_NET (PART_COMMANDS | BELOW_COMMANDS)
#define BELOW_SERVER (PART_NET | BELOW_NET)
    {"protocol/", PART_PROTOCOL, PART_PROTOCOL},
    {"client/", PART_CLIENT, PART_CLIENT | PART_PROTOCOL},
    {"server/ops/", PART_OPS, PART_OPS | PART_PROTOCOL},
    {"server/store/", PART_STORE, PART_STORE | BELOW_STORE},
    {"server/commands/", PART_COMMANDS, PART_COMMANDS | BELOW_COMMANDS},
    {"server/net/", PART_NET, PART_NET | BELOW_NET},
    {"server/main.", PART_MAIN, PART_MAIN | PART_SERVER | BELOW_SERVER},
    {"server/dist/", PART_DIST, PART_DIST | PART_CLIENT | PART_SERVER | BELOW_SERVER},
    {"server/", PART_SERVER, PART_SERVER | BELOW_SERVER},
};

/* Headers from outside the tree that only some paths may include. */
static const struct foreign {
    const char *header; /* the start of its name */
    const char *paths;  /* starts of paths, with a space behind each */
} foreigners[] = {
    {"leveldb/", "server/store/ "},
    {"event2/", "server/net/ server/server. server/ending. server/http. server/watchdog. server/ops/signals. "},
    {"systemd/", "server/ops/notify. server/ops/activation. "},
    {"openssl/", "server/net/tls. server/net/channel. client/lib/ "},
    {"pthread.h", "server/ client/ "},
    {"threads.h", "server/ client/ "},
    {"sys/socket.h", "server/ client/ "},
    {"sys/un.h", "server/ client/ "},
    {"netinet/", "server/ client/ "},
    {"arpa/", "server/ client/ "},
    {"netdb.h", "server/ client/ "},
    {"sys/epoll.h", "server/ client/ "},
    {"editline/", "client/cli/ "},
    {"histedit.h", "client/cli/ "},
    {"bsd/", "client/cli/ "},
    {"sodium.h", "client/cli/ server/ops/ "},
};

struct arrow {
    char *from;
    char *to;
    bool system; /* in angle brackets */
};

struct tree {
    const char *root;
    struct arrow *arrows;
    size_t count;
    char **complaints;
    size_t complaint_count;
};

static void *grow(void *items, size_t count, size_t size)
{
    void *grown = reallocarray(items, count + 1, size);
    cr_assert(grown != NULL);
    return grown;
}

static void complain(struct tree *tree, const struct arrow *arrow, const char *why)
{
    tree->complaints = grow(tree->complaints, tree->complaint_count, sizeof(*tree->complaints));
    cr_assert(asprintf(&tree->complaints[tree->complaint_count++], "%s includes %s: %s",
                       arrow->from, arrow->to, why) > 0);
}

static bool starts(const char *text, const char *start)
{
    return strncmp(text, start, strlen(start)) == 0;
}

static const struct rule *rule_of(const char *path)
{
    for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
        if (starts(path, rules[i].start))
            return &rules[i];
    return NULL;
}

static void skip_blanks(struct slice *line)
{
    while (line->len > 0 && (*line->data == ' ' || *line->data == '\t'))
        *line = slice_of(line->data + 1, line->len - 1);
}

static bool exists(const struct tree *tree, const char *path)
{
    char *full = scratch_path(tree->root, path);
    bool found = access(full, F_OK) == 0;
    free(full);
    return found;
}

/* The path from the top of the tree for one that may also be spelt from the top of its own third
 * of it (protocol, server or client), as its compiler is told. Frees the one it is given. */
static char *spelt_out(const struct tree *tree, const char *from, char *to)
{
    char *longer = NULL;
    if (exists(tree, to))
        return to;
    cr_assert(asprintf(&longer, "%.*s/%s", (int)strcspn(from, "/"), from, to) > 0);
    if (exists(tree, longer)) {
        free(to);
        return longer;
    }
    free(longer);
    return to;
}

/* Keeps the arrow that a source line stands for, if it is an #include. */
static void read_line(struct tree *tree, const char *path, struct slice line)
{
    skip_blanks(&line);
    if (!text_skip(&line, SLICE("#")))
        return;
    skip_blanks(&line);
    if (!text_skip(&line, SLICE("include")))
        return;
    skip_blanks(&line);
    if (line.len == 0 || (*line.data != '"' && *line.data != '<'))
        return;
    bool system = *line.data == '<';
    const char *end = memchr(line.data + 1, system ? '>' : '"', line.len - 1);
    cr_assert(end != NULL, "%s holds an odd #include", path);
    char *to = strndup(line.data + 1, (size_t)(end - line.data - 1));
    tree->arrows = grow(tree->arrows, tree->count, sizeof(*tree->arrows));
    tree->arrows[tree->count++] = (struct arrow){
        .from = strdup(path),
        .to = system ? to : spelt_out(tree, path, to),
        .system = system,
    };
}

static void read_file(struct tree *tree, const char *path)
{
    char *full = scratch_path(tree->root, path);
    struct buffer text = scratch_read(full);
    struct slice rest = buffer_slice(&text);
    struct slice line;
    while (text_line(&rest, &line))
        read_line(tree, path, line);
    buffer_fini(&text);
    free(full);
}

static bool is_source(const char *name)
{
    const char *dot = strrchr(name, '.');
    return dot != NULL &&
           (strcmp(dot, ".c") == 0 || strcmp(dot, ".h") == 0 || strcmp(dot, ".def") == 0);
}

static void read_directory(struct tree *tree, const char *path)
{
    char *full = scratch_path(tree->root, path);
    DIR *directory = opendir(full);
    free(full);
    if (directory == NULL)
        return;
    struct dirent *entry = NULL;
    while ((entry = readdir(directory)) != NULL) {
        if (entry->d_name[0] == '.')
            continue;
        char *below = scratch_path(path, entry->d_name);
        if (entry->d_type == DT_DIR)
            read_directory(tree, below);
        else if (is_source(below))
            read_file(tree, below);
        free(below);
    }
    closedir(directory);
}

/* An include by a relative path would slip past the rules, so none is allowed. */
static void check_own(struct tree *tree, const struct arrow *arrow)
{
    const struct rule *from = rule_of(arrow->from);
    const struct rule *to = rule_of(arrow->to);
    if (to == NULL || strstr(arrow->to, "..") != NULL || !exists(tree, arrow->to))
        complain(tree, arrow, "not a path from the top of the tree");
    else if ((from->may & to->part) == 0)
        complain(tree, arrow, "the arrow runs the wrong way");
    else if (starts(arrow->from, "client/lib/") && starts(arrow->to, "client/cli/"))
        complain(tree, arrow, "the library knows no command line");
    else if (strcmp(arrow->from, "client/leveret.h") == 0)
        complain(tree, arrow, "the installed header stands alone");
}

static bool path_is_listed(const char *path, const char *list)
{
    for (const char *at = list; *at != '\0'; at = strchr(at, ' ') + 1)
        if (strncmp(path, at, (size_t)(strchr(at, ' ') - at)) == 0)
            return true;
    return false;
}

static void check_foreign(struct tree *tree, const struct arrow *arrow)
{
    for (size_t i = 0; i < sizeof(foreigners) / sizeof(foreigners[0]); i++)
        if (starts(arrow->to, foreigners[i].header) &&
            !path_is_listed(arrow->from, foreigners[i].paths))
            complain(tree, arrow, "this part does not know that library");
    if (rule_of(arrow->to) != NULL && exists(tree, arrow->to))
        complain(tree, arrow, "a file of the tree goes in quotes");
}

/* True when `from` includes `to`, itself or through others. `depth` bounds a walk that meets a
 * circle elsewhere: no path without a circle is longer than the number of arrows. */
static bool reaches(const struct tree *tree, const char *from, const char *to, size_t depth)
{
    if (depth == 0)
        return false;
    for (size_t i = 0; i < tree->count; i++) {
        const struct arrow *arrow = &tree->arrows[i];
        if (arrow->system || strcmp(arrow->from, from) != 0)
            continue;
        if (strcmp(arrow->to, to) == 0 || reaches(tree, arrow->to, to, depth - 1))
            return true;
    }
    return false;
}

/* Longest chain of headers that is looked into. */
#define DEEPEST 12

static void check_circles(struct tree *tree)
{
    for (size_t i = 0; i < tree->count; i++) {
        const struct arrow *arrow = &tree->arrows[i];
        if (arrow->system)
            continue;
        if (strcmp(arrow->to, arrow->from) == 0 || reaches(tree, arrow->to, arrow->from, DEEPEST))
            complain(tree, arrow, "part of a circle");
    }
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Moves the complaints into text, and frees the tree. */
static void finish(struct tree *tree, struct buffer *complaints)
{
    if (tree->complaint_count > 0)
        qsort(tree->complaints, tree->complaint_count, sizeof(char *), by_text);
    for (size_t i = 0; i < tree->complaint_count; i++) {
        buffer_append_string(complaints, tree->complaints[i]);
        buffer_append_byte(complaints, '\n');
        free(tree->complaints[i]);
    }
    for (size_t i = 0; i < tree->count; i++) {
        free(tree->arrows[i].from);
        free(tree->arrows[i].to);
    }
    free(tree->complaints);
    free(tree->arrows);
}

size_t arrows_check(const char *root, struct buffer *complaints)
{
    struct tree tree = {.root = root};
    read_directory(&tree, "protocol");
    read_directory(&tree, "server");
    read_directory(&tree, "client");
    for (size_t i = 0; i < tree.count; i++) {
        if (tree.arrows[i].system)
            check_foreign(&tree, &tree.arrows[i]);
        else
            check_own(&tree, &tree.arrows[i]);
    }
    check_circles(&tree);
    size_t count = tree.count;
    finish(&tree, complaints);
    return count;
}
