/*
 * INFO: Redis's sections, and one more with Leveret's own facts.
 */
#include <stdio.h>

#include "commands/redis/functions.h"

static const char *const titles[] = {
    "Server",  "Clients",      "Memory",     "Persistence",  "Stats",   "Replication", "CPU",
    "Modules", "Commandstats", "Errorstats", "Latencystats", "Cluster", "Keyspace",    "Leveret",
};
#define TITLES (sizeof(titles) / sizeof(titles[0]))
#define OWN (TITLES - 1) /* the section of our own */

struct text {
    struct buffer bytes;
    const char *prefix; /* of every name */
};

/* Values are lines here: what would break one is shown as a question mark. */
static void take_fact(void *sink, const char *name, const char *value)
{
    struct text *text = sink;
    buffer_append_string(&text->bytes, text->prefix);
    buffer_append_string(&text->bytes, name);
    buffer_append_byte(&text->bytes, ':');
    for (; *value != '\0'; value++)
        buffer_append_byte(&text->bytes, *value == '\r' || *value == '\n' ? '?' : *value);
    buffer_append_string(&text->bytes, "\r\n");
}

static void append_section(struct call *call, struct text *text, size_t section)
{
    const struct service *service = call->service;
    struct slice title = slice_from_string(titles[section]);
    buffer_append_string(&text->bytes, text->bytes.len == 0 ? "# " : "\r\n# ");
    buffer_append_slice(&text->bytes, title);
    buffer_append_string(&text->bytes, "\r\n");
    text->prefix = section == OWN ? "leveret_" : "";
    if (section == OWN)
        (void)service->tell(service->facts, SLICE(""), call->user->role, take_fact, text);
    else
        (void)!service->tell_redis(service->facts, title, take_fact, text);
}

/* These two are long, and as in Redis shown only to those who ask for them. */
static bool is_extra(const char *title)
{
    return strcmp(title, "Commandstats") == 0 || strcmp(title, "Latencystats") == 0;
}

/* Marks the sections that the word stands for; an unknown word is one without any. */
static void choose(struct slice word, bool wanted[TITLES])
{
    bool usual = slice_equal_fold(word, SLICE("default"));
    bool all = slice_equal_fold(word, SLICE("all")) || slice_equal_fold(word, SLICE("everything"));
    for (size_t i = 0; i < TITLES; i++)
        wanted[i] |= all || (usual && !is_extra(titles[i])) ||
                     slice_equal_fold(word, slice_from_string(titles[i]));
}

enum call_result info_info(struct call *call)
{
    struct text text = {0};
    bool wanted[TITLES] = {false};
    if (call_argument_count(call) == 0)
        choose(SLICE("default"), wanted);
    for (size_t i = 0; i < call_argument_count(call); i++)
        choose(call_argument(call, i), wanted);
    for (size_t i = 0; i < TITLES; i++)
        if (wanted[i])
            append_section(call, &text, i);
    if (text.bytes.failed)
        (void)call_no_memory(call);
    else
        reply_verbatim(&call->reply, buffer_slice(&text.bytes));
    buffer_fini(&text.bytes);
    return CALL_DONE;
}
