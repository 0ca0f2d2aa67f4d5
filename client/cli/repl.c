#include "client/cli/repl.h"

#include <langinfo.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "client/cli/complain.h"
#include "client/cli/editor.h"
#include "client/cli/exchange.h"
#include "client/cli/help.h"
#include "client/cli/interrupt.h"
#include "protocol/line.h"

/* Keys and values are typed as UTF-8 even where the locale was forgotten. */
static void choose_locale(void)
{
    if (setlocale(LC_CTYPE, "") == NULL || strcmp(nl_langinfo(CODESET), "UTF-8") != 0)
        (void)setlocale(LC_CTYPE, "C.UTF-8");
}

/*
 * Makes sure of a connection, and says so when it is a new one: the server may be a new one too.
 * What a BEGIN had opened is gone with the old one, and the line at hand was meant for that: it is
 * not sent, and the next one gets a new connection.
 */
static bool reach(struct leveret *db)
{
    if (leveret_connected(db))
        return true;
    enum leveret_status status = leveret_connect(db);
    if (status != LEVERET_OK) {
        (void)exchange_failed(db, status);
        leveret_disconnect(db);
        return false;
    }
    complain_again(leveret_prefix(db));
    return true;
}

/* An interrupt drops the connection. The person who did that need not hear of the new one. */
static void renew(struct leveret *db)
{
    enum leveret_status status = leveret_connect(db);
    if (status != LEVERET_OK)
        (void)exchange_failed(db, status);
}

static void ask(struct leveret *db, const struct print *print, struct slice line)
{
    if (!reach(db))
        return;
    enum leveret_status status = leveret_line(db, leveret_bytes(line.data, line.len));
    if (status != LEVERET_OK)
        (void)exchange_failed(db, status);
    else
        (void)exchange_reply(db, print, shape_of_line(line));
    (void)output_flush(print->out);
    if (interrupt_seen())
        renew(db);
}

/* Help that is known here; false when the line is none of it. */
static bool answered_here(const struct tokens *words)
{
    bool known = true;
    if (words->count == 1) {
        help_commands(stdout);
    } else if (words->count == 2) {
        char *name = strndup(words->items[1].data, words->items[1].len);
        known = name != NULL && help_command(stdout, name);
        free(name);
    } else {
        known = false;
    }
    fflush(stdout);
    return known;
}

/* The prefix that a USE asks for. False for one that the server will refuse. */
static bool wanted_prefix(struct leveret_bytes current, const struct tokens *words,
                          struct buffer *prefix)
{
    bool adds = words->count == 3 && slice_equal(words->items[1], SLICE("+"));
    if (words->count > 2 && !adds)
        return false;
    if (adds)
        buffer_append(prefix, current.data, current.len);
    if (words->count > 1)
        buffer_append_slice(prefix, words->items[words->count - 1]);
    return !prefix->failed;
}

/* USE goes through the library, which tells the prefix to new connections too. False when the line
 * is none that it could take. */
static bool used(struct leveret *db, const struct print *print, const struct tokens *words)
{
    struct buffer prefix = {0};
    bool good = wanted_prefix(leveret_prefix(db), words, &prefix);
    if (good) {
        enum leveret_status status = leveret_use(db, leveret_bytes(prefix.data, prefix.len));
        if (status == LEVERET_OK)
            print_value(print, leveret_prefix(db));
        else
            (void)exchange_failed(db, status);
        (void)output_flush(print->out);
    }
    buffer_fini(&prefix);
    return good;
}

/* So does AUTH, which the library says to new connections too. */
static bool logged_in(struct leveret *db, const struct print *print, const struct tokens *words)
{
    if (words->count != 3)
        return false;
    char *user = strndup(words->items[1].data, words->items[1].len);
    char *password = strndup(words->items[2].data, words->items[2].len);
    enum leveret_status status = leveret_login(db, user, password);
    if (password != NULL)
        explicit_bzero(password, strlen(password));
    free(password);
    free(user);
    if (status == LEVERET_OK)
        print_done(print);
    else
        (void)exchange_failed(db, status);
    (void)output_flush(print->out);
    return true;
}

static bool says(const struct tokens *words, const char *name)
{
    return words->count > 0 && slice_equal_fold(words->items[0], slice_from_string(name));
}

/* What the server need not be asked, or not in these words. */
static bool answered(struct leveret *db, const struct print *print, const struct tokens *words)
{
    if (says(words, "help"))
        return answered_here(words);
    if (says(words, "auth"))
        return logged_in(db, print, words);
    return says(words, "use") && used(db, print, words);
}

/* One line from the person; false when it was the wish to leave. */
static bool obey(struct leveret *db, const struct print *print, struct slice line)
{
    struct tokens words = {0};
    bool stays = true;
    bool split = line_split(line, &words) == LINE_SPLIT_OK;
    if (split && words.count == 1 && (says(&words, "exit") || says(&words, "quit")))
        stays = false;
    else if (!split || !answered(db, print, &words))
        ask(db, print, line);
    tokens_fini(&words);
    return stays && print->out->error == 0;
}

static void converse(struct leveret *db, const struct print *print, struct editor *editor)
{
    struct slice line;
    bool stays = true;
    while (stays) {
        switch (editor_line(editor, &line)) {
        case EDITOR_LINE:
            stays = obey(db, print, line);
            break;
        case EDITOR_ABANDONED:
            fputs("^C\n", stderr);
            break;
        case EDITOR_END:
            fputc('\n', stderr);
            stays = false;
            break;
        }
    }
}

enum exit_status repl_run(struct leveret *db, const struct print *print)
{
    struct editor editor;
    choose_locale();
    enum leveret_status status = leveret_connect(db);
    if (status != LEVERET_OK)
        return exchange_failed(db, status);
    if (!editor_open(&editor)) {
        complain("no memory for a prompt");
        return EXIT_REFUSED;
    }
    if (isatty(STDOUT_FILENO) == 1)
        printf("leveret %s. TAB completes, help helps, Ctrl-D leaves.\n", LEVERET_VERSION);
    converse(db, print, &editor);
    editor_close(&editor);
    return print->out->error == 0 ? EXIT_FINE : EXIT_REFUSED;
}
