#include "store/lost.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

int lost_open(int directory)
{
    if (mkdirat(directory, "lost", 0755) != 0 && errno != EEXIST)
        return -1;
    return openat(directory, "lost", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

int lost_make(int lost, const char *name, const char *why, char *made, size_t size)
{
    int fd = -1;
    for (unsigned n = 1; fd < 0; n++) {
        snprintf(made, size, "%s.%s-%u", name, why, n);
        fd = openat(lost, made, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
        if (fd < 0 && errno != EEXIST)
            return -1;
    }
    return fd;
}

bool lost_link(int directory, int lost, const char *name, const char *why)
{
    char made[300];
    int linked = -1;
    for (unsigned n = 1; linked != 0; n++) {
        snprintf(made, sizeof(made), "%s.%s-%u", name, why, n);
        linked = linkat(directory, name, lost, made, 0);
        if (linked != 0 && errno != EEXIST)
            return false;
    }
    return true;
}
