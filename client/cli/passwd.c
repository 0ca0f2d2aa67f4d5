#include "client/cli/passwd.h"

#include <sodium.h>
#include <unistd.h>

#include "client/cli/complain.h"
#include "client/cli/exit.h"
#include "client/cli/secret.h"
#include "protocol/quote.h"
#include "protocol/role.h"

const char passwd_usage[] = "[OPTION]... NAME ROLE [PREFIX]...";
const char passwd_help[] =
    "Asks for a password, twice, or reads it as a line of standard input, and prints the line "
    "that\n"
    "leveretd --users FILE wants for that user: its name, its role (read, write or admin), an\n"
    "argon2id hash, and the prefixes that its keys are confined to, if there are any. So a user "
    "is\n"
    "added with\n"
    "\n"
    "  leveret passwd alice write book: >>users\n"
    "\n"
    "to a file that only its owner may read. The password itself is kept nowhere.\n"
    "\n";

#define NO_PASSWORD OPTION_LONG

const struct option_row passwd_rows[] = {
    {"no-password", NO_PASSWORD, NULL, "the user has none, and is known by its certificate only"},
    {NULL, 0, NULL, NULL},
};

struct passwd {
    bool has_password;
    char **words; /* NAME ROLE [PREFIX]... */
    size_t count;
};

static bool wrong(const char *sentence)
{
    complain("%s; see leveret help passwd", sentence);
    return false;
}

static bool read_options(struct passwd *passwd, const struct options *options)
{
    struct option long_options[OPTION_MOST + 1];
    int option;
    option_fill(long_options, passwd_rows);
    *passwd = (struct passwd){.has_password = true};
    optind = 0; /* getopt starts anew, with other words; they end with a NULL as argv does */
    opterr = 0;
    while ((option = getopt_long((int)options->count, options->words, "+", long_options, NULL)) !=
           -1) {
        if (option != NO_PASSWORD)
            return wrong("passwd takes --no-password, a NAME, a ROLE and prefixes");
        passwd->has_password = false;
    }
    passwd->words = options->words + optind;
    passwd->count = options->count - (size_t)optind;
    enum role role;
    if (passwd->count < 2)
        return wrong("passwd takes a NAME and a ROLE");
    if (!role_accepts_name(slice_from_string(passwd->words[0])))
        return wrong("a NAME is up to 64 visible characters of ASCII");
    if (!role_find(slice_from_string(passwd->words[1]), &role))
        return wrong("the ROLE is read, write or admin");
    return true;
}

_Static_assert(LIMIT_USER == 64, "a sentence above names it");

/* Typed twice, because it cannot be seen. */
static bool ask(struct secret *secret)
{
    struct secret again;
    if (!secret_ask(secret, "Password: "))
        return false;
    bool same = secret_ask(&again, "The same again: ");
    if (same && strcmp(secret->text, again.text) != 0) {
        complain("the two are not the same");
        same = false;
    }
    secret_wipe(&again);
    if (!same)
        secret_wipe(secret);
    return same;
}

static bool make_hash(char hash[crypto_pwhash_STRBYTES])
{
    struct secret secret;
    bool good = isatty(STDIN_FILENO) == 1 ? ask(&secret)
                                          : secret_read(&secret, STDIN_FILENO, "standard input");
    if (!good)
        return false;
    good = sodium_init() >= 0 && crypto_pwhash_str(hash, secret.text, strlen(secret.text),
                                                   crypto_pwhash_OPSLIMIT_INTERACTIVE,
                                                   crypto_pwhash_MEMLIMIT_INTERACTIVE) == 0;
    secret_wipe(&secret);
    if (!good)
        complain("no memory to hash a password: it takes 64 MiB");
    return good;
}

/* A bare word ends at a space; one that begins with a quote is no bare one, and a line that begins
 * with # is a remark. */
static bool reads_bare(struct slice word)
{
    for (size_t i = 0; i < word.len; i++)
        if (word.data[i] <= ' ' || word.data[i] > '~')
            return false;
    return word.len > 0 && strchr("\"'#", word.data[0]) == NULL;
}

void passwd_append(struct buffer *out, char *const *words, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct slice word = slice_from_string(words[i]);
        if (i > 0)
            buffer_append_byte(out, ' ');
        if (reads_bare(word))
            buffer_append_slice(out, word);
        else
            quote_append(out, word);
    }
}

enum exit_status passwd_run(const struct options *options, struct output *out)
{
    char hash[crypto_pwhash_STRBYTES] = "-";
    struct passwd passwd;
    if (!read_options(&passwd, options))
        return EXIT_USAGE;
    if (passwd.has_password && !make_hash(hash))
        return EXIT_REFUSED;
    passwd_append(&out->bytes, passwd.words, 2);
    buffer_append_byte(&out->bytes, ' ');
    buffer_append_string(&out->bytes, hash);
    if (passwd.count > 2)
        buffer_append_byte(&out->bytes, ' ');
    passwd_append(&out->bytes, passwd.words + 2, passwd.count - 2);
    buffer_append_byte(&out->bytes, '\n');
    return output_flush(out) ? EXIT_FINE : EXIT_REFUSED;
}
