#include "tests/lib/process.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "tests/lib/deadline.h"

void process_init(struct process *process)
{
    *process = (struct process){.pidfd = -1, .out = {.fd = -1}, .err = {.fd = -1}};
}

/* Streams ------------------------------------------------------------------ */

static void stream_close(struct process_stream *stream)
{
    if (stream->fd >= 0)
        close(stream->fd);
    stream->fd = -1;
    buffer_clear(&stream->text);
}

static void stream_open(struct process_stream *stream, const int ends[2])
{
    stream_close(stream);
    close(ends[1]);
    fcntl(ends[0], F_SETFL, O_NONBLOCK);
    stream->fd = ends[0];
}

/* Takes what the stream holds now. */
static void stream_drain(struct process_stream *stream)
{
    while (stream->fd >= 0) {
        cr_assert(buffer_reserve(&stream->text, 4096));
        ssize_t got = read(stream->fd, stream->text.data + stream->text.len, 4095);
        if (got < 0 && errno == EAGAIN)
            break;
        if (got <= 0) {
            close(stream->fd);
            stream->fd = -1;
            break;
        }
        stream->text.len += (size_t)got;
    }
    cr_assert(buffer_reserve(&stream->text, 1));
    stream->text.data[stream->text.len] = '\0';
}

const char *process_out(struct process *process)
{
    stream_drain(&process->out);
    return process->out.text.data;
}

const char *process_err(struct process *process)
{
    stream_drain(&process->err);
    return process->err.text.data;
}

void process_await(struct process *process, const char *text)
{
    int64_t deadline = deadline_in(DEADLINE_SECONDS);
    while (strstr(process_err(process), text) == NULL) {
        struct pollfd entry = {.fd = process->err.fd, .events = POLLIN};
        cr_assert(entry.fd >= 0 && poll(&entry, 1, deadline_left(deadline)) > 0,
                  "it says no `%s` but: %s", text, process_err(process));
    }
}

/* Beginning ---------------------------------------------------------------- */

static bool change_user(uid_t user)
{
    return user == 0 || (setgroups(0, NULL) == 0 && setgid((gid_t)user) == 0 && setuid(user) == 0);
}

/* In the child: becomes the program. Nothing here may touch what the test's process owns. */
static void become(const char *const *argv, char *const *variables, uid_t user, int out, int err)
{
    dup2(open("/dev/null", O_RDONLY), STDIN_FILENO);
    dup2(out, STDOUT_FILENO);
    dup2(err, STDERR_FILENO);
    for (; *variables != NULL; variables++)
        putenv(*variables);
    /* Somebody else may have no way to where the program lies. */
    int program = user == 0 ? -1 : open(argv[0], O_PATH | O_CLOEXEC);
    if (!change_user(user))
        _exit(126);
    prctl(PR_SET_PDEATHSIG, SIGKILL); /* a change of user would clear it, so it comes after */
    union {
        const char *const *given;
        char *const *wanted; /* execv's older signature; it changes nothing */
    } list = {.given = argv};
    if (program >= 0)
        fexecve(program, list.wanted, environ);
    else
        execv(argv[0], list.wanted);
    _exit(127);
}

void process_start(struct process *process, const char *const *argv, char *const *variables,
                   uid_t user)
{
    int out[2];
    int err[2];
    cr_assert(process->pid == 0, "it runs already");
    cr_assert(pipe2(out, O_CLOEXEC) == 0 && pipe2(err, O_CLOEXEC) == 0);
    process->pid = fork();
    cr_assert(process->pid >= 0, "cannot fork: %s", strerror(errno));
    if (process->pid == 0)
        become(argv, variables, user, out[1], err[1]);
    stream_open(&process->out, out);
    stream_open(&process->err, err);
    process->pidfd = pidfd_open(process->pid, 0);
    cr_assert(process->pidfd >= 0);
}

/* End ---------------------------------------------------------------------- */

/* Takes the status of the process, which has ended or is about to. */
static void reap(struct process *process)
{
    int status = 0;
    waitpid(process->pid, &status, 0);
    process->status = WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
    close(process->pidfd);
    process->pidfd = -1;
    process->pid = 0;
}

/* Waits for the end while the outputs are drained; false when it goes on. */
static bool await_end(struct process *process)
{
    int64_t deadline = deadline_in(DEADLINE_SECONDS);
    for (;;) {
        struct pollfd entries[] = {{.fd = process->pidfd, .events = POLLIN},
                                   {.fd = process->err.fd, .events = POLLIN},
                                   {.fd = process->out.fd, .events = POLLIN}};
        int count = poll(entries, 3, deadline_left(deadline));
        stream_drain(&process->err);
        stream_drain(&process->out);
        if (entries[0].revents != 0)
            return true;
        if (count == 0)
            return false;
    }
}

int process_wait(struct process *process)
{
    if (process->pid == 0)
        return process->status;
    cr_assert(await_end(process), "it does not end; it said: %s", process_err(process));
    reap(process);
    return process->status;
}

void process_kill(struct process *process)
{
    if (process->pid == 0)
        return;
    kill(process->pid, SIGKILL);
    reap(process);
}

void process_fini(struct process *process)
{
    process_kill(process);
    stream_close(&process->out);
    stream_close(&process->err);
    buffer_fini(&process->out.text);
    buffer_fini(&process->err.text);
}
