#include "store/barrier.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "store/filename.h"

static bool fail(struct store_error *error, const char *path, const char *name)
{
    error->status = STATUS_IO;
    snprintf(error->text, sizeof(error->text), "cannot sync %.100s/%.100s: %s", path, name,
             strerror(errno));
    return false;
}

/* A log that went since it was listed is no loss: its table is on disk, and the manifest too. */
static bool sync_log(int directory, const char *path, const char *name, struct store_error *error)
{
    int fd = openat(directory, name, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return errno == ENOENT || fail(error, path, name);
    bool synced = fdatasync(fd) == 0 || fail(error, path, name);
    close(fd);
    return synced;
}

bool barrier_sync_logs(const char *path, struct store_error *error)
{
    DIR *directory = opendir(path);
    if (directory == NULL)
        return fail(error, path, "");
    bool synced = true;
    while (synced) {
        errno = 0;
        struct dirent *entry = readdir(directory);
        if (entry == NULL) {
            synced = errno == 0 || fail(error, path, "");
            break;
        }
        if (filename_kind(entry->d_name) == FILENAME_LOG)
            synced = sync_log(dirfd(directory), path, entry->d_name, error);
    }
    closedir(directory);
    return synced;
}

bool barrier_sync_names(const char *path, struct store_error *error)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return fail(error, path, "");
    bool synced = fsync(fd) == 0 || fail(error, path, "");
    close(fd);
    return synced;
}
