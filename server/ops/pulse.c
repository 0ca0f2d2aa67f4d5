#include "ops/pulse.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* What stands behind the title in the text of a status; "" when it is not there. */
static const char *find(const char *text, const char *title)
{
    const char *found = strstr(text, title);
    return found == NULL ? "" : found + strlen(title) + strspn(found + strlen(title), "\t ");
}

static bool read_thread(const char *number, struct pulse_thread *thread)
{
    char path[64];
    char text[4096];
    snprintf(path, sizeof(path), "/proc/self/task/%.20s/status", number);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false; /* it has ended */
    ssize_t got = read(fd, text, sizeof(text) - 1);
    close(fd);
    if (got <= 0)
        return false;
    text[got] = '\0';
    const char *name = find(text, "Name:");
    *thread = (struct pulse_thread){
        .number = atoi(number),
        .disk = *find(text, "\nState:") == 'D',
        .waits = strtoull(find(text, "\nvoluntary_ctxt_switches:"), NULL, 10),
    };
    snprintf(thread->name, sizeof(thread->name), "%.*s", (int)strcspn(name, "\n"), name);
    return true;
}

bool pulse_take(struct pulse *pulse)
{
    const struct dirent *entry = NULL;
    DIR *tasks = opendir("/proc/self/task");
    pulse->count = 0;
    if (tasks == NULL)
        return false;
    while (pulse->count < PULSE_MOST && (entry = readdir(tasks)) != NULL)
        if (entry->d_name[0] != '.')
            pulse->count += read_thread(entry->d_name, &pulse->threads[pulse->count]);
    closedir(tasks);
    return pulse->count > 0;
}

bool pulse_goes_on(const struct pulse *earlier, const struct pulse_thread *thread)
{
    if (thread->disk)
        return true;
    for (size_t i = 0; i < earlier->count; i++)
        if (earlier->threads[i].number == thread->number)
            return earlier->threads[i].waits != thread->waits;
    return true; /* it is new */
}
