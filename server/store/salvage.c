#include "store/salvage.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/filename.h"
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
    char kept[300];
    int linked = -1;
    if (mkdirat(copy->directory, "lost", 0755) != 0 && errno != EEXIST)
        return false;
    for (unsigned n = 1; linked != 0; n++) { /* other repairs may have left logs of that name */
        snprintf(kept, sizeof(kept), "lost/%s.damaged-%u", name, n);
        linked = linkat(copy->directory, name, copy->directory, kept, 0);
        if (linked != 0 && errno != EEXIST)
            return false;
    }
    return renameat(copy->directory, copy_name, copy->directory, name) == 0;
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

bool salvage_logs(const char *path, size_t *damaged, struct store_error *error)
{
    bool done = true;
    *damaged = 0;
    DIR *directory = opendir(path);
    if (directory == NULL)
        done = false;
    for (struct dirent *entry; done && (entry = readdir(directory)) != NULL;)
        if (filename_kind(entry->d_name) == FILENAME_LOG)
            done = salvage_log(dirfd(directory), entry->d_name, damaged);
    if (!done) {
        error->status = STATUS_IO;
        snprintf(error->text, sizeof(error->text), "%.100s: the logs: %s", path, strerror(errno));
    }
    if (directory != NULL)
        closedir(directory);
    return done;
}
