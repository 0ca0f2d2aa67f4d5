#include "tests/system/reload.h"

#include <criterion/criterion.h>
#include <poll.h>
#include <signal.h>
#include <string.h>

#include "tests/lib/deadline.h"
#include "tests/lib/scratch.h"

void reload_write(const char *file, const char *text)
{
    struct buffer all = {0};
    buffer_append_string(&all, "# what a person wrote\n");
    buffer_append_string(&all, text);
    scratch_write(file, buffer_slice(&all));
    buffer_fini(&all);
}

/* How many reloads the log tells the end of, good or not. */
static unsigned count_ended(struct daemon *daemon)
{
    unsigned count = 0;
    for (const char *at = daemon_log(daemon); at != NULL; count++) {
        const char *good = strstr(at, " reloaded: ");
        const char *bad = strstr(at, " cannot reload: ");
        const char *next = good == NULL || (bad != NULL && bad < good) ? bad : good;
        if (next == NULL || strchr(next, '\n') == NULL)
            break;
        at = strchr(next, '\n');
    }
    return count;
}

const char *reload_run(struct daemon *daemon)
{
    int64_t deadline = deadline_in(DEADLINE_SECONDS);
    unsigned before = count_ended(daemon);
    size_t said = strlen(daemon_log(daemon));
    daemon_signal(daemon, SIGHUP);
    while (count_ended(daemon) == before) {
        cr_assert(deadline_left(deadline) > 0, "no reload in: %s", daemon_log(daemon));
        poll(NULL, 0, 5);
    }
    return daemon_log(daemon) + said;
}

void reload_expect(const char *said, const char *text)
{
    cr_assert(strstr(said, text) != NULL, "no `%s` in: %s", text, said);
}

void reload_change(struct daemon *daemon, const char *file, const char *text)
{
    reload_write(file, text);
    reload_expect(reload_run(daemon), " info reloaded: ");
}
