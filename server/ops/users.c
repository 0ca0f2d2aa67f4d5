#include "ops/users.h"

#include <errno.h>
#include <pthread.h>
#include <sodium.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ops/file.h"
#include "ops/password.h"
#include "protocol/limits.h"
#include "protocol/line.h"

struct account {
    struct user user;
    char *name;    /* the user's */
    char *hash;    /* NULL: no password */
    unsigned line; /* of the file */
};

struct users {
    atomic_size_t holders;
    struct account anonymous;
    struct account *accounts; /* by name, then by line */
    size_t count;
};

/* Which hash stands in for one that is missing: not to be told from outside, and the same for a
 * name however often the file is read. Made with the first table. */
static unsigned char decoy_key[crypto_shorthash_KEYBYTES];
static pthread_once_t decoy_once = PTHREAD_ONCE_INIT;

/* Guards `in_force`, so that a table is held before it is let go of. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct users *in_force;
static atomic_uint generation;

static const struct account *account_of(const struct user *user)
{
    return (const struct account *)user; /* its first member */
}

/* Life --------------------------------------------------------------------- */

static void clear_account(struct account *account)
{
    free((void *)(uintptr_t)account->user.prefixes);
    free(account->name);
    free(account->hash);
}

static void free_users(struct users *users)
{
    for (size_t i = 0; i < users->count; i++)
        clear_account(&users->accounts[i]);
    clear_account(&users->anonymous);
    free(users->accounts);
    free(users);
}

static void hold(struct users *users)
{
    atomic_fetch_add_explicit(&users->holders, 1, memory_order_relaxed);
}

static void release(struct users *users)
{
    if (atomic_fetch_sub_explicit(&users->holders, 1, memory_order_acq_rel) == 1)
        free_users(users);
}

void users_release(const struct user *user)
{
    if (user->table != NULL)
        release(user->table);
}

void users_discard(struct users *users)
{
    if (users != NULL)
        release(users);
}

void users_install(struct users *take_users)
{
    pthread_mutex_lock(&lock);
    struct users *old = in_force;
    in_force = take_users;
    atomic_fetch_add(&generation, 1);
    pthread_mutex_unlock(&lock);
    users_discard(old);
}

unsigned users_generation(void)
{
    return atomic_load_explicit(&generation, memory_order_relaxed);
}

/* The table in force, held; NULL when there is none. */
static struct users *hold_in_force(void)
{
    pthread_mutex_lock(&lock);
    struct users *users = in_force;
    if (users != NULL)
        hold(users);
    pthread_mutex_unlock(&lock);
    return users;
}

/* Looking up ---------------------------------------------------------------- */

static int compare_accounts(const void *a, const void *b)
{
    const struct account *one = a;
    const struct account *other = b;
    int order = strcmp(one->name, other->name);
    return order != 0 ? order : (one->line > other->line) - (one->line < other->line);
}

static struct account *find(const struct users *users, struct slice name)
{
    size_t low = 0;
    size_t high = users->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = slice_compare(name, slice_from_string(users->accounts[middle].name));
        if (order == 0)
            return &users->accounts[middle];
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return NULL;
}

const struct user *users_anonymous(void)
{
    struct users *users = hold_in_force();
    return users == NULL ? &user_anyone : &users->anonymous.user;
}

const struct user *users_find(struct slice name)
{
    struct users *users = hold_in_force();
    if (users == NULL)
        return NULL;
    const struct account *account = find(users, name);
    if (account == NULL)
        release(users);
    return account == NULL ? NULL : &account->user;
}

bool users_exist(void)
{
    struct users *users = hold_in_force();
    bool exist = users != NULL && users->count > 0;
    users_discard(users);
    return exist;
}

static bool same_hash(const struct account *a, const struct account *b)
{
    if (a->hash == NULL || b->hash == NULL)
        return a->hash == b->hash;
    return strcmp(a->hash, b->hash) == 0;
}

const struct user *users_renew(const struct user *user)
{
    const struct user *renewed = NULL;
    if (user->table != NULL && user->name[0] != '\0')
        renewed = users_find(slice_from_string(user->name));
    if (renewed == NULL)
        return users_anonymous();
    if (same_hash(account_of(user), account_of(renewed)))
        return renewed;
    users_release(renewed);
    return users_anonymous();
}

bool users_same(const struct user *a, const struct user *b)
{
    bool same =
        strcmp(a->name, b->name) == 0 && a->role == b->role && a->prefix_count == b->prefix_count;
    for (size_t i = 0; same && i < a->prefix_count; i++)
        same = slice_equal(a->prefixes[i], b->prefixes[i]);
    return same;
}

static void make_decoy_key(void)
{
    crypto_shorthash_keygen(decoy_key);
}

/* The hash that is verified for a name that has none; NULL when nobody has one. Somebody's, chosen
 * by the name: were it always the same, names whose hashes cost more or less than that would be
 * known to exist. */
static const char *find_decoy(const struct users *users, struct slice name)
{
    uint64_t chosen;
    _Static_assert(crypto_shorthash_BYTES == sizeof(chosen), "it is a number");
    crypto_shorthash((unsigned char *)&chosen, (const unsigned char *)name.data, name.len,
                     decoy_key);
    for (size_t i = 0; i < users->count; i++) {
        const char *hash = users->accounts[(chosen % users->count + i) % users->count].hash;
        if (hash != NULL)
            return hash;
    }
    return NULL;
}

const struct user *users_verify(struct slice name, struct slice password)
{
    struct users *users = hold_in_force();
    errno = 0;
    if (users == NULL)
        return NULL;
    const struct account *account = find(users, name);
    bool has_password = account != NULL && account->hash != NULL;
    const char *hash = has_password ? account->hash : find_decoy(users, name);
    enum password_fit fit = hash == NULL ? PASSWORD_WRONG : password_fits(hash, password);
    if (has_password && fit == PASSWORD_FITS)
        return &account->user;
    release(users);
    errno = fit == PASSWORD_NO_MEMORY ? ENOMEM : 0;
    return NULL;
}

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
    pthread_once(&decoy_once, make_decoy_key);
    if (users == NULL) {
        (void)blame(error, "the users", 0, no_memory);
        return NULL;
    }
    users->holders = 1;
    if (!set_anonymous(users, options))
        (void)blame(error, "the users", 0, no_memory);
    else if (options->path == NULL || read_users(users, options->path, error))
        return users;
    release(users);
    return NULL;
}
