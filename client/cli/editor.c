#include "client/cli/editor.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>
#include <wchar.h>

#include "client/cli/complete.h"
#include "client/cli/interrupt.h"

static volatile sig_atomic_t resized;
static volatile sig_atomic_t suspended;

static void note(int number)
{
    if (number == SIGWINCH)
        resized = 1;
    else
        suspended = 1;
}

/* Only while a line is edited: a running command is suspended in the usual way. */
static void catch_signals(void (*handler)(int))
{
    struct sigaction action = {.sa_handler = handler};
    sigemptyset(&action.sa_mask);
    (void)sigaction(SIGWINCH, &action, NULL);
    (void)sigaction(SIGTSTP, &action, NULL);
}

/* The shell must find the terminal as it left it. */
static void suspend(EditLine *edit)
{
    suspended = 0;
    el_set(edit, EL_PREP_TERM, 0);
    (void)raise(SIGSTOP);
    el_set(edit, EL_PREP_TERM, 1);
    el_set(edit, EL_REFRESH);
}

static void obey_signals(EditLine *edit)
{
    if (resized != 0) {
        resized = 0;
        el_resize(edit);
    }
    if (suspended != 0)
        suspend(edit);
}

/*
 * Reads one character: 1, 0 at the end, -1 when Ctrl-C came. libedit's own reader takes every
 * interrupted read for another try.
 */
static int read_character(EditLine *edit, wchar_t *character)
{
    mbstate_t state = {0};
    for (;;) {
        char byte = 0;
        ssize_t got = read(STDIN_FILENO, &byte, 1);
        if (got < 0 && errno == EINTR && !interrupt_seen()) {
            obey_signals(edit);
            continue;
        }
        if (got <= 0)
            return (int)got;
        size_t length = mbrtowc(character, &byte, 1, &state);
        if (length == (size_t)-2)
            continue;
        if (length == (size_t)-1)
            *character = L'?'; /* no character of this locale */
        return 1;
    }
}

static char *prompt(EditLine *edit)
{
    static char text[] = "leveret> ";
    (void)edit;
    return text;
}

static void insert(EditLine *edit, const struct complete *complete)
{
    char text[64];
    struct slice first = complete->words[0];
    snprintf(text, sizeof(text), "%.*s%s", (int)complete->shared, first.data,
             complete->count == 1 ? " " : "");
    el_deletestr(edit, (int)complete->typed.len);
    el_insertstr(edit, text);
}

static void list(EditLine *edit, const struct complete *complete)
{
    FILE *out = NULL;
    if (el_get(edit, EL_GETFP, 1, &out) != 0 || out == NULL)
        return;
    fputc('\n', out);
    for (size_t i = 0; i < complete->count; i++)
        fprintf(out, "%.*s  ", (int)complete->words[i].len, complete->words[i].data);
    fputc('\n', out);
}

static unsigned char complete_here(EditLine *edit, int key)
{
    const LineInfo *info = el_line(edit);
    struct complete complete;
    (void)key;
    complete_line(&complete, slice_of(info->buffer, (size_t)(info->cursor - info->buffer)));
    if (complete.count == 0)
        return CC_ERROR;
    if (complete.count == 1 || complete.shared > complete.typed.len) {
        insert(edit, &complete);
        return CC_REFRESH;
    }
    list(edit, &complete);
    return CC_REDISPLAY;
}

bool editor_open(struct editor *editor)
{
    FILE *out = isatty(STDOUT_FILENO) == 1 ? stdout : stderr;
    if (!memory_open(&editor->memory))
        return false;
    editor->edit = el_init("leveret", stdin, out, stderr);
    if (editor->edit == NULL) {
        memory_close(&editor->memory);
        return false;
    }
    EditLine *edit = editor->edit;
    el_set(edit, EL_PROMPT, prompt);
    el_set(edit, EL_EDITOR, "emacs");
    el_set(edit, EL_HIST, history, editor->memory.history);
    el_set(edit, EL_ADDFN, "leveret-complete", "Completes a command or one of its words",
           complete_here);
    el_set(edit, EL_BIND, "^I", "leveret-complete", NULL);
    el_set(edit, EL_BIND, "^R", "em-inc-search-prev", NULL);
    el_source(edit, NULL); /* a person's ~/.editrc has the last word */
    el_set(edit, EL_GETCFN, read_character);
    interrupt_catch();
    return true;
}

static bool is_blank(struct slice line)
{
    for (size_t i = 0; i < line.len; i++)
        if (line.data[i] != ' ')
            return false;
    return true;
}

enum editor_result editor_line(struct editor *editor, struct slice *line)
{
    int length = 0;
    interrupt_clear();
    catch_signals(note);
    const char *text = el_gets(editor->edit, &length);
    catch_signals(SIG_DFL);
    if (interrupt_seen())
        return EDITOR_ABANDONED;
    if (text == NULL || length <= 0)
        return EDITOR_END;
    while (length > 0 && (text[length - 1] == '\n' || text[length - 1] == '\r'))
        length--;
    *line = slice_of(text, (size_t)length);
    if (!is_blank(*line))
        memory_add(&editor->memory, text);
    return EDITOR_LINE;
}

void editor_close(struct editor *editor)
{
    el_end(editor->edit);
    memory_close(&editor->memory);
}
