#include "tests/system/library.h"

#include <stdarg.h>
#include <stdio.h>

struct daemon *library_server;
struct leveret *library_db;

static char address[32];

void library_open(const char *option, const char *value)
{
    library_server = daemon_new();
    daemon_start(library_server, "--listen", "127.0.0.1:0", "--unix", daemon_socket(library_server),
                 "--sync", "never", option, value, NULL);
    snprintf(address, sizeof(address), "127.0.0.1:%d", daemon_port(library_server));
    library_db = leveret_new(daemon_address(library_server));
    cr_assert(library_db != NULL);
}

void library_close(void)
{
    leveret_free(library_db);
    daemon_free(library_server);
}

void library_restart(void)
{
    daemon_stop(library_server);
    daemon_start(library_server, "--listen", address, NULL);
}

void library_expect_bytes(struct leveret_bytes got, struct leveret_bytes expected)
{
    cr_assert_eq(got.len, expected.len);
    cr_assert(got.len == 0 || memcmp(got.data, expected.data, got.len) == 0);
}

void library_expect_text(struct leveret_bytes got, const char *expected)
{
    library_expect_bytes(got, leveret_text(expected));
}

void library_expect_keys(const struct leveret_range *range, ...)
{
    struct leveret_scan *scan = NULL;
    struct leveret_bytes key;
    va_list keys;
    OK(leveret_scan_open(library_db, range, &scan));
    va_start(keys, range);
    for (const char *wanted = va_arg(keys, const char *); wanted != NULL;
         wanted = va_arg(keys, const char *)) {
        cr_assert_eq(leveret_scan_next(scan, &key, NULL), LEVERET_OK, "no %s", wanted);
        library_expect_text(key, wanted);
    }
    va_end(keys);
    cr_assert_eq(leveret_scan_next(scan, NULL, NULL), LEVERET_END);
    leveret_scan_close(scan);
}
