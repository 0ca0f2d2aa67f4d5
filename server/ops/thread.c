#include "ops/thread.h"

#include <pthread.h>

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
