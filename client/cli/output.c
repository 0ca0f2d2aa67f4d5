#include "client/cli/output.h"

#include <errno.h>
#include <poll.h>
#include <unistd.h>

#include "client/cli/complain.h"

#define GATHER ((size_t)64 * 1024)

/* A buffer that grew for one huge value is given back. */
#define KEEP ((size_t)1024 * 1024)

void output_init(struct output *output, int fd)
{
    *output = (struct output){.fd = fd};
}

void output_fini(struct output *output)
{
    buffer_fini(&output->bytes);
}

static bool fail(struct output *output, int error)
{
    if (output->error == 0)
        complain("standard output: %s", strerror(error));
    output->error = error;
    buffer_clear(&output->bytes);
    return false;
}

/* Another process may have made the descriptor non-blocking for all that share it. */
static void wait_writable(int fd)
{
    struct pollfd poller = {.fd = fd, .events = POLLOUT};
    (void)poll(&poller, 1, -1);
}

bool output_flush(struct output *output)
{
    if (output->error != 0)
        return fail(output, output->error);
    if (output->bytes.failed)
        return fail(output, ENOMEM);
    size_t at = 0;
    while (at < output->bytes.len) {
        ssize_t wrote = write(output->fd, output->bytes.data + at, output->bytes.len - at);
        if (wrote >= 0)
            at += (size_t)wrote;
        else if (errno == EAGAIN)
            wait_writable(output->fd);
        else if (errno != EINTR)
            return fail(output, errno);
    }
    if (output->bytes.cap > KEEP)
        buffer_fini(&output->bytes);
    buffer_clear(&output->bytes);
    return true;
}

bool output_settle(struct output *output)
{
    if (output->error == 0 && !output->bytes.failed && output->bytes.len < GATHER)
        return true;
    return output_flush(output);
}
