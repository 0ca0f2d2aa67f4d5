/*
 * The preloaded side of fault.h: system calls that fail when they are told to. Only those on files
 * below the data directory count.
 *
 * Where the C library has two names for one call, for small and for large files, both are here: the
 * daemon uses one, and libraries the other.
 */
#undef _FILE_OFFSET_BITS
#undef _FORTIFY_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tests/fault/fault.h"

#define PATH_BYTES 4096

static struct fault *fault;
static const char *data;
static size_t data_len;

__attribute__((constructor)) static void map_fault(void)
{
    const char *path = getenv(FAULT_VARIABLE);
    data = getenv(FAULT_DATA_VARIABLE);
    data_len = data == NULL ? 0 : strlen(data);
    long fd = path == NULL ? -1 : syscall(SYS_openat, AT_FDCWD, path, O_RDWR | O_CLOEXEC);
    if (fd < 0 || data == NULL)
        return;
    long mapped =
        syscall(SYS_mmap, NULL, sizeof(struct fault), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    syscall(SYS_close, fd);
    if (mapped != -1)
        memcpy(&fault, &mapped, sizeof(fault));
}

/* Whose calls count --------------------------------------------------------- */

static bool is_below(const char *path)
{
    return strncmp(path, data, data_len) == 0 && (path[data_len] == '/' || path[data_len] == '\0');
}

static bool is_below_at(int directory, const char *name)
{
    char link[64];
    char path[PATH_BYTES];
    if (directory == AT_FDCWD || name[0] == '/')
        return is_below(name);
    snprintf(link, sizeof(link), "/proc/self/fd/%d", directory);
    long len = syscall(SYS_readlinkat, AT_FDCWD, link, path, sizeof(path) - 1);
    path[len < 0 ? 0 : len] = '\0';
    return is_below(path);
}

/* The file may have been deleted, which the kernel adds to its name. */
static bool is_ours(int fd)
{
    return fault != NULL && is_below_at(fd, "");
}

/* Whether this call fails; then errno is set, except for half a write. */
static bool fails(enum fault_call call)
{
    unsigned number = atomic_fetch_add(&fault->calls[call], 1) + 1;
    unsigned first = atomic_load(&fault->first);
    if (first == 0 || call != atomic_load(&fault->call) || number < first ||
        number - first >= atomic_load(&fault->count))
        return false;
    atomic_fetch_add(&fault->failed, 1);
    int error = atomic_load(&fault->error);
    if (error != FAULT_SHORT)
        errno = error;
    return true;
}

static bool fails_at(enum fault_call call, int directory, const char *name)
{
    return fault != NULL && is_below_at(directory, name) && fails(call);
}

/* The calls ------------------------------------------------------------------ */

ssize_t write(int fd, const void *bytes, size_t count)
{
    if (is_ours(fd) && fails(FAULT_WRITE)) {
        if (atomic_load(&fault->error) != FAULT_SHORT)
            return -1;
        count = (count + 1) / 2;
    }
    return syscall(SYS_write, fd, bytes, count);
}

int fdatasync(int fd)
{
    return is_ours(fd) && fails(FAULT_FDATASYNC) ? -1 : (int)syscall(SYS_fdatasync, fd);
}

int fsync(int fd)
{
    return is_ours(fd) && fails(FAULT_FSYNC) ? -1 : (int)syscall(SYS_fsync, fd);
}

static int open_at(int directory, const char *path, int flags, va_list list)
{
    mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(list, mode_t) : 0;
    if (fails_at(FAULT_OPEN, directory, path))
        return -1;
    return (int)syscall(SYS_openat, directory, path, flags, mode);
}

int open(const char *path, int flags, ...)
{
    va_list list;
    va_start(list, flags);
    int fd = open_at(AT_FDCWD, path, flags, list);
    va_end(list);
    return fd;
}

int open64(const char *path, int flags, ...)
{
    va_list list;
    va_start(list, flags);
    int fd = open_at(AT_FDCWD, path, flags, list);
    va_end(list);
    return fd;
}

int openat(int directory, const char *path, int flags, ...)
{
    va_list list;
    va_start(list, flags);
    int fd = open_at(directory, path, flags, list);
    va_end(list);
    return fd;
}

int openat64(int directory, const char *path, int flags, ...)
{
    va_list list;
    va_start(list, flags);
    int fd = open_at(directory, path, flags, list);
    va_end(list);
    return fd;
}

/* The C library opens the file behind fopen and opendir without a call that could be taken here. */
static void *find_next(const char *name)
{
    return dlsym(RTLD_NEXT, name);
}

FILE *fopen(const char *path, const char *mode)
{
    FILE *(*function)(const char *, const char *);
    void *next = find_next("fopen");
    memcpy(&function, &next, sizeof(function));
    return fails_at(FAULT_OPEN, AT_FDCWD, path) ? NULL : function(path, mode);
}

FILE *fopen64(const char *path, const char *mode)
{
    return fopen(path, mode);
}

DIR *opendir(const char *path)
{
    DIR *(*function)(const char *);
    void *next = find_next("opendir");
    memcpy(&function, &next, sizeof(function));
    return fails_at(FAULT_OPEN, AT_FDCWD, path) ? NULL : function(path);
}

int rename(const char *from, const char *to)
{
    return fails_at(FAULT_RENAME, AT_FDCWD, from) ? -1 : (int)syscall(SYS_rename, from, to);
}

int renameat(int from_directory, const char *from, int to_directory, const char *to)
{
    return fails_at(FAULT_RENAME, from_directory, from)
               ? -1
               : (int)syscall(SYS_renameat, from_directory, from, to_directory, to);
}

int unlink(const char *path)
{
    return fails_at(FAULT_UNLINK, AT_FDCWD, path) ? -1 : (int)syscall(SYS_unlink, path);
}

int unlinkat(int directory, const char *path, int flags)
{
    return fails_at(FAULT_UNLINK, directory, path)
               ? -1
               : (int)syscall(SYS_unlinkat, directory, path, flags);
}

/* As Linux does it: the descriptor is gone though the call fails. */
int close(int fd)
{
    bool failing = is_ours(fd) && fails(FAULT_CLOSE);
    int error = errno;
    int result = (int)syscall(SYS_close, fd);
    if (!failing)
        return result;
    errno = error;
    return -1;
}

ssize_t read(int fd, void *bytes, size_t count)
{
    return is_ours(fd) && fails(FAULT_READ) ? -1 : syscall(SYS_read, fd, bytes, count);
}

ssize_t __read_chk(int fd, void *bytes, size_t count, size_t room);

ssize_t __read_chk(int fd, void *bytes, size_t count, size_t room)
{
    (void)room;
    return read(fd, bytes, count);
}

/* The daemon has an mmap of its own, which LevelDB finds first, and asks the kernel from there. */
long syscall(long number, ...)
{
    static long (*next)(long, ...);
    void *found = next == NULL ? dlsym(RTLD_NEXT, "syscall") : NULL;
    if (found != NULL)
        memcpy(&next, &found, sizeof(next));
    long arguments[6];
    va_list list;
    va_start(list, number);
    for (size_t i = 0; i < 6; i++)
        arguments[i] = va_arg(list, long); /* those that were not given mean nothing */
    va_end(list);
    if (number == SYS_mmap && (int)arguments[4] >= 0 && is_ours((int)arguments[4]) &&
        fails(FAULT_MMAP))
        return -1;
    return next(number, arguments[0], arguments[1], arguments[2], arguments[3], arguments[4],
                arguments[5]);
}

static ssize_t read_at(int fd, void *bytes, size_t count, off_t offset)
{
    return is_ours(fd) && fails(FAULT_PREAD) ? -1 : syscall(SYS_pread64, fd, bytes, count, offset);
}

static int truncate_to(int fd, off_t size)
{
    return is_ours(fd) && fails(FAULT_FTRUNCATE) ? -1 : (int)syscall(SYS_ftruncate, fd, size);
}

ssize_t pread(int fd, void *bytes, size_t count, off_t offset)
{
    return read_at(fd, bytes, count, offset);
}

ssize_t pread64(int fd, void *bytes, size_t count, off64_t offset)
{
    return read_at(fd, bytes, count, offset);
}

int ftruncate(int fd, off_t size)
{
    return truncate_to(fd, size);
}

int ftruncate64(int fd, off64_t size)
{
    return truncate_to(fd, size);
}
