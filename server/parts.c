#include "parts.h"

#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <sys/un.h>

#include "certificates.h"
#include "http.h"
#include "logins.h"
#include "net/address.h"

/* Addresses ------------------------------------------------------------------ */

/* An item of a list that `problem` tells of. */
static bool blame(const struct config *config, const char *name, size_t item, const char *value,
                  const char *problem, struct config_error *error)
{
    char text[400];
    snprintf(text, sizeof(text), "%.250s %s", value, problem);
    return config_blame(config, name, item, text, error);
}

static bool check_hosts(const struct config *config, const char *name,
                        const struct config_list *list, struct config_error *error)
{
    char host[NI_MAXHOST];
    char port[NI_MAXSERV];
    for (size_t i = 0; i < list->count; i++)
        if (!address_split(list->items[i], host, sizeof(host), port, sizeof(port)))
            return blame(config, name, i, list->items[i],
                         "is no address: HOST:PORT, with a port up to 65535 and IPv6 hosts as "
                         "[::1]:PORT",
                         error);
    return true;
}

static bool check_paths(const struct config *config, struct config_error *error)
{
    const size_t most = sizeof(((struct sockaddr_un *)NULL)->sun_path) - 1;
    for (size_t i = 0; i < config->local.count; i++)
        if (strlen(config->local.items[i]) > most)
            return blame(config, "unix", i, config->local.items[i],
                         "is too long for the path of a socket", error);
    return true;
}

static bool check_metrics(const struct config *config, struct config_error *error)
{
    if (config->metrics == NULL || http_accepts(config->metrics))
        return true;
    return blame(config, "metrics", 0, config->metrics,
                 "is no address: [HOST:]PORT, with a port up to 65535", error);
}

static bool prepare_addresses(const struct config *config, struct config_error *error)
{
    return check_hosts(config, "listen", &config->listen, error) &&
           check_hosts(config, "tls-listen", &config->tls_listen, error) &&
           check_paths(config, error) && check_metrics(config, error);
}

/* All ------------------------------------------------------------------------- */

static const struct part parts[] = {
    {.prepare = prepare_addresses},
    {logins_prepare, logins_commit, logins_cancel},
    {certificates_prepare, certificates_commit, certificates_cancel},
};

#define PART_COUNT (sizeof(parts) / sizeof(parts[0]))

static void cancel_before(size_t end)
{
    while (end-- > 0)
        if (parts[end].cancel != NULL)
            parts[end].cancel();
}

bool parts_prepare(const struct config *config, struct config_error *error)
{
    for (size_t i = 0; i < PART_COUNT; i++) {
        if (parts[i].prepare(config, error))
            continue;
        cancel_before(i);
        return false;
    }
    return true;
}

void parts_commit(void)
{
    for (size_t i = 0; i < PART_COUNT; i++)
        if (parts[i].commit != NULL)
            parts[i].commit();
}

void parts_cancel(void)
{
    cancel_before(PART_COUNT);
}
