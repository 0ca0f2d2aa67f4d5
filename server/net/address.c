#include "net/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/un.h>

#include "protocol/number.h"

bool address_split(const char *text, char *host, size_t host_size, char *port, size_t port_size)
{
    const char *colon = strrchr(text, ':');
    if (colon == NULL || colon == text || colon[1] == '\0')
        return false;
    const char *start = text;
    size_t len = (size_t)(colon - text);
    bool bracketed = text[0] == '[';
    if (bracketed) {
        if (len < 3 || colon[-1] != ']')
            return false;
        start++;
        len -= 2;
    }
    bool has_colon = memchr(start, ':', len) != NULL;
    uint64_t number = 0;
    if (has_colon != bracketed || len >= host_size || strlen(colon + 1) >= port_size ||
        !number_read(slice_from_string(colon + 1), UINT16_MAX, &number))
        return false;
    memcpy(host, start, len);
    host[len] = '\0';
    strcpy(port, colon + 1);
    return true;
}

/* The IPv4 address, in the order of this machine, also when it is written as IPv6; else false. */
static bool read_v4(const struct sockaddr_storage *address, uint32_t *v4)
{
    if (address->ss_family == AF_INET) {
        *v4 = ntohl(((const struct sockaddr_in *)address)->sin_addr.s_addr);
        return true;
    }
    const struct in6_addr *v6 = &((const struct sockaddr_in6 *)address)->sin6_addr;
    if (address->ss_family != AF_INET6 || !IN6_IS_ADDR_V4MAPPED(v6))
        return false;
    memcpy(v4, v6->s6_addr + 12, sizeof(*v4));
    *v4 = ntohl(*v4);
    return true;
}

bool address_is_local(const struct sockaddr_storage *address)
{
    uint32_t v4 = 0;
    if (address->ss_family == AF_UNIX)
        return true;
    if (read_v4(address, &v4))
        return v4 >> 24 == IN_LOOPBACKNET;
    return address->ss_family == AF_INET6 &&
           IN6_IS_ADDR_LOOPBACK(&((const struct sockaddr_in6 *)address)->sin6_addr);
}

bool address_network(const struct sockaddr_storage *address, uint64_t *network)
{
    uint32_t v4 = 0;
    if (read_v4(address, &v4)) {
        *network = (uint64_t)1 << 32 | v4; /* as the head of an IPv6 address, one of nobody's */
        return true;
    }
    if (address->ss_family != AF_INET6)
        return false;
    memcpy(network, ((const struct sockaddr_in6 *)address)->sin6_addr.s6_addr, sizeof(*network));
    return true;
}

void address_format(const struct sockaddr_storage *address, char *text)
{
    char host[INET6_ADDRSTRLEN] = "";
    if (address->ss_family == AF_INET) {
        const struct sockaddr_in *v4 = (const struct sockaddr_in *)address;
        inet_ntop(AF_INET, &v4->sin_addr, host, sizeof(host));
        snprintf(text, ADDRESS_TEXT, "%s:%u", host, ntohs(v4->sin_port));
    } else if (address->ss_family == AF_INET6) {
        const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)address;
        inet_ntop(AF_INET6, &v6->sin6_addr, host, sizeof(host));
        snprintf(text, ADDRESS_TEXT, "[%s]:%u", host, ntohs(v6->sin6_port));
    } else {
        const struct sockaddr_un *local = (const struct sockaddr_un *)address;
        snprintf(text, ADDRESS_TEXT, "unix:%s", local->sun_path);
    }
}
