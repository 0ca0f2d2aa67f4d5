#include "tests/bench/lib/process.h"

#include <err.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/bench/lib/clock.h"

/* No CPU used in so many looks, one after another, is quiet. */
#define LOOKS 6
#define LOOK_SECONDS 0.025
#define SETTLE_SECONDS 10

pid_t process_start(const char *const *argv, int out, int err_out)
{
    pid_t parent = getpid();
    pid_t pid = fork();
    if (pid < 0)
        err(1, "fork");
    if (pid > 0)
        return pid;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(1);
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    if (dup2(null, STDIN_FILENO) < 0 || dup2(out < 0 ? null : out, STDOUT_FILENO) < 0 ||
        (err_out >= 0 && dup2(err_out, STDERR_FILENO) < 0))
        err(1, "dup2");
    /* execvp takes, and does not change, what it calls not constant. */
    execvp(argv[0], (char *const *)(size_t)argv);
    err(127, "%s", argv[0]);
}

double process_cpu(pid_t pid)
{
    char path[64];
    char text[1024] = "";
    snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
    FILE *file = fopen(path, "r");
    if (!file || !fgets(text, sizeof(text), file))
        err(1, "%s", path);
    fclose(file);
    /* Behind the name, which may hold anything, come the state and ten fields, then these two. */
    unsigned long user = 0;
    unsigned long system = 0;
    const char *fields = strrchr(text, ')');
    if (!fields || sscanf(fields + 2, "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user,
                          &system) != 2)
        errx(1, "%s cannot be read", path);
    return (double)(user + system) / (double)sysconf(_SC_CLK_TCK);
}

void process_settle(pid_t pid)
{
    double deadline = clock_now() + SETTLE_SECONDS;
    double before = process_cpu(pid);
    for (int quiet = 0; quiet < LOOKS && clock_now() < deadline; quiet++) {
        clock_pause(LOOK_SECONDS);
        double after = process_cpu(pid);
        /* A daemon's own clocks may tick now and then. */
        if (after - before > 0.015)
            quiet = -1;
        before = quiet < 0 ? after : before;
    }
}

double process_wait(pid_t pid)
{
    int status;
    struct rusage usage;
    if (wait4(pid, &status, 0, &usage) != pid)
        err(1, "wait4");
    if (status != 0)
        errx(1, "a program that was measured failed: status %#x", (unsigned)status);
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

void process_end(pid_t pid)
{
    kill(pid, SIGTERM);
    if (waitpid(pid, NULL, 0) != pid)
        err(1, "waitpid");
}

double process_run(const char *const *argv, char *text, size_t size)
{
    int ends[2];
    char rest[4096];
    size_t len = 0;
    if (!text)
        return process_wait(process_start(argv, -1, -1));
    if (pipe2(ends, O_CLOEXEC) != 0)
        err(1, "pipe2");
    pid_t pid = process_start(argv, ends[1], -1);
    close(ends[1]);
    for (;;) {
        bool room = len < size - 1;
        ssize_t got =
            room ? read(ends[0], text + len, size - 1 - len) : read(ends[0], rest, sizeof(rest));
        if (got <= 0)
            break;
        len += room ? (size_t)got : 0;
    }
    text[len] = '\0';
    close(ends[0]);
    return process_wait(pid);
}
