#include "client/lib/address.h"

#include <criterion/criterion.h>
#include <string.h>

static void expect_tcp(const char *text, const char *host, const char *port)
{
    struct address address;
    const char *problem = NULL;
    cr_assert_eq(address_read(&address, text, &problem), ADDRESS_OK, "%s: %s", text, problem);
    cr_assert_null(address.path);
    cr_assert_str_eq(address.host, host);
    cr_assert_str_eq(address.port, port);
    address_fini(&address);
}

static void expect_bad(const char *text)
{
    struct address address;
    const char *problem = NULL;
    cr_assert_eq(address_read(&address, text, &problem), ADDRESS_BAD, "%s", text);
    cr_assert_not_null(problem);
    address_fini(&address);
}

Test(address, hosts_come_with_and_without_a_port)
{
    expect_tcp("localhost", "localhost", "5383");
    expect_tcp("10.0.0.1:99", "10.0.0.1", "99");
    expect_tcp("[::1]", "::1", "5383");
    expect_tcp("[fe80::1%lo]:7", "fe80::1%lo", "7");
}

Test(address, a_unix_socket_is_a_path_behind_its_scheme)
{
    struct address address;
    const char *problem = NULL;
    cr_assert_eq(address_read(&address, "unix:/a b:c", &problem), ADDRESS_OK);
    cr_assert_str_eq(address.path, "/a b:c");
    cr_assert_null(address.host);
    address_fini(&address);
}

Test(address, what_is_no_address_is_refused_with_a_reason)
{
    char long_path[256] = "unix:/";
    memset(long_path + 6, 'x', 200);
    const char *const bad[] = {"",     ":5383",  "host:",  "::1",   "[::1",
                               "[]:1", "[::1]5", "[::1]:", "unix:", long_path};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        expect_bad(bad[i]);
}
