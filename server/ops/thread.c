#include "ops/thread.h"

#include <pthread.h>
#include <sched.h>

static _Thread_local bool own;

void thread_begin(const char *name)
{
    own = true;
    pthread_setname_np(pthread_self(), name);
}

bool thread_is_own(void)
{
    return own;
}

void thread_be_patient(void)
{
    static const struct sched_param unused = {0};
    if (sched_getscheduler(0) == SCHED_OTHER)
        (void)!sched_setscheduler(0, SCHED_BATCH, &unused);
}
