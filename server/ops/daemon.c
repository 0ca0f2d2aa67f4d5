#include "ops/daemon.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

/* Where the child says that it is ready; -1 when nobody waits. */
static int word_fd = -1;

static const char *pidfile_path;
static int pidfile_fd = -1;

/* In the parent: a byte means ready; an end without one, that the child gave up. */
static int wait_for_word(int fd)
{
    char word;
    ssize_t got;
    do
        got = read(fd, &word, 1);
    while (got < 0 && errno == EINTR);
    return got == 1 ? 0 : 1;
}

bool daemon_begin(void)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0)
        return false;
    pid_t child = fork();
    if (child < 0) {
        int problem = errno;
        close(ends[0]);
        close(ends[1]);
        errno = problem;
        return false;
    }
    if (child > 0) {
        close(ends[1]);
        _exit(wait_for_word(ends[0]));
    }
    close(ends[0]);
    word_fd = ends[1];
    setsid();
    return true;
}

void daemon_ready(void)
{
    if (word_fd < 0)
        return;
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    if (null >= 0) {
        dup2(null, STDIN_FILENO);
        dup2(null, STDOUT_FILENO);
        dup2(null, STDERR_FILENO);
        close(null);
    }
    (void)!write(word_fd, "", 1);
    close(word_fd);
    word_fd = -1;
}

/* Whether it is new, or begins as a pid file does; else errno is EEXIST. */
static bool is_pidfile(int fd)
{
    char first;
    ssize_t got = pread(fd, &first, 1, 0);
    if (got == 0 || (got == 1 && first >= '0' && first <= '9'))
        return true;
    if (got == 1)
        errno = EEXIST;
    return false;
}

bool daemon_write_pidfile(const char *path)
{
    char text[24];
    int len = snprintf(text, sizeof(text), "%d\n", (int)getpid());
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (fd < 0)
        return false;
    if (flock(fd, LOCK_EX | LOCK_NB) == 0 && is_pidfile(fd) && ftruncate(fd, 0) == 0 &&
        pwrite(fd, text, (size_t)len, 0) == len) {
        pidfile_path = path;
        pidfile_fd = fd;
        return true; /* the descriptor stays open: it holds the lock */
    }
    int problem = errno;
    close(fd);
    errno = problem;
    return false;
}

void daemon_remove_pidfile(void)
{
    if (pidfile_path != NULL && unlink(pidfile_path) != 0)
        (void)!ftruncate(pidfile_fd, 0);
}
