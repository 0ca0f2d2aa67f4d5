#include "tests/interop/rows.h"

#include <criterion/criterion.h>

#include "tests/lib/shell.h"

void rows_change(void)
{
    static const char requests[] = "DEL \"\" \"\\x00\\x00\\x00\" nothing\n"
                                   "PUT \"\\x00new\\xff\" \"\\xfe\\x00\\r\\n\"\n"
                                   "PUT \"Grüße\" 'grüß Gott'\n"
                                   "PUT A 'A was here'\n";
    struct shell shell = shell_feed(SLICE(requests), "nc.openbsd -N 127.0.0.1 $PORT");
    cr_expect_str_eq(shell.out.data, "OK 2\nOK\nOK\nOK\n");
    shell_fini(&shell);
    shell_expect(0, "OK\n",
                 "printf 'PUT \"%%s\" \"\"\\n' $(printf '\\\\xff%%.0s' {1..300}) |"
                 " nc.openbsd -N 127.0.0.1 $PORT");
}
