#include "store/probe.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/filename.h"
#include "store/space.h"

/* What is to be free beyond what opening is known to write: LOG, CURRENT, the blocks that are not
 * filled. */
#define SLACK ((uint64_t)1024 * 1024)

static bool fail(struct store_error *error, const char *path)
{
    error->status = STATUS_IO;
    snprintf(error->text, sizeof(error->text), "%.100s takes no writes: %s", path, strerror(errno));
    return false;
}

/* The bytes of the logs and manifests. A file that cannot be looked at is just being removed. */
static uint64_t count_needed(DIR *directory)
{
    uint64_t bytes = 0;
    rewinddir(directory);
    for (struct dirent *entry; (entry = readdir(directory)) != NULL;) {
        struct stat about;
        enum filename_kind kind = filename_kind(entry->d_name);
        if ((kind == FILENAME_LOG || kind == FILENAME_MANIFEST) &&
            fstatat(dirfd(directory), entry->d_name, &about, 0) == 0)
            bytes += (uint64_t)about.st_size;
    }
    return bytes;
}

static bool has_room(DIR *directory, const char *path, struct store_error *error)
{
    uint64_t needed = count_needed(directory) + SLACK;
    uint64_t free = space_free(dirfd(directory));
    if (free >= needed)
        return true;
    error->status = STATUS_IO;
    snprintf(error->text, sizeof(error->text),
             "%.100s has %llu KiB free, and opening it again takes %llu", path,
             (unsigned long long)free / 1024, (unsigned long long)(needed + 1023) / 1024);
    return false;
}

static bool write_file(int fd)
{
    static const char bytes[4096] = "Leveret wrote this to see whether the disk takes writes.\n";
    ssize_t written = write(fd, bytes, sizeof(bytes));
    if (written >= 0 && written < (ssize_t)sizeof(bytes))
        errno = ENOSPC;
    return written == (ssize_t)sizeof(bytes) && fdatasync(fd) == 0;
}

bool probe_run(DIR *directory, const char *path, struct store_error *error)
{
    if (!has_room(directory, path, error))
        return false;
    int fd = openat(dirfd(directory), PROBE_FILE,
                    O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0640);
    if (fd < 0)
        return fail(error, path);
    bool written = write_file(fd) || fail(error, path);
    close(fd);
    probe_clean(directory);
    return written;
}

void probe_clean(DIR *directory)
{
    unlinkat(dirfd(directory), PROBE_FILE, 0);
}
