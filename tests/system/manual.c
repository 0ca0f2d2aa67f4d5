/*
 * The manual pages: that they are sound, and tell of all there is and of nothing else.
 */
#include <criterion/criterion.h>

#include "tests/lib/paths.h"
#include "tests/lib/shell.h"

TestSuite(manual, .timeout = 120);

/* Pages as they are installed. */
#define PAGES "cd %s/server/dist && "

Test(manual, pages_are_sound_to_mandoc)
{
    shell_expect(0, "", PAGES "mandoc -T lint -W warning *.[1-8]", paths_build());
    shell_expect(0,
                 "leveret-operations.7\nleveret-protocol.7\nleveret.1\nleveretd.8\nleveretd.conf."
                 "5\nlibleveret.3\n",
                 PAGES "ls *.[1-8] | LC_ALL=C sort", paths_build());
}

Test(manual, pages_of_something_else_would_be_found_out)
{
    shell_expect(2, NULL, PAGES "sed 's/^.Sh NAME/.Sh NOM/' leveretd.8 | mandoc -T lint -W warning",
                 paths_build());
}

/* Each option of --help is in the list of options, in its order, and no other. */
Test(manual, leveretd_tells_of_every_option)
{
    shell_expect(0, "",
                 PAGES "diff <($LEVERETD --help | sed -n 's/^  --\\([a-z-]*\\).*/\\1/p') "
                       "<(sed -n 's/^[.]It Fl -\\([a-z-]*\\).*/\\1/p' leveretd.8)",
                 paths_build());
    shell_expect(0, NULL, PAGES "grep -q '^.It Fl -sync Cm \"always\" | Cm \"never\"' leveretd.8",
                 paths_build());
}

Test(manual, leveret_tells_of_every_option_and_command_of_its_own)
{
    shell_expect(0, "",
                 PAGES "diff <($LEVERET --help | sed -n 's/^  .*--\\([a-z-]*\\).*  .*/\\1/p' | "
                       "sort -u) "
                       "<(sed '/^[.]Sh COMMANDS/,$d' leveret.1 | "
                       "sed -n 's/^[.]It .*Fl -\\([a-z][a-z-]*\\).*/\\1/p' | sort -u)",
                 paths_build());
    shell_expect(0, "import\nexport\nbench\npasswd\nhelp\n",
                 PAGES "sed -n 's/^[.]It Ic \\([a-z]*\\).*/\\1/p' leveret.1", paths_build());
}

/* What the server itself tells by HELP would be the same list. */
Test(manual, leveret_protocol_tells_of_every_command)
{
    shell_expect(0, "",
                 PAGES "diff <($LEVERET help | sed -n '/of the server/,$s/^  \\([A-Z]*\\).*/\\1/p' "
                       "| grep .) "
                       "<(sed -n 's/^[.]It Ic \\([A-Z]*\\).*/\\1/p' leveret-protocol.7)",
                 paths_build());
}

/* Whoever adds a function to the library adds it to its page. */
Test(manual, libleveret_tells_of_every_function_and_of_no_other)
{
    shell_expect(0, "",
                 PAGES "diff <(tr '\\n' ' ' <$SOURCE/client/leveret.h | grep -o "
                       "'LEVERET_API [^;]*;' | grep -v define | grep -o 'leveret_[a-z_]*(' | "
                       "tr -d '(' | sort) "
                       "<(sed -n 's/^[.]It .* Fn \\([a-z_]*\\).*/\\1/p' libleveret.3 | sort)",
                 paths_build());
    shell_expect(0, NULL, "test $(grep -c '^[.]It .* Fn ' %s/server/dist/libleveret.3) -gt 60",
                 paths_build());
}
