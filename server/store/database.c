#include "store/database.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "store/leveldb_error.h"

/* In `inside`: nobody may enter. The rest of it counts those inside, and those who find that out.
 */
#define SHUT 0x80000000u

/* So long after it was shut those who enter wait for an opening. Logs that were written lately are
 * read and become a table meanwhile: a second or two. */
#define LONGEST_WAIT_SECONDS 10

struct database {
    char *path;
    const leveldb_options_t *options;
    leveldb_t *db; /* changed only while it is shut and nobody is inside */

    atomic_uint inside;

    /* Guards all that follows, and the holds while it is shut. */
    pthread_mutex_t lock;
    pthread_cond_t left;    /* the last one is outside */
    pthread_cond_t changed; /* it is open, or `refused` */
    bool refused;
    struct store_error why;    /* of that, or why it is shut */
    struct timespec wait_ends; /* for all who find it shut */
    struct database_hold *holds;
};

/* How often this thread is inside. A thread works for one store at a time. */
static _Thread_local unsigned depth;

static _Thread_local bool asked;

bool store_was_asked(void)
{
    bool was = asked;
    asked = false;
    return was;
}

/* Inside and outside -------------------------------------------------------- */

static void count_down(struct database *database)
{
    if (atomic_fetch_sub(&database->inside, 1) != (SHUT | 1))
        return;
    pthread_mutex_lock(&database->lock);
    pthread_cond_signal(&database->left);
    pthread_mutex_unlock(&database->lock);
}

leveldb_t *database_try(struct database *database)
{
    if (depth == 0 && (atomic_fetch_add(&database->inside, 1) & SHUT) != 0) {
        count_down(database);
        return NULL;
    }
    depth++;
    asked = true;
    return database->db;
}

void database_leave(struct database *database)
{
    assert(depth > 0);
    if (--depth == 0)
        count_down(database);
}

/* Waits until it is open. False with *error when it will not be soon. */
static bool wait_for_opening(struct database *database, struct store_error *error)
{
    bool shut = true;
    int result = 0;
    pthread_mutex_lock(&database->lock);
    while ((shut = (atomic_load(&database->inside) & SHUT) != 0) && !database->refused &&
           result == 0)
        result = pthread_cond_timedwait(&database->changed, &database->lock, &database->wait_ends);
    if (shut)
        *error = database->why;
    pthread_mutex_unlock(&database->lock);
    return !shut;
}

leveldb_t *database_enter(struct database *database, struct store_error *error)
{
    leveldb_t *db = database_try(database);
    while (db == NULL && wait_for_opening(database, error))
        db = database_try(database);
    return db;
}

/* Holds -------------------------------------------------------------------- */

/* The lock is held. */
static void take_off(struct database *database, struct database_hold *hold)
{
    if (hold->previous != NULL)
        hold->previous->next = hold->next;
    else
        database->holds = hold->next;
    if (hold->next != NULL)
        hold->next->previous = hold->previous;
    hold->gone = true;
}

void database_keep(struct database *database, struct database_hold *hold)
{
    assert(depth > 0);
    pthread_mutex_lock(&database->lock);
    hold->gone = false;
    hold->previous = NULL;
    hold->next = database->holds;
    if (hold->next != NULL)
        hold->next->previous = hold;
    database->holds = hold;
    pthread_mutex_unlock(&database->lock);
}

void database_drop(struct database *database, struct database_hold *hold)
{
    leveldb_t *inside = database_try(database);
    pthread_mutex_lock(&database->lock);
    bool mine = !hold->gone;
    if (mine)
        take_off(database, hold);
    /* Outside, only the lock keeps it from being closed meanwhile. */
    if (mine && inside == NULL)
        hold->let_go(hold, database->db);
    pthread_mutex_unlock(&database->lock);
    if (inside == NULL)
        return;
    if (mine)
        hold->let_go(hold, inside);
    database_leave(database);
}

static void let_all_go(struct database *database)
{
    pthread_mutex_lock(&database->lock);
    while (database->holds != NULL) {
        struct database_hold *hold = database->holds;
        take_off(database, hold);
        hold->let_go(hold, database->db);
    }
    pthread_mutex_unlock(&database->lock);
}

/* Opening and closing -------------------------------------------------------- */

struct database *database_new(const char *path, const leveldb_options_t *options)
{
    struct database *database = calloc(1, sizeof(*database));
    pthread_condattr_t attributes;
    if (database == NULL)
        return NULL;
    database->path = strdup(path);
    if (database->path == NULL) {
        free(database);
        return NULL;
    }
    database->options = options;
    atomic_init(&database->inside, SHUT);
    pthread_mutex_init(&database->lock, NULL);
    pthread_cond_init(&database->left, NULL);
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&database->changed, &attributes);
    pthread_condattr_destroy(&attributes);
    return database;
}

void database_free(struct database *database)
{
    if (database == NULL)
        return;
    assert((atomic_load(&database->inside) & ~SHUT) == 0 && database->holds == NULL);
    if (database->db != NULL)
        leveldb_close(database->db);
    pthread_cond_destroy(&database->changed);
    pthread_cond_destroy(&database->left);
    pthread_mutex_destroy(&database->lock);
    free(database->path);
    free(database);
}

bool database_open(struct database *database, struct store_error *error)
{
    char *message = NULL;
    database->db = leveldb_open(database->options, database->path, &message);
    if (message == NULL)
        return true;
    database->db = NULL;
    leveldb_error_take(error, message);
    return false;
}

/* Wakes those who wait; `why` is NULL when they may come in. */
static void tell(struct database *database, const struct store_error *why)
{
    pthread_mutex_lock(&database->lock);
    database->refused = why != NULL;
    if (why != NULL)
        database->why = *why;
    else
        atomic_fetch_and(&database->inside, ~SHUT);
    pthread_cond_broadcast(&database->changed);
    pthread_mutex_unlock(&database->lock);
}

void database_admit(struct database *database)
{
    tell(database, NULL);
}

void database_close(struct database *database)
{
    assert(depth == 0);
    pthread_mutex_lock(&database->lock);
    database->why = (struct store_error){STATUS_IO, "the store is still being reopened"};
    clock_gettime(CLOCK_MONOTONIC, &database->wait_ends);
    database->wait_ends.tv_sec += LONGEST_WAIT_SECONDS;
    atomic_fetch_or(&database->inside, SHUT);
    while (atomic_load(&database->inside) != SHUT)
        pthread_cond_wait(&database->left, &database->lock);
    pthread_mutex_unlock(&database->lock);
    let_all_go(database);
    leveldb_close(database->db);
    database->db = NULL;
}

void database_retry(struct database *database)
{
    pthread_mutex_lock(&database->lock);
    database->refused = false;
    pthread_mutex_unlock(&database->lock);
}

void database_refuse(struct database *database, const struct store_error *why)
{
    if (database->db != NULL)
        leveldb_close(database->db);
    database->db = NULL;
    tell(database, why);
}

leveldb_t *database_own(struct database *database)
{
    return database->db;
}

void database_why(struct database *database, struct store_error *error)
{
    pthread_mutex_lock(&database->lock);
    *error = database->why;
    pthread_mutex_unlock(&database->lock);
}
