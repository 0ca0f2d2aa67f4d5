/*
 * The completions, in real shells: what they offer behind a line that was typed so far.
 */
#include <criterion/criterion.h>
#include <stdio.h>

#include "tests/lib/paths.h"
#include "tests/lib/shell.h"

TestSuite(completion, .timeout = 120);

/* Loads both completions, and completes the words that it is called with: one candidate a line. */
static const char bash_prologue[] =
    "source /usr/share/bash-completion/bash_completion\n"
    "source %s/server/dist/leveret; source %s/server/dist/leveretd\n"
    "candidates() {\n"
    "    COMP_WORDS=(\"$@\") COMP_CWORD=$(($# - 1)) COMP_LINE=\"$*\" COMP_POINT=${#COMP_LINE}\n"
    "    COMPREPLY=()\n"
    "    _$1\n"
    "    [ ${#COMPREPLY[@]} -eq 0 ] || printf '%%s\\n' \"${COMPREPLY[@]}\" | LC_ALL=C sort\n"
    "}\n";

/* bash offers exactly these behind the words, a line each. */
static void expect_bash(const char *words, const char *candidates)
{
    char script[2048];
    snprintf(script, sizeof(script), bash_prologue, paths_build(), paths_build());
    shell_expect(0, candidates, "%scandidates %s", script, words);
}

/* zsh makes the line of it when TAB is typed; `shown` is in the list that it shows before, if it
 * shows one. */
static void expect_zsh(const char *typed, const char *line, const char *shown)
{
    struct shell shell =
        shell_run("timeout 60 zsh -f $SOURCE/tests/system/completion.zsh %s/server/dist '%s'",
                  paths_build(), typed);
    char expected[256];
    snprintf(expected, sizeof(expected), "|%s|END", line);
    cr_assert_eq(shell.status, 0, "%s", shell.err.data);
    cr_assert(strstr(shell.out.data, expected) != NULL, "no %s: %s", expected, shell.out.data);
    cr_assert(shown == NULL || strstr(shell.out.data, shown) != NULL, "no `%s`: %s", shown,
              shell.out.data);
    shell_fini(&shell);
}

/* bash --------------------------------------------------------------------- */

Test(completion, bash_offers_commands_in_capitals_or_not)
{
    expect_bash("leveret sc", "SCAN\n");
    expect_bash("leveret SC", "SCAN\n");
    expect_bash("leveret --use x del", "DEL\nDELIFEQ\nDELPREFIX\n");
    expect_bash("leveret --json e", "EXISTS\nexport\n");
    expect_bash("leveret -c HOST im", "import\n");
    expect_bash("leveret help co", "COMMIT\nCOMPACT\nCOUNT\n");
    expect_bash("leveret zzz", "");
}

Test(completion, bash_offers_the_words_of_a_command)
{
    expect_bash("leveret put key value ''", "IFEQ\nNX\nXX\n");
    expect_bash("leveret SCAN book: t", "THROUGH\nTO\n");
    expect_bash("leveret --use PING DELPREFIX book: dr", "DRYRUN\n");
    expect_bash("leveret PING ''", "");
}

Test(completion, bash_offers_options)
{
    expect_bash("leveret --us", "--use\n--user\n");
    expect_bash("leveret --connect", "--connect\n");
    expect_bash("leveret bench --pi", "--pipeline\n");
    expect_bash("leveret bench --clients 3 se", "set\n");
    expect_bash("leveretd --max-conn", "--max-connections\n--max-connections-per-address\n");
    expect_bash("leveretd --data x --sync ''", "always\nnever\n");
    expect_bash("leveretd --compression s", "snappy\n");
    expect_bash("leveretd --workers ''", "");
}

/* As people do: in a directory, by the beginning of a name. */
Test(completion, bash_offers_files_where_a_file_is_wanted)
{
    char words[512];
    snprintf(words, sizeof(words), "leveretd --config %s/meson.bu", paths_source());
    char file[512];
    snprintf(file, sizeof(file), "%s/meson.build\n", paths_source());
    expect_bash(words, file);
    snprintf(words, sizeof(words), "leveret import %s/meson.bu", paths_source());
    expect_bash(words, file);
    snprintf(words, sizeof(words), "leveretd --data %s/meson.bu", paths_source());
    expect_bash(words, "");
    snprintf(words, sizeof(words), "leveretd --data %s/prot", paths_source());
    snprintf(file, sizeof(file), "%s/protocol\n", paths_source());
    expect_bash(words, file);
}

/* zsh ---------------------------------------------------------------------- */

Test(completion, zsh_offers_commands_in_capitals_or_not)
{
    expect_zsh("leveret sca", "leveret SCAN ", NULL);
    expect_zsh("leveret --use x SCA", "leveret --use x SCAN ", NULL);
    expect_zsh("leveret imp", "leveret import ", NULL);
    expect_zsh("leveret ", "leveret ", "DELIFEQ    -- delete a key if it holds this value");
}

Test(completion, zsh_offers_the_words_of_a_command)
{
    expect_zsh("leveret scan book: fr", "leveret scan book: FROM ", NULL);
    expect_zsh("leveret --json put key value if", "leveret --json put key value IFEQ ", NULL);
}

Test(completion, zsh_offers_options)
{
    expect_zsh("leveret --js", "leveret --json ", NULL);
    expect_zsh("leveret bench --pi", "leveret bench --pipeline=", NULL);
    expect_zsh("leveretd --compre", "leveretd --compression=", NULL);
    expect_zsh("leveretd --compression=", "leveretd --compression=", "none    snappy");
    expect_zsh("leveretd --data=x --worke", "leveretd --data=x --workers=", NULL);
}

Test(completion, zsh_offers_files_where_a_file_is_wanted)
{
    char typed[512];
    char line[512];
    snprintf(typed, sizeof(typed), "leveretd --config %s/meson.bu", paths_source());
    snprintf(line, sizeof(line), "leveretd --config %s/meson.build ", paths_source());
    expect_zsh(typed, line, NULL);
}
