#include "tests/lib/scratch.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "tests/lib/deadline.h"

char *scratch_new(void)
{
    const char *base = getenv("TMPDIR");
    char *path = scratch_path(base == NULL || *base == '\0' ? "/tmp" : base, "leveret-test-XXXXXX");
    cr_assert(mkdtemp(path) != NULL, "no scratch directory %s: %s", path, strerror(errno));
    return path;
}

static int remove_entry(const char *path, const struct stat *entry, int type, struct FTW *place)
{
    (void)entry, (void)type, (void)place;
    return remove(path);
}

void scratch_remove(char *path)
{
    if (path == NULL)
        return;
    nftw(path, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
    free(path);
}

char *scratch_path(const char *directory, const char *name)
{
    char *path = NULL;
    cr_assert(asprintf(&path, "%s/%s", directory, name) > 0);
    return path;
}

void scratch_write(const char *path, struct slice bytes)
{
    FILE *file = fopen(path, "we");
    cr_assert(file != NULL, "cannot write %s: %s", path, strerror(errno));
    cr_assert(fwrite(bytes.data, 1, bytes.len, file) == bytes.len);
    cr_assert(fclose(file) == 0);
}

struct buffer scratch_read(const char *path)
{
    struct buffer bytes = {0};
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    cr_assert(fd >= 0, "cannot read %s: %s", path, strerror(errno));
    ssize_t got = 0;
    do {
        cr_assert(buffer_reserve(&bytes, 65536));
        got = read(fd, bytes.data + bytes.len, 65536);
        cr_assert(got >= 0, "cannot read %s: %s", path, strerror(errno));
        bytes.len += (size_t)got;
    } while (got > 0);
    close(fd);
    return bytes;
}

static bool contains(const char *path, const char *text)
{
    if (access(path, R_OK) != 0)
        return false;
    struct buffer bytes = scratch_read(path);
    bool found = memmem(bytes.data, bytes.len, text, strlen(text)) != NULL;
    buffer_fini(&bytes);
    return found;
}

void scratch_await(const char *path, const char *text)
{
    int64_t deadline = deadline_in(DEADLINE_SECONDS);
    while (!contains(path, text)) {
        cr_assert(deadline_left(deadline) > 0, "%s does not come to contain `%s`", path, text);
        poll(NULL, 0, 5);
    }
}

static void list_entry(struct buffer *out, int directory, const char *name)
{
    struct stat entry;
    cr_assert(fstatat(directory, name, &entry, AT_SYMLINK_NOFOLLOW) == 0, "%s: %s", name,
              strerror(errno));
    char line[512];
    int len = snprintf(line, sizeof(line), "%s mode %o size %lld modified %lld.%09ld\n", name,
                       entry.st_mode, (long long)entry.st_size, (long long)entry.st_mtim.tv_sec,
                       entry.st_mtim.tv_nsec);
    buffer_append(out, line, (size_t)len);
}

static int skip_parent(const struct dirent *entry)
{
    return strcmp(entry->d_name, "..") != 0;
}

struct buffer scratch_listing(const char *path)
{
    struct buffer out = {0};
    struct dirent **entries = NULL;
    int directory = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int count = scandir(path, &entries, skip_parent, alphasort);
    cr_assert(directory >= 0 && count >= 0, "cannot list %s: %s", path, strerror(errno));
    for (int i = 0; i < count; i++) {
        list_entry(&out, directory, entries[i]->d_name);
        free(entries[i]);
    }
    free(entries);
    close(directory);
    return out;
}

uint64_t scratch_bytes(const char *path)
{
    uint64_t bytes = 0;
    DIR *directory = opendir(path);
    struct dirent *entry = NULL;
    struct stat file;
    cr_assert(directory != NULL, "cannot list %s: %s", path, strerror(errno));
    while ((entry = readdir(directory)) != NULL)
        if (fstatat(dirfd(directory), entry->d_name, &file, AT_SYMLINK_NOFOLLOW) == 0 &&
            S_ISREG(file.st_mode))
            bytes += (uint64_t)file.st_size;
    closedir(directory);
    return bytes;
}
