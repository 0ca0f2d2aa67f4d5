/*
 * What a Redis client's connection keeps, and how it is shown to others.
 */
#include <criterion/criterion.h>

#include "commands/redis/client.h"
#include "commands/redis/fold.h"
#include "commands/redis/portrait.h"
#include "commands/redis/subcommand.h"
#include "commands/redis/traits.h"
#include "commands/redis/usage.h"

Test(client_state, a_skipped_reply_is_that_of_the_next_request)
{
    struct client client = {.replies = CLIENT_SKIPS_NEXT};
    cr_assert_not(client_is_silent(&client), "CLIENT REPLY SKIP says nothing by itself");
    client_begin(&client);
    cr_assert(client_is_silent(&client));
    client_begin(&client);
    cr_assert_not(client_is_silent(&client));
    client.replies = CLIENT_SILENT;
    client_begin(&client);
    cr_assert(client_is_silent(&client));
}

Test(client_state, a_reset_keeps_what_the_library_is)
{
    struct client client = {.replies = CLIENT_SILENT, .no_evict = true, .no_touch = true};
    cr_assert(client_keep(&client, CLIENT_NAME, SLICE("hare")));
    cr_assert(client_keep(&client, CLIENT_LIBRARY, SLICE("first")));
    cr_assert(client_keep(&client, CLIENT_LIBRARY, SLICE("lib")));
    client_reset(&client);
    cr_assert_null(client.texts[CLIENT_NAME]);
    cr_assert_str_eq(client.texts[CLIENT_LIBRARY], "lib");
    cr_assert_not(client_is_silent(&client) || client.no_evict || client.no_touch);
    client_fini(&client);
    cr_assert_null(client.texts[CLIENT_LIBRARY]);
}

Test(client_state, only_printed_ascii_is_accepted)
{
    cr_assert(client_accepts(SLICE("")));
    cr_assert(client_accepts(SLICE("!~")));
    cr_assert_not(client_accepts(SLICE("a b")));
    cr_assert_not(client_accepts(SLICE("a\x7f")));
    cr_assert_not(client_accepts(SLICE("a\0")));
    cr_assert_not(client_accepts(SLICE("\xc3\xbc")));
}

/* Portraits ---------------------------------------------------------------------- */

static void expect_address(const char *address, const char *expected)
{
    char text[PORTRAIT_ADDRESS];
    portrait_address(address, text);
    cr_assert_str_eq(text, expected);
}

Test(client_state, addresses_are_shown_as_redis_shows_them)
{
    struct peer peer = {.address = "unix:", .local = "unix:/run/leveret"};
    expect_address("127.0.0.1:5383", "127.0.0.1:5383");
    expect_address("[::1]:5383", "[::1]:5383");
    expect_address("unix:/run/leveret", "/run/leveret:0");
    cr_assert_str_eq(portrait_remote(&peer), "unix:/run/leveret");
}

Test(client_state, a_portrait_has_every_field_in_its_place)
{
    struct call call = {
        .connection = 7, .user = &user_anyone, .last = "CLIENT", .last_part = "LIST"};
    struct peer peer = {.call = &call,
                        .fd = 9,
                        .address = "[::1]:1",
                        .local = "[::1]:5383",
                        .age = 5,
                        .idle = 3,
                        .unread = 2,
                        .unsent = 4};
    struct buffer text = {0};
    call.reply.resp3 = true;
    cr_assert(client_keep(&call.client, CLIENT_NAME, SLICE("hare")));
    portrait_append(&text, &peer);
    buffer_append_byte(&text, '\0');
    cr_assert_str_eq(text.data,
                     "id=7 addr=[::1]:1 laddr=[::1]:5383 fd=9 name=hare age=5 idle=3 flags=N db=0 "
                     "sub=0 psub=0 ssub=0 multi=-1 qbuf=2 qbuf-free=0 argv-mem=0 multi-mem=0 rbs=0 "
                     "rbp=0 obl=4 oll=0 omem=0 tot-mem=6 events=rw cmd=client|list user=default "
                     "redir=-1 resp=3 lib-name= lib-ver=\n");
    buffer_fini(&text);
    client_fini(&call.client);
}

/* Descriptions --------------------------------------------------------------------- */

Test(client_state, names_are_folded_and_so_are_patterns)
{
    char name[FOLD_NAME];
    struct glob glob;
    fold_name(name, "COMMAND", "GETKEYSANDFLAGS");
    cr_assert_str_eq(name, "command|getkeysandflags");
    fold_name(name, "GET", NULL);
    cr_assert_str_eq(name, "get");
    cr_assert(fold_glob(&glob, SLICE("G[A-F]*")));
    cr_assert(glob_matches(&glob, slice_from_string(name)));
    glob_fini(&glob);
}

/* Containers tell their words in the usage of their parts. */
static bool is_container(enum redis_id id)
{
    return id == REDIS_CLIENT || id == REDIS_COMMAND || id == REDIS_CONFIG || id == REDIS_SLOWLOG;
}

/* As Redis does. */
static bool passes_over_words(enum redis_id id)
{
    return id == REDIS_QUIT;
}

Test(client_state, commands_that_take_words_say_which)
{
    for (unsigned i = 0; i < REDIS_TOTAL; i++) {
        enum redis_id id = (enum redis_id)i;
        const struct redis_command *command = redis_at(id);
        bool says = usage_of(command)[0] != '\0';
        bool takes = command->arity != 1 && !is_container(id) && !passes_over_words(id);
        cr_assert_eq(says, takes, "%s", command->name);
    }
}

Test(client_state, keys_say_what_is_done_to_them)
{
    for (unsigned i = 0; i < REDIS_TOTAL; i++) {
        const struct redis_command *command = redis_at((enum redis_id)i);
        struct traits traits = traits_of(command);
        cr_assert_eq(traits.access[0] != 0, command->first != 0, "%s", command->name);
        cr_assert_eq(traits.access[1] != 0, command->last == 2, "%s", command->name);
    }
}
