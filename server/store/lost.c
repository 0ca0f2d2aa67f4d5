#include "store/lost.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
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

/* Those that are thinned out. */
struct crowd {
    char mark[32]; /* in the names of all */
    size_t count;
    char oldest[256];
    struct timespec since; /* when that was written */
};

static bool is_before(struct timespec one, struct timespec other)
{
    return one.tv_sec < other.tv_sec || (one.tv_sec == other.tv_sec && one.tv_nsec < other.tv_nsec);
}

static void count_one(struct crowd *crowd, int lost, const char *name)
{
    struct stat about;
    if (strstr(name, crowd->mark) == NULL || fstatat(lost, name, &about, AT_SYMLINK_NOFOLLOW) != 0)
        return;
    if (crowd->count++ > 0 && !is_before(about.st_mtim, crowd->since))
        return;
    snprintf(crowd->oldest, sizeof(crowd->oldest), "%s", name);
    crowd->since = about.st_mtim;
}

/* A directory that can be read only in part is no trouble here: fewer are counted. */
static void count_crowd(struct crowd *crowd, int lost)
{
    int again = openat(lost, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *directory = again < 0 ? NULL : fdopendir(again);
    crowd->count = 0;
    if (directory == NULL && again >= 0)
        close(again);
    if (directory == NULL)
        return;
    for (struct dirent *entry; (entry = readdir(directory)) != NULL;)
        count_one(crowd, lost, entry->d_name);
    closedir(directory);
}

void lost_thin(int lost, const char *why, size_t most)
{
    struct crowd crowd = {0};
    snprintf(crowd.mark, sizeof(crowd.mark), ".%s-", why);
    do
        count_crowd(&crowd, lost);
    while (crowd.count > most && unlinkat(lost, crowd.oldest, 0) == 0);
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
