#include "addresses.h"

#include <string.h>

#include "ops/log.h"
#include "ops/notify.h"
#include "protocol/number.h"

bool addresses_open(const struct config *config, struct event_base *base,
                    const struct listener_owner *owner, struct listener **list)
{
    struct listener_error error;
    bool opened = true;
    /* Each goes before those already there, so the last comes first. */
    for (size_t i = config->local.count; opened && i-- > 0;)
        opened = listener_open_unix(list, config->local.items[i], base, owner, &error);
    for (size_t i = config->listen.count; opened && i-- > 0;)
        opened = listener_open_tcp(list, config->listen.items[i], base, owner, &error);
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
        bool tcp = strncmp(address, "unix:", 5) != 0;
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
