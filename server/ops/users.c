#include "ops/users.h"

#include <errno.h>
#include <pthread.h>
#include <sodium.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "ops/password.h"
#include "ops/users_table.h"

/* Which hash stands in for one that is missing: not to be told from outside, and the same for a
 * name however often the file is read. */
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
    pthread_once(&decoy_once, make_decoy_key);
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
