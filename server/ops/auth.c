#include "ops/auth.h"

#include <errno.h>
#include <pthread.h>
#include <sodium.h>
#include <time.h>

#include "ops/clock.h"
#include "ops/thread.h"
#include "ops/users.h"

/* Each takes as much memory as a hash says while it verifies, up to PASSWORD_HASH_KIB. */
#define THREADS 2

/* How long the first wrong password is held back, and how long any, in milliseconds. */
#define FIRST_DELAY 500
#define LONGEST_DELAY 4000

/* Guards all of what follows. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t news; /* something waits, is held back, or is to end */
static struct auth_request *waiting;
static struct auth_request **waiting_end = &waiting;
static struct auth_request *held_back; /* whoever is due first comes first */
static unsigned inside;                /* waiting or being verified */
static bool ending;
static pthread_t threads[THREADS];
static unsigned started;

/* The request that it came in is over, and its memory is used for others. */
static void wipe_word(struct slice word)
{
    sodium_memzero((void *)(uintptr_t)word.data, word.len);
}

bool auth_take(struct auth_request *request, struct slice name, struct slice take_password)
{
    bool fits = name.len <= sizeof(request->name) && take_password.len <= sizeof(request->password);
    if (fits) {
        request->name_len = name.len;
        request->password_len = take_password.len;
        memcpy(request->name, name.data, name.len);
        memcpy(request->password, take_password.data, take_password.len);
    }
    wipe_word(take_password);
    return fits;
}

void auth_wipe(struct auth_request *request)
{
    sodium_memzero(request->password, sizeof(request->password));
}

bool auth_begin(struct auth_request *request)
{
    pthread_mutex_lock(&lock);
    bool taken = started > 0 && !ending && inside < AUTH_MOST;
    if (taken) {
        inside++;
        request->next = NULL;
        *waiting_end = request;
        waiting_end = &request->next;
        pthread_cond_signal(&news);
    }
    pthread_mutex_unlock(&lock);
    return taken;
}

/* The rest is for a thread that holds the lock. ------------------------------- */

static struct auth_request *take_waiting(void)
{
    struct auth_request *request = waiting;
    if (request == NULL)
        return NULL;
    waiting = request->next;
    if (waiting == NULL)
        waiting_end = &waiting;
    return request;
}

static struct auth_request *take_due(void)
{
    struct auth_request *request = held_back;
    if (request == NULL || (!ending && clock_ms() < request->due))
        return NULL;
    held_back = request->next;
    return request;
}

static void hold_back(struct auth_request *request)
{
    struct auth_request **at = &held_back;
    int64_t delay = FIRST_DELAY;
    for (unsigned i = 0; i < request->failures && delay < LONGEST_DELAY; i++)
        delay *= 2;
    request->due = clock_ms() + delay;
    while (*at != NULL && (*at)->due <= request->due)
        at = &(*at)->next;
    request->next = *at;
    *at = request;
    pthread_cond_signal(&news); /* somebody else may have to wait less long now */
}

/* Tells the peer, without the lock. */
static void finish(struct auth_request *request)
{
    pthread_mutex_unlock(&lock);
    request->done(request);
    pthread_mutex_lock(&lock);
}

static void verify(struct auth_request *request)
{
    bool wanted = !ending;
    pthread_mutex_unlock(&lock);
    errno = 0;
    request->user = wanted ? users_verify(slice_of(request->name, request->name_len),
                                          slice_of(request->password, request->password_len))
                           : NULL;
    request->no_memory = request->user == NULL && errno == ENOMEM;
    auth_wipe(request);
    pthread_mutex_lock(&lock);
    inside--;
    if (request->user == NULL && !request->no_memory)
        hold_back(request);
    else
        finish(request);
}

static void wait_for_news(void)
{
    if (held_back == NULL) {
        pthread_cond_wait(&news, &lock);
        return;
    }
    struct timespec until = {.tv_sec = held_back->due / 1000,
                             .tv_nsec = held_back->due % 1000 * 1000000};
    pthread_cond_timedwait(&news, &lock, &until);
}

static void *run(void *arg)
{
    (void)arg;
    thread_begin("auth");
    pthread_mutex_lock(&lock);
    while (!ending || inside > 0 || held_back != NULL) {
        struct auth_request *request = take_due();
        if (request != NULL)
            finish(request);
        else if ((request = take_waiting()) != NULL)
            verify(request);
        else if (!ending)
            wait_for_news();
        else
            break; /* the other thread sees to what it has */
    }
    pthread_mutex_unlock(&lock);
    return NULL;
}

/* Life ------------------------------------------------------------------------ */

bool auth_start(void)
{
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC); /* clock_ms's */
    pthread_cond_init(&news, &attributes);
    pthread_condattr_destroy(&attributes);
    while (started < THREADS && pthread_create(&threads[started], NULL, run, NULL) == 0)
        started++;
    return started == THREADS;
}

void auth_stop(void)
{
    pthread_mutex_lock(&lock);
    ending = true;
    if (started > 0)
        pthread_cond_broadcast(&news);
    pthread_mutex_unlock(&lock);
    for (unsigned i = 0; i < started; i++)
        pthread_join(threads[i], NULL);
    started = 0;
}
