#include "tests/lib/login.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <unistd.h>

void login_add(const char *path, const char *name, const char *role, const char *password,
               const char *more)
{
    char hash[crypto_pwhash_STRBYTES];
    cr_assert(sodium_init() >= 0);
    cr_assert(crypto_pwhash_str(hash, password, strlen(password), crypto_pwhash_OPSLIMIT_MIN,
                                crypto_pwhash_MEMLIMIT_MIN) == 0);
    int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    cr_assert(fd >= 0, "cannot write %s", path);
    cr_assert(dprintf(fd, "%s %s %s %s\n", name, role, hash, more) > 0);
    close(fd);
}
