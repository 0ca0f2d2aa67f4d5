/*
 * Users: how a table is made from a file.
 */
#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ops/file.h"
#include "ops/password.h"
#include "ops/users_table.h"
#include "protocol/limits.h"
#include "protocol/line.h"

/* Prefixes ------------------------------------------------------------------- */

static int compare_slices(const void *a, const void *b)
{
    return slice_compare(*(const struct slice *)a, *(const struct slice *)b);
}

/* Gives the user the prefixes that `words` are, copied in one piece of memory: sorted, without
 * those that begin with another. False when there is no memory. */
static bool set_prefixes(struct account *account, const struct slice *words, size_t count)
{
    size_t bytes = 0;
    for (size_t i = 0; i < count; i++)
        bytes += words[i].len;
    struct slice *prefixes = malloc(count * sizeof(*prefixes) + bytes + 1);
    if (prefixes == NULL)
        return false;
    char *copy = (char *)(prefixes + count);
    for (size_t i = 0; i < count; i++) {
        prefixes[i] = slice_of(copy, words[i].len);
        memcpy(copy, words[i].data, words[i].len);
        copy += words[i].len;
    }
    qsort(prefixes, count, sizeof(*prefixes), compare_slices);
    size_t kept = 0;
    for (size_t i = 0; i < count; i++)
        if (kept == 0 || !slice_has_prefix(prefixes[i], prefixes[kept - 1]))
            prefixes[kept++] = prefixes[i];
    bool everything = kept > 0 && prefixes[0].len == 0;
    account->user.prefixes = prefixes;
    account->user.prefix_count = everything ? 0 : kept;
    return true;
}

/* Lines ----------------------------------------------------------------------- */

static const char no_memory[] = "there is no memory to keep it";

static char *copy_word(struct slice word)
{
    return strndup(word.data, word.len);
}

/* Fills a new account from the words of a line; what is wrong with them, or NULL. */
static const char *fill_account(struct account *account, const struct slice *words, size_t count)
{
    if (count < 3)
        return "a user is `name role hash [prefix]...`";
    if (!role_accepts_name(words[0]))
        return "a name is up to 64 visible characters of ASCII";
    if (!role_find(words[1], &account->user.role))
        return "the role is read, write or admin";
    account->name = copy_word(words[0]);
    if (account->name == NULL || !set_prefixes(account, words + 3, count - 3))
        return no_memory;
    account->user.name = account->name;
    if (slice_equal(words[2], SLICE("-")))
        return NULL;
    account->hash = copy_word(words[2]);
    return account->hash == NULL ? no_memory : password_hash_problem(account->hash);
}

_Static_assert(LIMIT_USER == 64, "a sentence above names it");

static bool grow(struct users *users)
{
    bool full = (users->count & (users->count - 1)) == 0; /* at every power of two */
    size_t room = users->count == 0 ? 1 : 2 * users->count;
    struct account *accounts =
        full ? realloc(users->accounts, room * sizeof(*accounts)) : users->accounts;
    if (accounts == NULL)
        return false;
    users->accounts = accounts;
    accounts[users->count] = (struct account){.user = {.table = users}};
    return true;
}

/* What is wrong with the line, or NULL. */
static const char *take_line(struct users *users, struct slice line, unsigned number,
                             struct tokens *tokens)
{
    enum line_split result = line_split(line, tokens);
    if (result != LINE_SPLIT_OK)
        return line_split_text(result);
    if (tokens->count == 0)
        return NULL;
    if (!grow(users))
        return no_memory;
    struct account *account = &users->accounts[users->count++];
    account->line = number;
    return fill_account(account, tokens->items, tokens->count);
}

/* The next line of *rest, without its end. */
static struct slice cut_line(struct slice *rest)
{
    const char *end = memchr(rest->data, '\n', rest->len);
    size_t len = end == NULL ? rest->len : (size_t)(end - rest->data);
    struct slice line = slice_of(rest->data, len);
    size_t used = end == NULL ? len : len + 1;
    *rest = slice_of(rest->data + used, rest->len - used);
    if (line.len > 0 && line.data[line.len - 1] == '\r')
        line.len--;
    return line;
}

