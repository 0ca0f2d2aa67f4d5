#include "store/marker.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

const char marker_name[] = "REPAIRING";

static int open_directory(const char *path)
{
    return open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

/* Syncs the directory and closes it, if what was to be done there was done. */
static bool finish(int directory, bool done)
{
    done = done && fsync(directory) == 0;
    int problem = errno;
    close(directory);
    errno = problem;
    return done;
}

bool marker_set(const char *path)
{
    int directory = open_directory(path);
    if (directory < 0)
        return false;
    int fd = openat(directory, marker_name, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
    if (fd >= 0)
        close(fd);
    return finish(directory, fd >= 0);
}

bool marker_remove(const char *path)
{
    int directory = open_directory(path);
    if (directory < 0)
        return errno == ENOENT;
    return finish(directory, unlinkat(directory, marker_name, 0) == 0 || errno == ENOENT);
}

bool marker_is_set(const char *path)
{
    int directory = open_directory(path);
    if (directory < 0)
        return false;
    bool set = faccessat(directory, marker_name, F_OK, 0) == 0;
    close(directory);
    return set;
}
