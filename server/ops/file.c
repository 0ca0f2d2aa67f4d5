#include "ops/file.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#define STEP 4096

static bool read_all(int fd, size_t most, struct buffer *text)
{
    size_t start = text->len;
    ssize_t got;
    do {
        if (!buffer_reserve(text, STEP)) {
            errno = ENOMEM;
            return false;
        }
        got = read(fd, text->data + text->len, STEP);
        text->len += got > 0 ? (size_t)got : 0;
    } while ((got > 0 && text->len - start <= most) || (got < 0 && errno == EINTR));
    if (got > 0)
        errno = EFBIG;
    return got == 0;
}

/* Opens it without waiting for somebody who writes into a pipe: nobody may. */
static int open_file(const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    int flags = fd < 0 ? -1 : fcntl(fd, F_GETFL);
    if (flags >= 0)
        (void)fcntl(fd, F_SETFL, flags & ~O_NONBLOCK);
    return fd;
}

bool file_read(const char *path, size_t most, struct buffer *text, struct stat *status)
{
    int fd = open_file(path);
    if (fd < 0)
        return false;
    bool complete = fstat(fd, status) == 0 && read_all(fd, most, text);
    int problem = errno;
    close(fd);
    errno = problem;
    return complete;
}
