#include "client/cli/secret.h"

#include <bsd/readpassphrase.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "client/cli/complain.h"

#define TOO_LONG_AT (LIMIT_PASSWORD + 1)

void secret_wipe(struct secret *secret)
{
    explicit_bzero(secret, sizeof(*secret));
}

static bool fail(struct secret *secret, const char *name, const char *problem)
{
    secret_wipe(secret);
    complain("%s: %s", name, problem);
    return false;
}

static bool check(struct secret *secret, const char *name)
{
    size_t len = strlen(secret->text);
    if (len == 0)
        return fail(secret, name, "an empty password is none");
    if (len > LIMIT_PASSWORD)
        return fail(secret, name, "a password has 1024 bytes at most");
    return true;
}

_Static_assert(LIMIT_PASSWORD == 1024, "the sentence above names it");

bool secret_ask(struct secret *secret, const char *prompt)
{
    if (readpassphrase(prompt, secret->text, sizeof(secret->text), RPP_REQUIRE_TTY) == NULL)
        return fail(secret, "terminal", strerror(errno));
    return check(secret, "terminal");
}

/* Fills the text up to the end of the line, or as far as it goes. Its errno, or 0. */
static int read_line(struct secret *secret, int fd)
{
    size_t len = 0;
    while (len < TOO_LONG_AT && memchr(secret->text, '\n', len) == NULL) {
        ssize_t got = read(fd, secret->text + len, TOO_LONG_AT - len);
        if (got < 0 && errno != EINTR)
            return errno;
        if (got == 0)
            break;
        len += got < 0 ? 0 : (size_t)got;
    }
    secret->text[len] = '\0';
    return 0;
}

bool secret_read(struct secret *secret, int fd, const char *name)
{
    *secret = (struct secret){0};
    int error = read_line(secret, fd);
    if (error != 0)
        return fail(secret, name, strerror(error));
    char *end = strchr(secret->text, '\n');
    if (end != NULL && end > secret->text && end[-1] == '\r')
        end--;
    if (end != NULL)
        explicit_bzero(end, sizeof(secret->text) - (size_t)(end - secret->text));
    return check(secret, name);
}

/* What is wrong with the open file; NULL when nothing is. */
static const char *problem_of(int fd)
{
    struct stat status;
    if (fd < 0 || fstat(fd, &status) != 0)
        return strerror(errno);
    if (S_ISREG(status.st_mode) && (status.st_mode & (S_IRWXG | S_IRWXO)) != 0)
        return "others than its owner have rights on it; chmod 600 it";
    return NULL;
}

bool secret_read_file(struct secret *secret, const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    const char *problem = problem_of(fd);
    bool good = problem == NULL ? secret_read(secret, fd, path) : fail(secret, path, problem);
    if (fd >= 0)
        close(fd);
    return good;
}

bool secret_copy(struct secret *secret, const char *text, const char *name)
{
    size_t len = strnlen(text, TOO_LONG_AT);
    *secret = (struct secret){0};
    memcpy(secret->text, text, len);
    return check(secret, name);
}
