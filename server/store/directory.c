#include "store/directory.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/entries.h"
#include "store/filename.h"
#include "store/manifest.h"
#include "store/marker.h"

static bool refuse(struct store_error *error, enum status status, const char *path,
                   const char *problem)
{
    error->status = status;
    snprintf(error->text, sizeof(error->text), "%.100s: %.200s", path, problem);
    return false;
}

/* Names that may stand in a directory that is still to become a LevelDB: those LevelDB makes before
 * CURRENT when it begins one, and what a new file system brings. */
static bool means_nothing(const char *name)
{
    static const char *const names[] = {"LOCK",         "LOG",       "LOG.old", "MANIFEST-000001",
                                        "000001.dbtmp", "lost+found"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (strcmp(name, names[i]) == 0)
            return true;
    return false;
}

static bool look_for_meaning(void *arg, int directory, const char *name)
{
    bool *empty = arg;
    (void)directory;
    *empty = means_nothing(name);
    return *empty;
}

/* Tells in *empty whether the directory holds nothing of importance. False with errno set. */
static bool is_empty(const char *path, bool *empty)
{
    *empty = true;
    return entries_visit(path, look_for_meaning, empty);
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

static bool refuse_used(const char *path, pid_t holder, struct store_error *error)
{
    char problem[80] = "is in use by another process";
    if (holder > 0)
        snprintf(problem, sizeof(problem), "is in use by process %d", (int)holder);
    return refuse(error, STATUS_IO, path, problem);
}

/* Looks at the comparator that a manifest names. What cannot be made sense of is left for LevelDB
 * to judge. */
static bool check_manifest(const char *path, const char *name, struct store_error *error)
{
    char comparator[MANIFEST_NAME];
    char problem[MANIFEST_NAME + 96];
    switch (manifest_read(path, name, comparator)) {
    case MANIFEST_BYTEWISE:
    case MANIFEST_UNCLEAR:
        return true;
    case MANIFEST_UNREADABLE:
        snprintf(problem, sizeof(problem), "%.60s cannot be read: %.40s%s", name, strerror(errno),
                 errno == ENOENT ? "; leveretd --repair may make it whole" : "");
        return refuse(error, STATUS_CORRUPT, path, problem);
    case MANIFEST_OTHER:
        snprintf(problem, sizeof(problem), "is ordered by the comparator \"%s\"; only %s is served",
                 comparator, manifest_bytewise);
        return refuse(error, STATUS_BADARG, path, problem);
    }
    return true;
}

/* CURRENT is missing, and the directory is not empty. */
static bool refuse_headless(const char *path, struct store_error *error)
{
    struct inventory inventory;
    if (!inventory_take(&inventory, path, error))
        return false;
    return refuse(error, STATUS_BADARG, path,
                  inventory_is_leveldb(&inventory)
                      ? "has no CURRENT file; leveretd --repair may make it whole"
                      : "is not empty and is not a LevelDB (it has no CURRENT file)");
}

static bool check_current(const char *path, struct store_error *error)
{
    char name[64];
    if (!manifest_current(path, name, sizeof(name)))
        return errno == ENOENT ? refuse_headless(path, error)
                               : refuse(error, STATUS_IO, path, strerror(errno));
    if (filename_kind(name) != FILENAME_MANIFEST)
        return refuse(error, STATUS_CORRUPT, path,
                      "CURRENT names no manifest; leveretd --repair may make it whole");
    return check_manifest(path, name, error);
}

static bool check_unused(const char *path, struct store_error *error)
{
    pid_t holder = 0;
    return !is_locked(path, &holder) || refuse_used(path, holder, error);
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
    if (!check_unused(path, error))
        return false;
    if (marker_is_set(path))
        return refuse(error, STATUS_CORRUPT, path,
                      "was left by a repair that did not end; only another leveretd --repair can "
                      "make it whole");
    if (!is_empty(path, &empty))
        return refuse(error, STATUS_IO, path, strerror(errno));
    if (empty)
        return may_begin(options, error);
    if (!check_current(path, error))
        return false;
    return !options->error_if_exists ||
           refuse(error, STATUS_BADARG, path, "holds a LevelDB, and error-if-exists is yes");
}

static bool check_access(const char *path, const struct stat *about, struct store_error *error)
{
    if (!S_ISDIR(about->st_mode))
        return refuse(error, STATUS_BADARG, path, "is not a directory");
    return access(path, R_OK | W_OK | X_OK) == 0 || refuse(error, STATUS_IO, path, strerror(errno));
}

bool directory_check(const struct store_options *options, struct store_error *error)
{
    const char *path = options->path;
    struct stat about;
    if (stat(path, &about) != 0)
        return errno == ENOENT ? may_begin(options, error)
                               : refuse(error, STATUS_IO, path, strerror(errno));
    return check_access(path, &about, error) && check_contents(options, error);
}

/* Checking all manifests of a directory. */
struct manifests {
    const char *path;
    struct store_error *error;
    bool good;
};

static bool check_if_manifest(void *arg, int directory, const char *name)
{
    struct manifests *manifests = arg;
    (void)directory;
    if (filename_kind(name) == FILENAME_MANIFEST)
        manifests->good = check_manifest(manifests->path, name, manifests->error);
    return manifests->good;
}

static bool check_manifests(const char *path, struct store_error *error)
{
    struct manifests manifests = {.path = path, .error = error, .good = true};
    if (!entries_visit(path, check_if_manifest, &manifests))
        return refuse(error, STATUS_IO, path, strerror(errno));
    return manifests.good;
}

bool directory_check_offline(const char *path, struct inventory *inventory,
                             struct store_error *error)
{
    struct stat about;
    if (stat(path, &about) != 0)
        return refuse(error, STATUS_IO, path, strerror(errno));
    if (!check_access(path, &about, error) || !check_unused(path, error) ||
        !inventory_take(inventory, path, error))
        return false;
    if (!inventory_is_leveldb(inventory))
        return refuse(error, STATUS_BADARG, path, "is not a LevelDB, nor what is left of one");
    if (inventory->rocksdb)
        return refuse(error, STATUS_BADARG, path, "holds files of RocksDB and is not a LevelDB");
    return check_manifests(path, error);
}

int directory_lock(const char *path, struct store_error *error)
{
    char file[PATH_MAX];
    if (snprintf(file, sizeof(file), "%s/LOCK", path) >= (int)sizeof(file)) {
        refuse(error, STATUS_IO, path, strerror(ENAMETOOLONG));
        return -1;
    }
    int fd = open(file, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    if (fd >= 0 && fcntl(fd, F_SETLK, &lock) == 0)
        return fd;
    if (fd >= 0 && (errno == EAGAIN || errno == EACCES))
        refuse_used(path, 0, error);
    else
        refuse(error, STATUS_IO, path, strerror(errno));
    if (fd >= 0)
        close(fd);
    return -1;
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
