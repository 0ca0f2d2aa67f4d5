#include "store/salvage.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "store/entries.h"
#include "store/filename.h"
#include "store/lost.h"
#include "store/record.h"

/* A name that LevelDB takes for its own and its repair removes at the next opening. */
static const char copy_name[] = "000000.dbtmp";

/* A log being copied. */
struct copy {
    int directory;
    int from;
    int to; /* -1 while nothing was found damaged: then only a look is taken */
    bool damaged;
};

static bool read_block(int fd, char *block, size_t *len)
{
    for (*len = 0; *len < RECORD_BLOCK;) {
        ssize_t got = read(fd, block + *len, RECORD_BLOCK - *len);
        if (got < 0)
            return false;
        if (got == 0)
            break;
        *len += (size_t)got;
    }
    return true;
}

static bool write_block(int fd, const char *block, size_t len)
{
    for (size_t done = 0; done < len;) {
        ssize_t put = write(fd, block + done, len - done);
        if (put < 0)
            return false;
        done += (size_t)put;
    }
    return true;
}

/* Walks over the log, masks what is damaged, and writes the result if there is somewhere to. */
static bool walk(struct copy *copy)
{
    char block[RECORD_BLOCK];
    size_t len = 0;
    if (lseek(copy->from, 0, SEEK_SET) != 0)
        return false;
    do {
        if (!read_block(copy->from, block, &len))
            return false;
        copy->damaged |= record_mask_damage(block, len);
        if (copy->to >= 0 && !write_block(copy->to, block, len))
            return false;
    } while (len == RECORD_BLOCK);
    return true;
}

/* The log gets its second name first and is replaced then, so that at no time it has none. */
static bool replace(const struct copy *copy, const char *name)
{
    int lost = lost_open(copy->directory);
    if (lost < 0)
        return false;
    bool linked = lost_link(copy->directory, lost, name, "damaged") && fsync(lost) == 0;
    int problem = errno;
    close(lost);
    errno = problem;
    return linked && fsync(copy->directory) == 0 &&
           renameat(copy->directory, copy_name, copy->directory, name) == 0;
}

static bool copy_over(struct copy *copy, const char *name)
{
    copy->to = openat(copy->directory, copy_name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (copy->to < 0)
        return false;
    bool copied = walk(copy) && fdatasync(copy->to) == 0;
    int problem = errno;
    close(copy->to);
    errno = problem;
    return copied && replace(copy, name);
}

static bool salvage_log(int directory, const char *name, size_t *damaged)
{
    struct copy copy = {.directory = directory, .to = -1};
    copy.from = openat(directory, name, O_RDONLY | O_CLOEXEC);
    if (copy.from < 0)
        return false;
    bool done = walk(&copy) && (!copy.damaged || copy_over(&copy, name));
    int problem = errno;
    *damaged += copy.damaged;
    close(copy.from);
    errno = problem;
    return done;
}

/* Salvaging all of a directory. */
struct salvage {
    size_t *damaged;
    int problem; /* the errno that ended it, or 0 */
};

static bool salvage_if_log(void *arg, int directory, const char *name)
{
    struct salvage *salvage = arg;
    if (filename_kind(name) == FILENAME_LOG && !salvage_log(directory, name, salvage->damaged))
        salvage->problem = errno;
    return salvage->problem == 0;
}

bool salvage_logs(const char *path, size_t *damaged, struct store_error *error)
{
    struct salvage salvage = {.damaged = damaged};
    *damaged = 0;
    if (!entries_visit(path, salvage_if_log, &salvage))
        salvage.problem = errno;
    if (salvage.problem == 0)
        return true;
    error->status = STATUS_IO;
    snprintf(error->text, sizeof(error->text), "%.100s: the logs: %s", path,
             strerror(salvage.problem));
    return false;
}
