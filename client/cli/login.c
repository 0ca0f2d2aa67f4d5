#include "client/cli/login.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "client/cli/complain.h"

static bool has_terminal(void)
{
    int fd = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (fd >= 0)
        close(fd);
    return fd >= 0;
}

static bool ask(struct secret *secret, const char *user)
{
    char prompt[LIMIT_USER + 32];
    if (!has_terminal()) {
        complain("no password: set LEVERET_PASSWORD, or give --password-file");
        return false;
    }
    snprintf(prompt, sizeof(prompt), "Password of %.64s: ", user);
    return secret_ask(secret, prompt);
}

bool login_find(struct secret *secret, const char *user, const char *path)
{
    const char *variable = getenv("LEVERET_PASSWORD");
    if (path != NULL)
        return secret_read_file(secret, path);
    if (variable != NULL)
        return secret_copy(secret, variable, "LEVERET_PASSWORD");
    return ask(secret, user);
}
