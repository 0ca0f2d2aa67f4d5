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
                 "PAGE=%s/server/dist/leveret-operations.7; for unit in leveretd.service "
                 "leveretd-activated.service leveretd.socket; do "
                 "sed 's#^ExecStart=[^ ]*#ExecStart='$LEVERETD'#' %s/server/dist/$unit > $unit; "
                 "done; %s",
                 paths_build(), paths_build(), commands);
}

Test(units, are_understood_by_systemd)
{
    expect("", ANALYZE " verify --man=no ./leveretd.service ./leveretd-activated.service "
                       "./leveretd.socket 2>&1");
}

/* Puts what the page on operations has behind a mark where it belongs. */
#define TAKE(mark, name)                                                                           \
    "mkdir -p $(dirname " name "); "                                                               \
    "$SOURCE/tests/system/page_block $PAGE " mark " > " name "; test -s " name "; "

#define VERIFY                                                                                     \
    "sed -i 's#^ExecStart=/[^ ]*#ExecStart='$LEVERETD'#' */directory.conf; " ANALYZE               \
    " verify --man=no ./*.service ./*.socket 2>&1"

Test(units, take_what_the_manual_puts_beside_them)
{
    expect("", TAKE("directory", "leveretd.service.d/directory.conf")
                   TAKE("networks", "leveretd.service.d/networks.conf")
                       TAKE("addresses", "leveretd.socket.d/addresses.conf")
                           TAKE("socket", "leveretd-tls.socket")
                               TAKE("sockets", "leveretd-activated.service.d/tls.conf") VERIFY);
}

/* systemd-analyze also ends well when it finds something wrong in what stands beside a unit. */
Test(units, would_be_found_out_where_systemd_does_not_know_a_word)
{
    expect(NULL, "mkdir leveretd.service.d; "
                 "printf '[Service]\\nIPAddressAlow=any\\n' > leveretd.service.d/a.conf; " ANALYZE
                 " verify --man=no ./leveretd.service 2>&1 | grep -q IPAddressAlow");
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