static bool blame(struct users_error *error, const char *path, unsigned line, const char *problem)
{
    if (line == 0)
        snprintf(error->text, sizeof(error->text), "%s: %s", path, problem);
    else
        snprintf(error->text, sizeof(error->text), "%s:%u: %s", path, line, problem);
    return false;
}

static bool take_lines(struct users *users, const char *path, struct slice text,
                       struct users_error *error)
{
    struct tokens tokens = {0};
    const char *problem = NULL;
    unsigned line = 0;
    while (text.len > 0 && problem == NULL) {
        struct slice next = cut_line(&text);
        line++;
        if (next.len > 0 && next.data[0] != '#')
            problem = take_line(users, next, line, &tokens);
    }
    tokens_fini(&tokens);
    return problem == NULL || blame(error, path, line, problem);
}

/* The file --------------------------------------------------------------------- */

/* Who can read the hashes can try passwords on them, and who can write them needs not. */
static bool is_private(const char *path, const struct stat *status, struct users_error *error)
{
    if (!S_ISREG(status->st_mode))
        return blame(error, path, 0, "it is no file");
    if ((status->st_mode & (S_IRWXG | S_IRWXO)) != 0)
        return blame(error, path, 0, "others than its owner have rights on it; chmod 600 it");
    if (status->st_uid != 0 && status->st_uid != geteuid())
        return blame(error, path, 0, "it belongs neither to root nor to the daemon's user");
    return true;
}

static int compare_accounts(const void *a, const void *b)
{
    const struct account *one = a;
    const struct account *other = b;
    int order = strcmp(one->name, other->name);
    return order != 0 ? order : (one->line > other->line) - (one->line < other->line);
}

/* Sorts the accounts, and finds the first whose name another has too; NULL when there is none. */
static const struct account *sort(struct users *users)
{
    if (users->count > 1)
        qsort(users->accounts, users->count, sizeof(*users->accounts), compare_accounts);
    for (size_t i = 1; i < users->count; i++)
        if (strcmp(users->accounts[i - 1].name, users->accounts[i].name) == 0)
            return &users->accounts[i];
    return NULL;
}

static bool read_users(struct users *users, const char *path, struct users_error *error)
{
    struct buffer text = {0};
    struct stat status;
    if (!file_read(path, USERS_FILE, &text, &status)) {
        const char *problem = errno == EFBIG ? "it is larger than 4 MiB" : strerror(errno);
        buffer_fini(&text);
        return blame(error, path, 0, problem);
    }
    bool good =
        is_private(path, &status, error) && take_lines(users, path, buffer_slice(&text), error);
    if (text.data != NULL)
        sodium_memzero(text.data, text.cap);
    buffer_fini(&text);
    if (!good)
        return false;
    const struct account *second = sort(users);
    if (second == NULL)
        return true;
    char problem[LIMIT_USER + 64];
    snprintf(problem, sizeof(problem), "line %u has a user %s already", second[-1].line,
             second->name);
    return blame(error, path, second->line, problem);
}

_Static_assert(USERS_FILE == (size_t)4 * 1024 * 1024, "a sentence above names it");

static bool set_anonymous(struct users *users, const struct users_options *options)
{
    struct slice *prefixes = calloc(options->prefix_count + 1, sizeof(*prefixes));
    if (prefixes == NULL)
        return false;
    for (size_t i = 0; i < options->prefix_count; i++)
        prefixes[i] = slice_from_string(options->prefixes[i]);
    users->anonymous.user = (struct user){.name = "", .role = options->anonymous, .table = users};
    bool set = set_prefixes(&users->anonymous, prefixes, options->prefix_count);
    free(prefixes);
    return set;
}

struct users *users_load(const struct users_options *options, struct users_error *error)
{
    struct users *users = sodium_init() < 0 ? NULL : calloc(1, sizeof(*users));
    if (users == NULL) {
        (void)blame(error, "the users", 0, no_memory);
        return NULL;
    }
    users->holders = 1;
    if (!set_anonymous(users, options))
        (void)blame(error, "the users", 0, no_memory);
    else if (options->path == NULL || read_users(users, options->path, error))
        return users;
    users_discard(users);
    return NULL;
}
