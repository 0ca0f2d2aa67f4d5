#include "store/barrier.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ops/clock.h"
#include "store/filename.h"

/* The time of change has steps of up to 10 ms, so within one a second change does not show. What
 * was put on disk later than this after the first one holds both. Some file systems have steps of
 * up to two seconds, such as an ext4 with small inodes; there a time has no fraction. */
#define STEP_MS 20
#define COARSE_STEP_MS 2500

static bool fail(const struct barrier *barrier, struct store_error *error, const char *name)
{
    error->status = STATUS_IO;
    snprintf(error->text, sizeof(error->text), "cannot sync %.100s%s%.100s: %s", barrier->path,
             name[0] == '\0' ? "" : "/", name, strerror(errno));
    return false;
}

static int open_directory(const char *path)
{
    return open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

bool barrier_open(struct barrier *barrier, const char *path, struct store_error *error)
{
    *barrier = (struct barrier){.path = path};
    barrier->directory = opendir(path);
    barrier->spare = barrier->directory == NULL ? -1 : open_directory(path);
    if (barrier->spare >= 0)
        return true;
    (void)fail(barrier, error, "");
    if (barrier->directory != NULL)
        closedir(barrier->directory);
    barrier->directory = NULL;
    return false;
}

void barrier_close(struct barrier *barrier)
{
    if (barrier->directory == NULL)
        return;
    closedir(barrier->directory);
    if (barrier->spare >= 0)
        close(barrier->spare);
    barrier->directory = NULL;
}

int barrier_directory(const struct barrier *barrier)
{
    return dirfd(barrier->directory);
}

/* Logs -------------------------------------------------------------------- */

static int open_log(struct barrier *barrier, const char *name)
{
    int fd = openat(barrier_directory(barrier), name, O_RDONLY | O_CLOEXEC);
    if (fd >= 0 || (errno != EMFILE && errno != ENFILE) || barrier->spare < 0)
        return fd;
    close(barrier->spare);
    barrier->spare = -1;
    return openat(barrier_directory(barrier), name, O_RDONLY | O_CLOEXEC);
}

/* A log that went since it was listed is no loss: its table is on disk, and the manifest too. */
static bool sync_log(struct barrier *barrier, const char *name, struct store_error *error)
{
    int fd = open_log(barrier, name);
    if (fd < 0)
        return errno == ENOENT || fail(barrier, error, name);
    bool synced = fdatasync(fd) == 0 || fail(barrier, error, name);
    close(fd);
    if (barrier->spare < 0)
        barrier->spare = open_directory(barrier->path);
    return synced;
}

bool barrier_sync_logs(struct barrier *barrier, struct store_error *error)
{
    rewinddir(barrier->directory);
    for (;;) {
        errno = 0;
        struct dirent *entry = readdir(barrier->directory);
        if (entry == NULL)
            return errno == 0 || fail(barrier, error, "");
        if (filename_kind(entry->d_name) == FILENAME_LOG &&
            !sync_log(barrier, entry->d_name, error))
            return false;
    }
}

/* Names ------------------------------------------------------------------- */

static bool is_same(struct timespec one, struct timespec other)
{
    return one.tv_sec == other.tv_sec && one.tv_nsec == other.tv_nsec;
}

static int64_t step(const struct barrier *barrier)
{
    return barrier->changed.tv_nsec == 0 ? COARSE_STEP_MS : STEP_MS;
}

bool barrier_sync_names(struct barrier *barrier, struct store_error *error)
{
    struct stat about;
    int fd = barrier_directory(barrier);
    if (fstat(fd, &about) != 0)
        return fail(barrier, error, "");
    bool same = is_same(barrier->changed, about.st_mtim);
    if (same && barrier->settled)
        return true;
    int64_t now = clock_ms();
    if (!same)
        barrier->seen_at = now;
    barrier->changed = about.st_mtim;
    if (fsync(fd) != 0) {
        barrier->settled = false;
        return fail(barrier, error, "");
    }
    barrier->settled = now - barrier->seen_at >= step(barrier);
    return true;
}
