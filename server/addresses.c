#include "addresses.h"

#include <stdio.h>
#include <string.h>

#include "ops/activation.h"
#include "ops/log.h"
#include "ops/notify.h"
#include "protocol/number.h"
#include "setting.h"

/* Whoever connects to a socket that is passed as `tls` expects that nobody listens in. */
static bool adopt(const struct config *config, const struct activation *passed,
                  struct event_base *base, const struct listener_owner *owner,
                  const struct listener_owner *secure, struct listener **list,
                  struct listener_error *error)
{
    for (size_t i = passed->count; i-- > 0;) {
        const struct activation_socket *one = &passed->sockets[i];
        if (one->tls && config->tls_cert == NULL) {
            snprintf(error->text, sizeof(error->text),
                     "a socket named tls was passed, which needs --tls-cert and --tls-key");
            return false;
        }
        if (!listener_adopt(list, one->fd, base, one->tls ? secure : owner, error))
            return false;
    }
    return true;
}

/* True when nobody asked for the address that is served when nothing is said. */
static bool is_default(const struct config *config)
{
    return config->origins[setting_row(setting_find("listen"))] == CONFIG_FROM_DEFAULT;
}

static bool take_passed(struct activation *passed, struct listener_error *error)
{
    struct activation_error problem;
    if (activation_take(passed, &problem))
        return true;
    snprintf(error->text, sizeof(error->text), "%s", problem.text);
    return false;
}

bool addresses_open(const struct config *config, struct event_base *base,
                    const struct listener_owner *owner, const struct listener_owner *secure,
                    struct listener **list)
{
    struct listener_error error;
    struct activation passed;
    bool opened = take_passed(&passed, &error);
    size_t count = passed.count > 0 && is_default(config) ? 0 : config->listen.count;
    /* Each goes before those already there, so the last comes first. */
    for (size_t i = config->local.count; opened && i-- > 0;)
        opened = listener_open_unix(list, config->local.items[i], base, owner, &error);
    for (size_t i = config->tls_listen.count; opened && i-- > 0;)
        opened = listener_open_tcp(list, config->tls_listen.items[i], base, secure, &error);
    for (size_t i = count; opened && i-- > 0;)
        opened = listener_open_tcp(list, config->listen.items[i], base, owner, &error);
    opened = opened && adopt(config, &passed, base, owner, secure, list, &error);
    if (!opened)
        log_error("%s", error.text);
    return opened;
}

unsigned addresses_port(const struct listener *list)
{
    for (const struct listener *at = list; at != NULL; at = listener_next(at)) {
        const char *address = listener_address(at);
        const char *colon = strrchr(address, ':');
        uint64_t port = 0;
        bool tcp = strncmp(address, "unix:", 5) != 0 &&
                   strncmp(address, ADDRESSES_TLS, strlen(ADDRESSES_TLS)) != 0;
        if (tcp && colon != NULL && number_read(slice_from_string(colon + 1), UINT16_MAX, &port))
            return (unsigned)port;
    }
    return 0;
}

void addresses_announce(const struct listener *list)
{
    struct buffer text = {0};
    buffer_append_string(&text, "ready on");
    for (const struct listener *at = list; at != NULL; at = listener_next(at)) {
        buffer_append_byte(&text, ' ');
        buffer_append_string(&text, listener_address(at));
    }
    buffer_append_byte(&text, '\0');
    const char *words = text.data == NULL ? "ready" : text.data; /* there was no memory */
    log_info("%s", words);
    notify_ready(words);
    buffer_fini(&text);
}
