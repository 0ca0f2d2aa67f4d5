#include "net/address.h"

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <netinet/in.h>

static struct sockaddr_storage read_address(const char *text)
{
    struct sockaddr_storage address = {0};
    struct sockaddr_in *v4 = (struct sockaddr_in *)&address;
    struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)&address;
    if (inet_pton(AF_INET, text, &v4->sin_addr) == 1) {
        v4->sin_family = AF_INET;
        return address;
    }
    cr_assert_eq(inet_pton(AF_INET6, text, &v6->sin6_addr), 1, "%s", text);
    v6->sin6_family = AF_INET6;
    return address;
}

Test(address, of_this_machine_is_known_in_both_families)
{
    static const char *const local[] = {"127.0.0.1", "127.255.255.254", "::1", "::ffff:127.0.0.1"};
    static const char *const elsewhere[] = {
        "126.255.255.255", "128.0.0.1",   "192.0.2.1",        "0.0.0.0",
        "1.0.0.127",       "::",          "::ffff:192.0.2.1", "::2",
        "fe80::1",         "2001:db8::1", "::127.0.0.1",      "::fffe:127.0.0.1",
    };
    struct sockaddr_storage at_unix_socket = {.ss_family = AF_UNIX};
    cr_assert(address_is_local(&at_unix_socket));
    for (size_t i = 0; i < sizeof(local) / sizeof(local[0]); i++) {
        struct sockaddr_storage address = read_address(local[i]);
        cr_assert(address_is_local(&address), "%s", local[i]);
    }
    for (size_t i = 0; i < sizeof(elsewhere) / sizeof(elsewhere[0]); i++) {
        struct sockaddr_storage address = read_address(elsewhere[i]);
        cr_assert(!address_is_local(&address), "%s", elsewhere[i]);
    }
}

static bool share_network(const char *one, const char *other)
{
    struct sockaddr_storage first = read_address(one);
    struct sockaddr_storage second = read_address(other);
    uint64_t networks[2] = {0};
    cr_assert(address_network(&first, &networks[0]));
    cr_assert(address_network(&second, &networks[1]));
    return networks[0] == networks[1];
}

Test(address, counts_as_one_peer_within_64_bits_of_ipv6_and_all_of_ipv4)
{
    struct sockaddr_storage at_unix_socket = {.ss_family = AF_UNIX};
    uint64_t network = 0;
    cr_assert(share_network("192.0.2.1", "192.0.2.1"));
    cr_assert(share_network("192.0.2.1", "::ffff:192.0.2.1"));
    cr_assert(!share_network("192.0.2.1", "192.0.2.2"));
    cr_assert(share_network("2001:db8::1", "2001:db8::ffff:2"));
    cr_assert(!share_network("2001:db8::1", "2001:db8:0:1::1"));
    cr_assert(!share_network("0.0.0.0", "::"));
    cr_assert(!address_network(&at_unix_socket, &network));
}
