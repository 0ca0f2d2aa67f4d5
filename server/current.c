#include "current.h"

#include <pthread.h>

#include "setting.h"

static const struct config *start;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* guards `now` */
static struct config now; /* its texts are those of the latest reload, or none */

void current_begin(const struct config *config)
{
    start = config;
    now = *config;
    now.texts = NULL; /* others point to those for good */
}

const struct config *current_borrow(void)
{
    pthread_mutex_lock(&lock);
    return &now;
}

void current_return(void)
{
    pthread_mutex_unlock(&lock);
}

const struct config *current_start(void)
{
    return start;
}

struct config current_merge(const struct config *next)
{
    struct config merged = *start;
    merged.texts = next->texts;
    merged.file = next->file;
    for (size_t i = 0; i < setting_count; i++)
        if ((setting_table[i].traits & SETTING_LIVE) != 0)
            setting_copy(&merged, next, &setting_table[i]);
    return merged;
}

void current_replace(const struct config *take_merged)
{
    pthread_mutex_lock(&lock);
    struct config before = now;
    now = *take_merged;
    pthread_mutex_unlock(&lock);
    config_free(&before);
}
