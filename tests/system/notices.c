#include "tests/system/notices.h"

#include <criterion/criterion.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "tests/lib/deadline.h"
#include "tests/lib/scratch.h"

static char notice[4096];

int notices_open(struct daemon *daemon)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    char *path = scratch_path(daemon_directory(daemon), "notify");
    int notices = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    cr_assert(strlen(path) < sizeof(address.sun_path));
    strcpy(address.sun_path, path);
    cr_assert(notices >= 0 && bind(notices, (struct sockaddr *)&address, sizeof(address)) == 0);
    daemon_set_environment(daemon, "NOTIFY_SOCKET", path);
    free(path);
    return notices;
}

/* The next one, into `notice`; false when none comes in time. */
static bool take(int notices, int64_t deadline)
{
    struct pollfd entry = {.fd = notices, .events = POLLIN};
    if (poll(&entry, 1, deadline_left(deadline)) <= 0)
        return false;
    ssize_t got = recv(notices, notice, sizeof(notice) - 1, 0);
    cr_assert(got > 0);
    notice[got] = '\0';
    return true;
}

bool notices_has(int notices, const char *text, int patience_ms)
{
    int64_t deadline = deadline_now() + patience_ms;
    while (take(notices, deadline))
        if (strstr(notice, text) != NULL)
            return true;
    return false;
}

const char *notices_await(int notices, const char *text)
{
    cr_assert(notices_has(notices, text, DEADLINE_SECONDS * 1000), "no notice says `%s`", text);
    return notice;
}
