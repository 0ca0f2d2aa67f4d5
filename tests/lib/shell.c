#include "tests/lib/shell.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "tests/lib/deadline.h"
#include "tests/lib/paths.h"
#include "tests/lib/report.h"

#define SHELL_SECONDS 120

/* The parent's ends of a child's three streams; -1 when done with. */
struct pipes {
    int in;
    int out;
    int err;
};

/* In the child: becomes the shell. */
static void become(const char *command, int in, int out, int err)
{
    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    signal(SIGPIPE, SIG_DFL);
    dup2(in, STDIN_FILENO);
    dup2(out, STDOUT_FILENO);
    dup2(err, STDERR_FILENO);
    setenv("LEVERETD", paths_daemon(), 1);
    setenv("LEVERET", paths_client(), 1);
    setenv("SOURCE", paths_source(), 1);
    execl("/bin/bash", "bash", "-o", "pipefail", "-c", command, (char *)NULL);
    _exit(127);
}

static pid_t start(const char *command, struct pipes *pipes)
{
    int in[2];
    int out[2];
    int err[2];
    cr_assert(pipe2(in, O_CLOEXEC) == 0 && pipe2(out, O_CLOEXEC) == 0 &&
              pipe2(err, O_CLOEXEC) == 0);
    pid_t child = fork();
    cr_assert(child >= 0, "cannot fork: %s", strerror(errno));
    if (child == 0)
        become(command, in[0], out[1], err[1]);
    setpgid(child, child);
    close(in[0]);
    close(out[1]);
    close(err[1]);
    fcntl(in[1], F_SETFL, O_NONBLOCK);
    *pipes = (struct pipes){in[1], out[0], err[0]};
    return child;
}

static void end(int *fd)
{
    close(*fd);
    *fd = -1;
}

static void pull(int *fd, struct buffer *into)
{
    cr_assert(buffer_reserve(into, 65536));
    ssize_t got = read(*fd, into->data + into->len, 65536);
    if (got > 0)
        into->len += (size_t)got;
    else
        end(fd);
}

static void push(int *fd, struct slice *input)
{
    ssize_t sent = input->len == 0 ? 0 : write(*fd, input->data, input->len);
    if (sent > 0)
        *input = slice_of(input->data + sent, input->len - (size_t)sent);
    if (input->len == 0 || (sent < 0 && errno != EAGAIN))
        end(fd);
}

/* Moves bytes until both outputs ended; false when the time is over. */
static bool pump(struct pipes *pipes, struct slice input, struct shell *shell)
{
    int64_t deadline = deadline_in(SHELL_SECONDS);
    while (pipes->out >= 0 || pipes->err >= 0) {
        struct pollfd entries[] = {{.fd = pipes->in, .events = POLLOUT},
                                   {.fd = pipes->out, .events = POLLIN},
                                   {.fd = pipes->err, .events = POLLIN}};
        if (poll(entries, 3, deadline_left(deadline)) <= 0)
            return false;
        if (entries[0].revents != 0)
            push(&pipes->in, &input);
        if (entries[1].revents != 0)
            pull(&pipes->out, &shell->out);
        if (entries[2].revents != 0)
            pull(&pipes->err, &shell->err);
    }
    return true;
}

static void terminate(struct buffer *text)
{
    buffer_append_byte(text, '\0');
    cr_assert(!text->failed);
    text->len--;
}

static struct shell run(const char *command, struct slice input)
{
    struct shell shell = {0};
    struct pipes pipes;
    void (*before)(int) = signal(SIGPIPE, SIG_IGN);
    pid_t child = start(command, &pipes);
    bool done = pump(&pipes, input, &shell);
    if (!done)
        kill(-child, SIGKILL);
    int status = 0;
    waitpid(child, &status, 0);
    signal(SIGPIPE, before);
    if (pipes.in >= 0)
        close(pipes.in);
    shell.status = WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
    terminate(&shell.out);
    terminate(&shell.err);
    cr_assert(done, "`%s` did not end; it printed %s and %s", command,
              report_show(buffer_slice(&shell.out)), report_show(buffer_slice(&shell.err)));
    return shell;
}

static struct shell run_list(struct slice input, const char *format, va_list list)
{
    char *command = NULL;
    cr_assert(vasprintf(&command, format, list) >= 0);
    struct shell shell = run(command, input);
    free(command);
    return shell;
}

struct shell shell_run(const char *format, ...)
{
    va_list list;
    va_start(list, format);
    struct shell shell = run_list(SLICE(""), format, list);
    va_end(list);
    return shell;
}

struct shell shell_feed(struct slice input, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    struct shell shell = run_list(input, format, list);
    va_end(list);
    return shell;
}

void shell_fini(struct shell *shell)
{
    buffer_fini(&shell->out);
    buffer_fini(&shell->err);
}

void shell_expect(int status, const char *out, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    struct shell shell = run_list(SLICE(""), format, list);
    va_end(list);
    cr_assert(shell.status == status, "`%s` exited with %d instead of %d; it printed %s and %s",
              format, shell.status, status, report_show(buffer_slice(&shell.out)),
              report_show(buffer_slice(&shell.err)));
    if (out != NULL)
        report_equal(format, buffer_slice(&shell.out), slice_from_string(out));
    shell_fini(&shell);
}
