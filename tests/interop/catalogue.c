/* The Debian catalogue: about a million rows of real text, through every way in and out. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/interop/place.h"
#include "tests/lib/shell.h"

#define NO_STANZA "[ -z \"$(apt-cache dumpavail | head -c 1)\" ]"

/* True when apt has a catalogue; root may fetch it once. */
static bool have_catalogue(void)
{
    struct shell shell =
        geteuid() == 0 ? shell_run("if " NO_STANZA "; then apt-get update -qq; fi; ! " NO_STANZA)
                       : shell_run("! " NO_STANZA);
    bool have = shell.status == 0;
    shell_fini(&shell);
    return have;
}

/* Leaves the rows in $DIR/tsv and, worked out by other means, the whole scan in $DIR/expected. */
static void make_rows(void)
{
    shell_expect(0, "", "apt-cache dumpavail >$DIR/stanzas");
    shell_expect(0, "", "awk -f $SOURCE/tests/interop/catalogue.awk <$DIR/stanzas >$DIR/tsv");
    shell_expect(0, "",
                 "/usr/bin/python3 $SOURCE/tests/interop/catalogue.py <$DIR/stanzas"
                 " >$DIR/expected");
    shell_expect(0, "yes\n", "[ $(wc -l <$DIR/expected) -gt 1000 ] && echo yes");
}

static void expect_scan(const char *port)
{
    shell_expect(0, "", "echo 'SCAN pkg:' | nc.openbsd -N 127.0.0.1 %s | cmp - $DIR/expected",
                 port);
}

static void expect_count(void)
{
    shell_expect(0, "same\n",
                 "[ \"$(echo 'COUNT pkg:' | nc.openbsd -N 127.0.0.1 $PORT)\" ="
                 "  \"$(tail -n 1 $DIR/expected)\" ] && echo same");
}

static void expect_sections(void)
{
    shell_expect(0, "",
                 "sed '$d' $DIR/expected | cut -d: -f1,2 | uniq | sed 's/$/:\"/' >$DIR/sections;"
                 "echo OK $(wc -l <$DIR/sections) >>$DIR/sections;"
                 "echo 'LIST pkg:' | nc.openbsd -N 127.0.0.1 $PORT | cmp - $DIR/sections");
}

static void expect_exports_alike(void)
{
    shell_expect(0, "", "$LEVERET --connect 127.0.0.1:$PORT export pkg: >$DIR/export");
    shell_expect(0, "", "$LEVERET --connect 127.0.0.1:$OTHER import $DIR/export >/dev/null");
    shell_expect(0, "", "$LEVERET --connect 127.0.0.1:$OTHER export pkg: | cmp - $DIR/export");
    shell_expect(0, "same\n",
                 "[ \"OK $(wc -l <$DIR/export)\" = \"$(tail -n 1 $DIR/expected)\" ] && echo same");
}

Test(catalogue, a_million_rows_go_in_and_out_unchanged, .timeout = 400)
{
    if (!have_catalogue())
        cr_skip_test("apt has no lists here; run apt-get update");
    struct daemon *daemon = place_run();
    struct daemon *other = place_run_other();
    make_rows();
    shell_expect(0, NULL, "$LEVERET --connect 127.0.0.1:$PORT import $DIR/tsv");
    expect_scan("$PORT");
    expect_count();
    expect_sections();
    expect_exports_alike();
    expect_scan("$OTHER");
    daemon_free(other);
    daemon_free(daemon);
}
