#include "client/cli/memory.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define LINES 1000

/* Makes every directory above the last name of `path`. */
static bool make_directories(char *path)
{
    for (char *at = strchr(path + 1, '/'); at != NULL; at = strchr(at + 1, '/')) {
        *at = '\0';
        bool made = mkdir(path, 0700) == 0 || errno == EEXIST;
        *at = '/';
        if (!made)
            return false;
    }
    return true;
}

/* The XDG base directory specification has a relative path ignored. */
static char *find_path(void)
{
    const char *state = getenv("XDG_STATE_HOME");
    const char *home = getenv("HOME");
    char *path = NULL;
    int length = -1;
    if (state != NULL && state[0] == '/')
        length = asprintf(&path, "%s/leveret/history", state);
    else if (home != NULL && home[0] == '/')
        length = asprintf(&path, "%s/.local/state/leveret/history", home);
    if (length < 0)
        return NULL;
    if (make_directories(path))
        return path;
    free(path);
    return NULL;
}

bool memory_open(struct memory *memory)
{
    HistEvent event;
    *memory = (struct memory){.history = history_init()};
    if (memory->history == NULL)
        return false;
    history(memory->history, &event, H_SETSIZE, LINES);
    history(memory->history, &event, H_SETUNIQUE, 1);
    memory->path = find_path();
    if (memory->path != NULL)
        history(memory->history, &event, H_LOAD, memory->path);
    return true;
}

/* At once and not at the end, because a terminal that is closed ends the program by a signal. */
static void save(struct memory *memory)
{
    HistEvent event;
    if (memory->path == NULL)
        return;
    mode_t before = umask(077);
    history(memory->history, &event, H_SAVE, memory->path);
    umask(before);
}

/* A word that is typed as `name` or as something that begins with it, in quotes or not. */
static const char *skip_name(const char *at, const char *name)
{
    at += strspn(at, " \t\"'");
    if (strncasecmp(at, "leveret.", strlen("leveret.")) == 0)
        at += strlen("leveret.");
    return strncasecmp(at, name, strlen(name)) == 0 ? at + strlen(name) : NULL;
}

/* By the letters and not by the words, because a line that the server could not split may hold a
 * password too. */
bool memory_keeps(const char *line)
{
    const char *hello = skip_name(line, "hello");
    return skip_name(line, "auth") == NULL && (hello == NULL || strcasestr(hello, "auth") == NULL);
}

void memory_add(struct memory *memory, const char *line)
{
    HistEvent event;
    if (!memory_keeps(line))
        return;
    history(memory->history, &event, H_ENTER, line);
    save(memory);
}

void memory_close(struct memory *memory)
{
    history_end(memory->history);
    free(memory->path);
    *memory = (struct memory){0};
}
