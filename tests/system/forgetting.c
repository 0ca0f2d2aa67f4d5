/*
 * Forgetting: what a login leaves in the daemon's memory, where a core dump or a bug that tells too
 * much would find it.
 */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/lib/daemon.h"
#include "tests/lib/login.h"
#include "tests/lib/scratch.h"
#include "tests/system/array.h"

/* Regions beyond this are no memory that requests are kept in, but a sanitizer's. */
#define LARGEST ((size_t)256 * 1024 * 1024)

#define PASSWORD "zebra-stripes-77"
#define USED_WORD "antelope-horns-42"

static struct daemon *server;
static struct wire *wire;

static void start(void)
{
    server = daemon_new();
    char *users = scratch_path(daemon_directory(server), "users");
    login_add(users, "ann", "write", PASSWORD, "");
    daemon_start(server, "--users", users, NULL);
    wire = daemon_connect(server);
    free(users);
}

static void stop(void)
{
    wire_close(wire);
    daemon_free(server);
}

TestSuite(forgetting, .init = start, .fini = stop, .timeout = 60);

static bool region_has(int memory, size_t from, size_t to, const char *text)
{
    size_t len = to - from;
    char *bytes = len > LARGEST ? NULL : malloc(len);
    ssize_t got = bytes == NULL ? 0 : pread(memory, bytes, len, (off_t)from);
    bool has = got > 0 && memmem(bytes, (size_t)got, text, strlen(text)) != NULL;
    free(bytes);
    return has;
}

/* True when the daemon's memory has the text somewhere. */
static bool remembers(const char *text)
{
    char path[64];
    char line[512];
    size_t from;
    size_t to;
    bool found = false;
    snprintf(path, sizeof(path), "/proc/%d/mem", (int)daemon_pid(server));
    int memory = open(path, O_RDONLY | O_CLOEXEC);
    snprintf(path, sizeof(path), "/proc/%d/maps", (int)daemon_pid(server));
    FILE *maps = fopen(path, "re");
    cr_assert(memory >= 0 && maps != NULL, "cannot look into the daemon's memory");
    while (!found && fgets(line, sizeof(line), maps) != NULL)
        if (sscanf(line, "%zx-%zx rw", &from, &to) == 2)
            found = region_has(memory, from, to, text);
    fclose(maps);
    close(memory);
    return found;
}

/* What is stored is found, so the search finds what there is. */
Test(forgetting, leaves_no_password_of_lines_in_memory)
{
    wire_ask(wire, "AUTH ann " PASSWORD "\nPUT a " USED_WORD "\n", "OK\nOK\n");
    cr_assert(!remembers(PASSWORD));
    cr_assert(remembers(USED_WORD));
    wire_ask(wire, "AUTH ann '" PASSWORD "'\n", "OK\n");
    cr_assert(!remembers(PASSWORD));
}

Test(forgetting, leaves_no_password_of_redis_clients_in_memory)
{
    array_ask(wire, "AUTH ann " PASSWORD, "+OK\r\n");
    cr_assert(!remembers(PASSWORD));
    array_say(wire, "HELLO 2 AUTH ann " PASSWORD " SETNAME " USED_WORD);
    wire_expect(wire, "*14\r\n");
    cr_assert(!remembers(PASSWORD));
    cr_assert(remembers(USED_WORD));
}
