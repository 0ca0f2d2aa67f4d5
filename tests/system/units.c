/*
 * The units for systemd, as systemd's own tools see them, and the daemon within the system calls
 * they leave it.
 */
#include <criterion/criterion.h>
#include <unistd.h>

#include "tests/lib/paths.h"
#include "tests/lib/shell.h"

#define ANALYZE "/usr/bin/systemd-analyze"

static void prepare(void)
{
    if (access(ANALYZE, X_OK) != 0)
        cr_skip_test("there is no " ANALYZE);
}

TestSuite(units, .init = prepare, .timeout = 120);

/* Copies of the units that start the daemon of the build, in a directory that goes with the shell;
 * the commands run there. */
static void expect(const char *out, const char *commands)
{
    shell_expect(0, out,
                 "set -e; at=$(mktemp -d); trap 'rm -r $at' EXIT; cd $at; "
                 "for unit in leveretd.service leveretd-activated.service leveretd.socket; do "
                 "sed 's#^ExecStart=[^ ]*#ExecStart='$LEVERETD'#' %s/server/dist/$unit > $unit; "
                 "done; %s",
                 paths_build(), commands);
}

Test(units, are_understood_by_systemd)
{
    expect("", ANALYZE " verify --man=no ./leveretd.service ./leveretd-activated.service "
                       "./leveretd.socket 2>&1");
}

/* The exit status of systemd-analyze says whether the exposure is at most the threshold, which is
 * in tenths. */
Test(units, expose_little)
{
    expect(NULL, ANALYZE " security --offline=yes --threshold=10 ./leveretd.service");
    expect(NULL, ANALYZE " security --offline=yes --threshold=4 ./leveretd-activated.service");
}

Test(units, have_a_user_that_systemd_can_make)
{
    if (access("/usr/bin/systemd-sysusers", X_OK) != 0)
        cr_skip_test("there is no systemd-sysusers");
    shell_expect(0, NULL, "systemd-sysusers --dry-run --root=/ %s/server/dist/leveret.conf 2>&1",
                 paths_build());
}
