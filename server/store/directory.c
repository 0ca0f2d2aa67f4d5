#include "store/directory.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* LevelDB's order, the only one that is served (leveldb/util/comparator.cc names it). */
static const char bytewise[] = "leveldb.BytewiseComparator";

/*
 * The start of a MANIFEST, which is a log file (doc/log_format.md in LevelDB's source): a record
 * header of 7 bytes (checksum 4, length 2, type 1), then a version edit. A fresh manifest's first
 * edit begins with the comparator: tag 1, a length, the name.
 */
#define RECORD_HEADER 7
#define TAG_COMPARATOR 1

static bool refuse(struct store_error *error, enum status status, const char *path,
                   const char *problem)
{
    error->status = status;
    snprintf(error->text, sizeof(error->text), "%.100s: %s", path, problem);
    return false;
}

/* What the names of manifests begin with. */
static const char manifest[] = "MANIFEST-";

/* Names that may stand in a directory that is still to become a LevelDB: those every directory has,
 * those LevelDB makes before CURRENT when it begins one, and what a new file system brings. */
static bool means_nothing(const char *name)
{
    static const char *const names[] = {
        ".", "..", "LOCK", "LOG", "LOG.old", "MANIFEST-000001", "000001.dbtmp", "lost+found"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (strcmp(name, names[i]) == 0)
            return true;
    return false;
}

/* Tells in *empty whether the directory holds nothing of importance. False with errno set. */
static bool is_empty(const char *path, bool *empty)
{
    DIR *directory = opendir(path);
    if (directory == NULL)
        return false;
    *empty = true;
    for (struct dirent *entry; *empty && (entry = readdir(directory)) != NULL;)
        *empty = means_nothing(entry->d_name);
    closedir(directory);
    return true;
}

/* Reads at most `size` bytes of a file in the directory; their number, or -1 with errno set. */
static ssize_t read_start(const char *path, const char *name, char *bytes, size_t size)
{
    char file[PATH_MAX];
    if (snprintf(file, sizeof(file), "%s/%s", path, name) >= (int)sizeof(file)) {
        errno = ENAMETOOLONG;
        return -1;
    }
    int fd = open(file, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return -1;
    ssize_t len = read(fd, bytes, size);
    close(fd);
    return len;
}

/* Whether somebody has the directory open: LevelDB holds a whole-file fcntl lock on LOCK. *holder
 * is 0 when that process cannot be seen from here, as from inside a container. */
static bool is_locked(const char *path, pid_t *holder)
{
    char file[PATH_MAX];
    if (snprintf(file, sizeof(file), "%s/LOCK", path) >= (int)sizeof(file))
        return false;
    int fd = open(file, O_RDWR | O_CLOEXEC);
    if (fd < 0)
        return false;
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    int result = fcntl(fd, F_GETLK, &lock);
    close(fd);
    *holder = lock.l_pid;
    return result == 0 && lock.l_type != F_UNLCK;
}

/* The comparator named by the manifest's first edit, as a slice of `bytes`; no data if none is. */
static struct slice read_comparator(struct slice bytes)
{
    const char *at = bytes.data + RECORD_HEADER;
    if (bytes.len < RECORD_HEADER + 2 || at[0] != TAG_COMPARATOR)
        return slice_of(NULL, 0);
    size_t len = (unsigned char)at[1];
    if (len >= 0x80 || bytes.len < RECORD_HEADER + 2 + len)
        return slice_of(NULL, 0); /* a varint of two bytes: no comparator has so long a name */
    return slice_of(at + 2, len);
}

/* Looks at the comparator. What cannot be made sense of here is left for LevelDB to judge. */
static bool check_comparator(const char *path, struct store_error *error)
{
    char name[64];
    ssize_t len = read_start(path, "CURRENT", name, sizeof(name) - 1);
    if (len < 0 && errno == ENOENT)
        return refuse(error, STATUS_BADARG, path,
                      "is not empty and is not a LevelDB (it has no CURRENT file)");
    if (len < 0)
        return refuse(error, STATUS_IO, path, strerror(errno));
    name[len] = '\0';
    name[strcspn(name, "\n")] = '\0';

    if (strncmp(name, manifest, strlen(manifest)) != 0 || strchr(name, '/') != NULL)
        return refuse(error, STATUS_CORRUPT, path, "CURRENT names no manifest");
    char start[256];
    len = read_start(path, name, start, sizeof(start));
    if (len <= 0)
        return refuse(error, STATUS_CORRUPT, path, "CURRENT names a manifest that cannot be read");
    struct slice comparator = read_comparator(slice_of(start, (size_t)len));
    if (comparator.data == NULL || slice_equal(comparator, SLICE(bytewise)))
        return true;
    char problem[160];
    snprintf(problem, sizeof(problem), "is ordered by the comparator \"%.*s\"; only %s is served",
             (int)comparator.len, comparator.data, bytewise);
    return refuse(error, STATUS_BADARG, path, problem);
}

static bool may_begin(const struct store_options *options, struct store_error *error)
{
    return options->create_if_missing || refuse(error, STATUS_BADARG, options->path,
                                                "holds no LevelDB, and create-if-missing is no");
}

static bool check_contents(const struct store_options *options, struct store_error *error)
{
    const char *path = options->path;
    bool empty = false;
    pid_t holder = 0;
    if (is_locked(path, &holder)) {
        char problem[80] = "is in use by another process";
        if (holder > 0)
            snprintf(problem, sizeof(problem), "is in use by process %d", (int)holder);
        return refuse(error, STATUS_IO, path, problem);
    }
    if (!is_empty(path, &empty))
        return refuse(error, STATUS_IO, path, strerror(errno));
    if (empty)
        return may_begin(options, error);
    if (!check_comparator(path, error))
        return false;
    return !options->error_if_exists ||
           refuse(error, STATUS_BADARG, path, "holds a LevelDB, and error-if-exists is yes");
}

bool directory_check(const struct store_options *options, struct store_error *error)
{
    const char *path = options->path;
    struct stat about;
    if (stat(path, &about) != 0)
        return errno == ENOENT ? may_begin(options, error)
                               : refuse(error, STATUS_IO, path, strerror(errno));
    if (!S_ISDIR(about.st_mode))
        return refuse(error, STATUS_BADARG, path, "is not a directory");
    if (access(path, R_OK | W_OK | X_OK) != 0)
        return refuse(error, STATUS_IO, path, strerror(errno));
    return check_contents(options, error);
}

static bool sync_one(const char *path)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return false;
    int result = fsync(fd);
    int problem = errno;
    close(fd);
    errno = problem;
    return result == 0;
}

bool directory_sync(const char *path)
{
    char copy[PATH_MAX];
    if (snprintf(copy, sizeof(copy), "%s", path) >= (int)sizeof(copy)) {
        errno = ENAMETOOLONG;
        return false;
    }
    /* A parent that may not be read cannot be synced; it is not ours, and seldom new. */
    return sync_one(path) && (sync_one(dirname(copy)) || errno == EACCES);
}
