#include "client/lib/address.h"

#include <stdlib.h>
#include <string.h>
#include <sys/un.h>

#include "protocol/number.h"

#define DEFAULT_PORT "5383"
#define UNIX_SCHEME "unix:"
#define TLS_SCHEME "tls:"

void address_fini(struct address *address)
{
    free(address->path);
    free(address->host);
    free(address->port);
    *address = (struct address){0};
}

static enum address_result bad(const char **problem, const char *sentence)
{
    *problem = sentence;
    return ADDRESS_BAD;
}

static enum address_result read_path(struct address *address, const char *path,
                                     const char **problem)
{
    if (path[0] == '\0')
        return bad(problem, "unix: is followed by the path of a socket");
    if (strlen(path) >= sizeof(((struct sockaddr_un *)NULL)->sun_path))
        return bad(problem, "the path is longer than a Unix socket's may be (107 bytes)");
    address->path = strdup(path);
    return address->path == NULL ? ADDRESS_NO_MEMORY : ADDRESS_OK;
}

static enum address_result keep(struct address *address, const char *host, size_t host_len,
                                const char *port, const char **problem)
{
    uint64_t number = 0;
    if (!number_read(slice_from_string(port), UINT16_MAX, &number) || number == 0)
        return bad(problem, "a port is a number from 1 to 65535");
    address->host = strndup(host, host_len);
    address->port = strdup(port);
    return address->host == NULL || address->port == NULL ? ADDRESS_NO_MEMORY : ADDRESS_OK;
}

static enum address_result read_bracketed(struct address *address, const char *text,
                                          const char **problem)
{
    const char *close = strchr(text, ']');
    if (close == NULL || close == text + 1)
        return bad(problem, "an IPv6 address stands between [ and ]");
    if (close[1] == '\0')
        return keep(address, text + 1, (size_t)(close - text - 1), DEFAULT_PORT, problem);
    if (close[1] != ':' || close[2] == '\0')
        return bad(problem, "behind ] comes a colon and a port");
    return keep(address, text + 1, (size_t)(close - text - 1), close + 2, problem);
}

enum address_result address_read(struct address *address, const char *text, const char **problem)
{
    *address = (struct address){0};
    if (strncmp(text, UNIX_SCHEME, strlen(UNIX_SCHEME)) == 0)
        return read_path(address, text + strlen(UNIX_SCHEME), problem);
    address->tls = strncmp(text, TLS_SCHEME, strlen(TLS_SCHEME)) == 0;
    if (address->tls)
        text += strlen(TLS_SCHEME);
    if (text[0] == '[')
        return read_bracketed(address, text, problem);
    const char *colon = strchr(text, ':');
    if (colon == NULL)
        colon = text + strlen(text);
    if (*colon != '\0' && strchr(colon + 1, ':') != NULL)
        return bad(problem, "an IPv6 address stands between [ and ]");
    if (colon == text)
        return bad(problem, "a host comes first, as in 127.0.0.1:" DEFAULT_PORT);
    if (*colon == '\0')
        return keep(address, text, (size_t)(colon - text), DEFAULT_PORT, problem);
    if (colon[1] == '\0')
        return bad(problem, "behind the colon comes a port");
    return keep(address, text, (size_t)(colon - text), colon + 1, problem);
}
