/*
 * What `meson install` puts where, and that it works from there.
 */
#include <criterion/criterion.h>

#include "tests/lib/paths.h"
#include "tests/lib/shell.h"

TestSuite(installation, .timeout = 180);

/* Debian's policy has the daemon in sbin, the library in its architecture's directory, and nothing
 * below /usr/local. */
Test(installation, puts_everything_where_debian_wants_it)
{
    struct shell units = shell_run("pkg-config --exists systemd libsystemd");
    bool systemd = units.status == 0;
    shell_fini(&units);
    if (!systemd)
        cr_skip_test("there is no systemd to tell where its units are");
    shell_expect(0,
                 "/etc/leveret/leveretd.conf\n"
                 "/lib/systemd/system/leveretd-activated.service\n"
                 "/lib/systemd/system/leveretd.service\n"
                 "/lib/systemd/system/leveretd.socket\n"
                 "/usr/bin/leveret\n"
                 "/usr/include/leveret.h\n"
                 "/usr/lib/ARCH/libleveret.a\n"
                 "/usr/lib/ARCH/libleveret.so\n"
                 "/usr/lib/ARCH/libleveret.so.0\n"
                 "/usr/lib/ARCH/libleveret.so." LEVERET_VERSION "\n"
                 "/usr/lib/ARCH/pkgconfig/libleveret.pc\n"
                 "/usr/lib/sysusers.d/leveret.conf\n"
                 "/usr/sbin/leveretd\n"
                 "/usr/share/bash-completion/completions/leveret\n"
                 "/usr/share/bash-completion/completions/leveretd\n"
                 "/usr/share/man/man1/leveret.1\n"
                 "/usr/share/man/man3/libleveret.3\n"
                 "/usr/share/man/man5/leveretd.conf.5\n"
                 "/usr/share/man/man7/leveret-operations.7\n"
                 "/usr/share/man/man7/leveret-protocol.7\n"
                 "/usr/share/man/man8/leveretd.8\n"
                 "/usr/share/zsh/vendor-completions/_leveret\n"
                 "/usr/share/zsh/vendor-completions/_leveretd\n",
                 "at=$(mktemp -d); trap 'rm -r $at' EXIT; "
                 "meson setup $at/build $SOURCE --prefix=/usr >$at/log || { cat $at/log >&2; exit "
                 "1; }; "
                 "meson introspect $at/build --installed | grep -o '\": \"[^\"]*' | cut -c5- | "
                 "sed \"s#/$(gcc -print-multiarch)/#/ARCH/#\" | LC_ALL=C sort");
}

/* The README's first steps with the library and the two programs, out of a tree that nothing else
 * was put into. */
Test(installation, works_from_where_it_was_put)
{
    shell_expect(
        0, "OK\ngoku\n",
        "set -e; at=$(mktemp -d); trap 'kill $daemon; wait || true; rm -r $at' EXIT; "
        "meson install -C %s --no-rebuild --destdir $at/root >$at/log; "
        "root=$(dirname $(dirname $(find $at/root -path '*/sbin/leveretd'))); "
        "$root/sbin/leveretd --data $at/data --unix $at/socket 2>$at/daemon & daemon=$!; "
        "until grep -q ready $at/daemon; do kill -0 $daemon; done; "
        "$root/bin/leveret --unix $at/socket PUT name goku; "
        "printf '%%s\\n' '#include <leveret.h>' '#include <stdio.h>' "
        "'int main(int argc, char **argv) { struct leveret *db = leveret_new(argv[argc - 1]);' "
        "'struct leveret_bytes value;' "
        "'if (leveret_get(db, leveret_text(\"name\"), &value) != LEVERET_OK) return 1;' "
        "'printf(\"%%.*s\\n\", (int)value.len, (const char *)value.data); "
        "leveret_free(db); return 0; }' >$at/first.c; "
        "export PKG_CONFIG_PATH=$(dirname $(find $root -name libleveret.pc)); "
        "export PKG_CONFIG_SYSROOT_DIR=$at/root; "
        "gcc -o $at/first $at/first.c $(pkg-config --cflags --libs libleveret); "
        "LD_LIBRARY_PATH=$(dirname $PKG_CONFIG_PATH) $at/first unix:$at/socket",
        paths_build());
}
