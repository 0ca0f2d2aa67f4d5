#include "store/tail.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ops/log.h"
#include "store/lost.h"

/* So many tails are kept: a disk that goes on failing leaves one each time the store is reopened.
 */
#define MOST_KEPT 100

/* A file whose tail goes. */
struct cut {
    const char *name;
    uint64_t sound;
    uint64_t size;
    int directory;
    int lost;
    int file;
    int copy;
    char copy_name[64];
};

static bool write_all(int fd, const char *bytes, size_t len)
{
    for (size_t done = 0; done < len;) {
        ssize_t put = write(fd, bytes + done, len - done);
        if (put < 0 && errno != EINTR)
            return false;
        done += put < 0 ? 0 : (size_t)put;
    }
    return true;
}

static bool copy_tail(const struct cut *cut)
{
    char bytes[32768];
    for (uint64_t at = cut->sound; at < cut->size;) {
        ssize_t got = pread(cut->file, bytes, sizeof(bytes), (off_t)at);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0 || !write_all(cut->copy, bytes, (size_t)got))
            return false;
        at += (uint64_t)got;
    }
    return fsync(cut->copy) == 0;
}

/* The copy is on disk under its name before the tail goes: the names in `lost`, then `lost`. */
static bool set_aside(struct cut *cut)
{
    cut->lost = lost_open(cut->directory);
    if (cut->lost < 0)
        return false;
    cut->copy = lost_make(cut->lost, cut->name, "torn", cut->copy_name, sizeof(cut->copy_name));
    return cut->copy >= 0 && copy_tail(cut) && fsync(cut->lost) == 0 && fsync(cut->directory) == 0;
}

static bool open_all(struct cut *cut, const char *path)
{
    struct stat about;
    cut->directory = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (cut->directory < 0)
        return false;
    cut->file = openat(cut->directory, cut->name, O_RDWR | O_CLOEXEC);
    if (cut->file < 0 || fstat(cut->file, &about) != 0)
        return false;
    cut->size = (uint64_t)about.st_size;
    return true;
}

static void close_one(int fd)
{
    if (fd >= 0)
        close(fd);
}

bool tail_cut(const char *path, const char *name, uint64_t sound, struct store_error *error)
{
    struct cut cut = {
        .name = name, .sound = sound, .directory = -1, .lost = -1, .file = -1, .copy = -1};
    bool done = open_all(&cut, path) && set_aside(&cut) && ftruncate(cut.file, (off_t)sound) == 0 &&
                fsync(cut.file) == 0;
    if (done) {
        lost_thin(cut.lost, "torn", MOST_KEPT);
        log_info(
            "%s/%s ended in a write that was not finished: its first %llu bytes are whole, the "
            "other %llu were moved to lost/%s",
            path, name, (unsigned long long)sound, (unsigned long long)(cut.size - sound),
            cut.copy_name);
    } else {
        error->status = STATUS_IO;
        snprintf(error->text, sizeof(error->text),
                 "%.100s/%.40s ends in a torn write, which cannot be moved to lost: %.60s", path,
                 name, strerror(errno));
    }
    close_one(cut.copy);
    close_one(cut.file);
    close_one(cut.lost);
    close_one(cut.directory);
    return done;
}
