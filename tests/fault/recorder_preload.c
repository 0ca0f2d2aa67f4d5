/*
 * The preloaded side of recording.h: the calls by which LevelDB and the daemon change files, each
 * of which does what it does and is noted.
 *
 * A write is noted when it is done; so is what changes names. A sync is noted twice, because it
 * holds only for what was done before it began.
 */
/* With it the headers would rename open to open64, and both are asked for. */
#undef _FILE_OFFSET_BITS

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "tests/fault/recording.h"

static int notes = -1;
static const char *directory;
static size_t directory_length;
static atomic_uint_fast64_t syncs;

__attribute__((constructor)) static void begin(void)
{
    const char *path = getenv(RECORDING_VARIABLE);
    directory = getenv(RECORDING_DIRECTORY);
    if (path == NULL || directory == NULL)
        return;
    directory_length = strlen(directory);
    notes = (int)syscall(SYS_openat, AT_FDCWD, path, O_WRONLY | O_APPEND | O_CLOEXEC);
    atomic_store(&syncs, (uint64_t)getpid() << 32);
}

/* One call for the whole record, so that the records of two sides never mix. */
static void note(struct recording_head head, const void *bytes)
{
    int problem = errno;
    struct iovec parts[] = {{&head, sizeof(head)}, {(void *)(uintptr_t)bytes, head.length}};
    if (syscall(SYS_writev, notes, parts, 2) != (ssize_t)(sizeof(head) + head.length))
        abort();
    errno = problem;
}

/* The name of a file right below the directory; NULL for all others. */
static const char *find_name(const char *path)
{
    if (notes < 0 || strncmp(path, directory, directory_length) != 0 ||
        path[directory_length] != '/')
        return NULL;
    const char *name = path + directory_length + 1;
    return strchr(name, '/') == NULL && strlen(name) < RECORDING_NAME ? name : NULL;
}

static void copy_name(char *to, const char *name)
{
    snprintf(to, RECORDING_NAME, "%s", name);
}

enum place {
    PLACE_ELSEWHERE,
    PLACE_FILE,
    PLACE_DIRECTORY,
};

/* Where the descriptor's file is, and its inode. */
static enum place find_place(int fd, uint64_t *inode)
{
    char link[64];
    char path[4096];
    struct stat about;
    int problem = errno;
    enum place place = PLACE_ELSEWHERE;
    if (notes >= 0 && fstat(fd, &about) == 0 &&
        (S_ISREG(about.st_mode) || S_ISDIR(about.st_mode))) {
        snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
        ssize_t len = readlink(link, path, sizeof(path) - 1);
        path[len < 0 ? 0 : len] = '\0';
        *inode = about.st_ino;
        if (S_ISDIR(about.st_mode))
            place = strcmp(path, directory) == 0 ? PLACE_DIRECTORY : PLACE_ELSEWHERE;
        else
            place = find_name(path) != NULL ? PLACE_FILE : PLACE_ELSEWHERE;
    }
    errno = problem;
    return place;
}

/* Names ---------------------------------------------------------------------------- */

static int open_and_note(const char *path, int flags, mode_t mode)
{
    const char *name = (flags & O_CREAT) != 0 ? find_name(path) : NULL;
    struct stat about;
    bool is_new = name != NULL && syscall(SYS_faccessat, AT_FDCWD, path, F_OK) != 0;
    int fd = (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode);
    if (fd < 0 || name == NULL || fstat(fd, &about) != 0)
        return fd;
    struct recording_head head = {.kind = RECORDING_CREATE, .file = about.st_ino};
    copy_name(head.name, name);
    if (is_new)
        note(head, NULL);
    head.kind = RECORDING_TRUNCATE;
    if (!is_new && (flags & O_TRUNC) != 0)
        note(head, NULL);
    return fd;
}

static mode_t take_mode(int flags, va_list rest)
{
    return (flags & O_CREAT) != 0 ? (mode_t)va_arg(rest, int) : 0;
}

int open(const char *path, int flags, ...)
{
    va_list rest;
    va_start(rest, flags);
    mode_t mode = take_mode(flags, rest);
    va_end(rest);
    return open_and_note(path, flags, mode);
}

int open64(const char *path, int flags, ...)
{
    va_list rest;
    va_start(rest, flags);
    mode_t mode = take_mode(flags, rest);
    va_end(rest);
    return open_and_note(path, flags, mode);
}

int rename(const char *from, const char *to)
{
    struct recording_head head = {.kind = RECORDING_RENAME};
    int result = (int)syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0);
    const char *name = find_name(from);
    const char *other = find_name(to);
    if (result != 0 || name == NULL || other == NULL)
        return result;
    copy_name(head.name, name);
    copy_name(head.other, other);
    note(head, NULL);
    return 0;
}

int unlink(const char *path)
{
    struct recording_head head = {.kind = RECORDING_UNLINK};
    int result = (int)syscall(SYS_unlinkat, AT_FDCWD, path, 0);
    const char *name = find_name(path);
    if (result != 0 || name == NULL)
        return result;
    copy_name(head.name, name);
    note(head, NULL);
    return 0;
}

/* Contents ------------------------------------------------------------------------- */

ssize_t write(int fd, const void *bytes, size_t len)
{
    struct recording_head head = {.kind = RECORDING_WRITE};
    enum place place = find_place(fd, &head.file);
    off_t before = place == PLACE_FILE ? lseek(fd, 0, SEEK_CUR) : 0;
    ssize_t put = syscall(SYS_write, fd, bytes, len);
    if (place != PLACE_FILE || put <= 0)
        return put;
    head.number = (uint64_t)before;
    head.length = (uint32_t)put;
    note(head, bytes);
    return put;
}

static int sync_and_note(int fd, long call)
{
    struct recording_head head = {.number = atomic_fetch_add(&syncs, 1)};
    enum place place = find_place(fd, &head.file);
    head.kind = place == PLACE_FILE ? RECORDING_SYNC_BEGIN : RECORDING_NAMES_BEGIN;
    if (place != PLACE_ELSEWHERE)
        note(head, NULL);
    int result = (int)syscall(call, fd);
    head.kind = place == PLACE_FILE ? RECORDING_SYNC_END : RECORDING_NAMES_END;
    if (place != PLACE_ELSEWHERE && result == 0)
        note(head, NULL);
    return result;
}

int fdatasync(int fd)
{
    return sync_and_note(fd, SYS_fdatasync);
}

int fsync(int fd)
{
    return sync_and_note(fd, SYS_fsync);
}

int ftruncate64(int fd, off64_t size)
{
    struct recording_head head = {.kind = RECORDING_TRUNCATE, .number = (uint64_t)size};
    enum place place = find_place(fd, &head.file);
    int result = (int)syscall(SYS_ftruncate, fd, size);
    if (place == PLACE_FILE && result == 0)
        note(head, NULL);
    return result;
}
