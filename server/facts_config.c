#include "facts_config.h"

#include <stdio.h>

#include "setting.h"

/* Longest name of a setting, with `.from` behind it. */
#define NAME_TEXT 64

static void tell_value(const struct config *config, const struct setting *setting, fact_fn *fact,
                       void *sink)
{
    struct buffer value = {0};
    setting_show(config, setting, &value);
    buffer_append_byte(&value, '\0');
    if (!value.failed)
        fact(sink, setting->name, value.data);
    buffer_fini(&value);
}

static void tell_origin(const struct config *config, const struct setting *setting, fact_fn *fact,
                        void *sink)
{
    char name[NAME_TEXT];
    char origin[CONFIG_ORIGIN_TEXT];
    snprintf(name, sizeof(name), "%s.from", setting->name);
    config_show_origin(config, setting_row(setting), origin);
    fact(sink, name, origin);
}

void facts_config_tell(const struct config *config, fact_fn *fact, void *sink)
{
    for (size_t i = 0; i < setting_count; i++) {
        if ((setting_table[i].traits & SETTING_NO_FILE) != 0)
            continue;
        tell_value(config, &setting_table[i], fact, sink);
        tell_origin(config, &setting_table[i], fact, sink);
    }
}
