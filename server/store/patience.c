#include "store/patience.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <time.h>

#include "ops/thread.h"

/* How often a patient thread looks whether the other one is through. */
static const struct timespec look_interval = {.tv_nsec = 1000 * 1000};

/* Where on its stack a patient thread went into LevelDB; else NULL. */
static _Thread_local const char *entered;

/* LevelDB has one background thread for the whole process, and it rests in the function below.
 * Others that wait there are the daemon's own. */
static atomic_bool working;

void patience_begin(void)
{
    entered = __builtin_frame_address(0);
}

void patience_end(void)
{
    entered = NULL;
}

/* std::condition_variable::wait, and std::thread::_M_start_thread, which takes what the thread is
 * to do by reference. */
#define WAIT "_ZNSt18condition_variable4waitERSt11unique_lockISt5mutexE"
#define START                                                                                      \
    "_ZNSt6thread15_M_start_threadESt10unique_ptrINS_6_StateESt14default_deleteIS1_EEPFvvE"

/* std::unique_lock<std::mutex> as GNU's library has it; a mutex begins with the system's. */
struct unique_lock {
    pthread_mutex_t *mutex;
    bool owns;
};

typedef void wait_fn(void *condition, struct unique_lock *lock);
typedef void start_fn(void *thread, void *state, void (*depend)(void));

/* In place of the library's, under its names. */
wait_fn patience_wait __asm__(WAIT);
start_fn patience_start __asm__(START);

/* The one behind ours, copied to a function pointer: C knows no cast from one to the other. */
static void find(const char *name, _Atomic(void *) *found, void *function)
{
    void *next = atomic_load(found);
    if (next == NULL) {
        next = dlsym(RTLD_NEXT, name);
        atomic_store(found, next);
    }
    memcpy(function, &next, sizeof(next));
}

/* A writer of LevelDB waits for its turn among writers at a condition of its own, on its stack.
 * That is short, and nobody writes while it is first and does not go on. */
static bool is_own_turn(const char *condition)
{
    const char *here = __builtin_frame_address(0);
    return here < condition && condition < entered;
}

static void wait_on(pthread_mutex_t *mutex)
{
    while (atomic_load(&working)) {
        pthread_mutex_unlock(mutex);
        nanosleep(&look_interval, NULL);
        pthread_mutex_lock(mutex);
    }
}

void patience_wait(void *condition, struct unique_lock *lock)
{
    static _Atomic(void *) found;
    wait_fn *wait;
    bool own = thread_is_own();
    find(WAIT, &found, &wait);
    if (!own)
        atomic_store(&working, false);
    wait(condition, lock);
    if (!own)
        atomic_store(&working, true);
    else if (entered != NULL && !is_own_turn(condition))
        wait_on(lock->mutex);
}

/* Its first work does not wait to be called. */
void patience_start(void *thread, void *state, void (*depend)(void))
{
    static _Atomic(void *) found;
    start_fn *start;
    find(START, &found, &start);
    atomic_store(&working, true);
    start(thread, state, depend);
}
