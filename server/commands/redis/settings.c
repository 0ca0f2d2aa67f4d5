/*
 * CONFIG: the settings in Redis's names. They are those of the command line, and stay as they are
 * while the daemon runs.
 */
#include "commands/redis/fold.h"
#include "commands/redis/functions.h"
#include "commands/redis/subcommand.h"

/* Each is matched against all names in the same turn, and may be as slow as a glob can be. */
#define MOST_PATTERNS 64

/* Which settings were asked for, by their place in the list: there are far fewer than 64. */
struct listing {
    const struct glob *glob;
    unsigned place;
    uint64_t asked;
    struct reply *reply;
};

static void match_setting(void *sink, const char *name, const char *value)
{
    struct listing *listing = sink;
    (void)value;
    if (glob_matches(listing->glob, slice_from_string(name)))
        listing->asked |= (uint64_t)1 << listing->place;
    listing->place++;
}

static void say_setting(void *sink, const char *name, const char *value)
{
    struct listing *listing = sink;
    if ((listing->asked >> listing->place++ & 1) == 0)
        return;
    reply_text(listing->reply, name);
    reply_text(listing->reply, value);
}

/* False when there is no memory. */
static bool match(struct call *call, struct slice pattern, struct listing *listing)
{
    struct glob glob;
    if (!fold_glob(&glob, pattern))
        return false;
    listing->glob = &glob;
    listing->place = 0;
    if (glob_is_bounded(&glob))
        call->service->tell_settings(call->service->facts, match_setting, listing);
    glob_fini(&glob);
    return true;
}

static enum call_result get(struct call *call)
{
    struct listing listing = {.reply = &call->reply};
    if (call_argument_count(call) - 1 > MOST_PATTERNS) {
        reply_fail(&call->reply, "ERR no more than %d patterns at once here", MOST_PATTERNS);
        return CALL_DONE;
    }
    for (size_t n = 1; n < call_argument_count(call); n++)
        if (!match(call, call_argument(call, n), &listing))
            return call_no_memory(call);
    listing.place = 0;
    reply_map(&call->reply, (size_t)__builtin_popcountll(listing.asked));
    call->service->tell_settings(call->service->facts, say_setting, &listing);
    return CALL_DONE;
}

struct question {
    struct slice name;
    bool known;
};

static void compare_name(void *sink, const char *name, const char *value)
{
    struct question *question = sink;
    (void)value;
    question->known |= slice_equal_fold(question->name, slice_from_string(name));
}

static enum call_result refuse_set(struct call *call)
{
    const struct service *service = call->service;
    if (call_argument_count(call) % 2 == 0) {
        reply_fail(&call->reply, "ERR syntax error");
        return CALL_DONE;
    }
    struct question question = {.name = call_argument(call, 1)};
    service->tell_settings(service->facts, compare_name, &question);
    int shown = (int)strnlen(question.name.data, question.name.len);
    if (question.known)
        reply_fail(&call->reply,
                   "ERR CONFIG SET failed (possibly related to argument '%.*s') - can't set "
                   "immutable config",
                   shown, question.name.data);
    else
        reply_fail(&call->reply,
                   "ERR Unknown option or number of arguments for CONFIG SET - '%.*s'", shown,
                   question.name.data);
    return CALL_DONE;
}

static enum call_result refuse_rewrite(struct call *call)
{
    reply_fail(&call->reply, "ERR The server is running without a config file");
    return CALL_DONE;
}

static enum call_result refuse_reset(struct call *call)
{
    reply_fail(&call->reply, "ERR counts start with the daemon and are never reset");
    return CALL_DONE;
}

static enum call_result help(struct call *call)
{
    return subcommand_help(call, &settings_container);
}

static const struct subcommand parts[] = {
    {"GET", get, -3, "pattern...", "the settings whose names match", "2.0.0", true},
    {"HELP", help, 2, "", "these lines", "5.0.0", false},
    {"RESETSTAT", refuse_reset, 2, "", "refused: counts start with the daemon", "2.0.0", true},
    {"REWRITE", refuse_rewrite, 2, "", "refused: there is no file", "2.8.0", true},
    {"SET", refuse_set, -4, "name value...", "refused: settings are those of the command line",
     "2.0.0", true},
};

const struct container settings_container = {"CONFIG", parts, sizeof(parts) / sizeof(parts[0])};

enum call_result settings_config(struct call *call)
{
    return subcommand_serve(call, &settings_container);
}
