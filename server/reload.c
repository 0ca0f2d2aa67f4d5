#include "reload.h"

#include <stdio.h>

#include "current.h"
#include "descriptors.h"
#include "ops/allowed.h"
#include "ops/log.h"
#include "parts.h"
#include "setting.h"

/* A value as the log shows it, which cuts very long ones. */
#define VALUE_TEXT 300

static void show(const struct config *config, const struct setting *setting, char text[VALUE_TEXT])
{
    struct buffer value = {0};
    setting_show(config, setting, &value);
    snprintf(text, VALUE_TEXT, "%.*s", (int)value.len, value.len == 0 ? "" : value.data);
    buffer_fini(&value);
}

/* True, with a line in the log, when the setting is not the same in both. */
static bool tell_change(const struct setting *setting, const struct config *before,
                        const struct config *after)
{
    char from[VALUE_TEXT];
    char to[VALUE_TEXT];
    show(before, setting, from);
    show(after, setting, to);
    if (strcmp(from, to) == 0)
        return false;
    log_info("--%s changed from %s to %s%s", setting->name, from[0] == '\0' ? "nothing" : from,
             to[0] == '\0' ? "nothing" : to,
             (setting->traits & SETTING_LIVE) != 0 ? "" : ": needs a restart");
    return true;
}

/* Tells what changes, and what would after a restart; how many settings do at once. */
static unsigned tell_changes(const struct config *next)
{
    const struct config *now = current_borrow();
    unsigned count = 0;
    for (size_t i = 0; i < setting_count; i++) {
        bool live = (setting_table[i].traits & SETTING_LIVE) != 0;
        count += tell_change(&setting_table[i], now, next) && live;
    }
    current_return();
    return count;
}

/* False with *error, and nothing changed, when it cannot come into force. */
static bool put_in_force(struct door *door, const struct config *next, struct config_error *error)
{
    struct config merged = current_merge(next);
    uint32_t connections = descriptors_for_connections(&merged);
    snprintf(error->text, sizeof(error->text), "there is no memory");
    if (connections == 0 || !admission_reserve(door_admission(door), connections) ||
        !parts_prepare(&merged, error))
        return false;
    struct admission_options admission = config_admission(&merged, connections);
    unsigned count = tell_changes(next);
    config_allow(&merged);
    allowed.connections = connections;
    door_change(door, &admission);
    parts_commit();
    current_replace(&merged);
    log_info("reloaded: %u setting%s changed", count, count == 1 ? "" : "s");
    return true;
}

void reload_run(struct door *door)
{
    const struct config *start = current_start();
    struct config_error error;
    struct config next;
    if (config_read(&next, start->argc, start->argv, &error) && put_in_force(door, &next, &error))
        return;
    config_free(&next);
    log_error("cannot reload: %s", error.text);
}
