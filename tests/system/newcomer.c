/*
 * A newcomer, who has the manual and nothing else: what GETTING STARTED of leveret-operations(7)
 * tells to type is typed, from the installation to the end, at the places where it says.
 */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/lib/paths.h"
#include "tests/lib/scratch.h"
#include "tests/lib/shell.h"

TestSuite(newcomer, .timeout = 120);

#define PAGE "server/dist/leveret-operations.7"

/* The directories of the system are laid over, in a namespace, so nothing of it stays. */
Test(newcomer, gets_a_service_by_the_manual_alone)
{
    struct shell allowed = shell_run("unshare -m -n true");
    bool may = geteuid() == 0 && allowed.status == 0;
    shell_fini(&allowed);
    if (!may)
        cr_skip_test("only root may lay something over the system's directories");
    char *scratch = scratch_new();
    struct shell walk =
        shell_feed(SLICE("hares run fast\nand turn faster\n"),
                   "unshare -m -n $SOURCE/tests/system/walk %s/" PAGE " walk %s %s 2>&1",
                   paths_build(), paths_build(), scratch);
    cr_assert(walk.status == 0, "%s", walk.out.data);
    cr_assert(atoi(walk.out.data) > 8, "%s", walk.out.data);
    shell_fini(&walk);
    scratch_remove(scratch);
}
