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
