#include "net/loop.h"

#include <assert.h>
#include <stdlib.h>

#include "ops/meter.h"

/* Room for a request's keys beyond this goes when it is no longer needed. */
#define LARGEST_KEPT ((size_t)64 * 1024)

static struct event_base *new_base(void)
{
    struct event_config *config = event_config_new();
    if (config == NULL)
        return NULL;
    /* One thread runs the loop and others only write to its eventfd, so it needs no locks. */
    event_config_set_flag(config, EVENT_BASE_FLAG_NOLOCK);
    struct event_base *base = event_base_new_with_config(config);
    event_config_free(config);
    return base;
}

bool loop_init(struct loop *loop, const struct loop_options *options, void *owner)
{
    *loop = (struct loop){.options = options};
    loop->tasks_end = &loop->tasks;
    loop->input = malloc(LOOP_INPUT_SIZE);
    loop->meter = meter_new();
    loop->base = new_base();
    if (loop->input != NULL && loop->meter != NULL && loop->base != NULL &&
        inbox_init(&loop->inbox, loop->base, owner))
        return true;
    if (loop->base != NULL)
        event_base_free(loop->base);
    meter_free(loop->meter);
    free(loop->input);
    return false;
}

static void run_tasks(struct loop *loop)
{
    struct task *task = loop->tasks;
    loop->tasks = NULL;
    loop->tasks_end = &loop->tasks;
    while (task != NULL) {
        struct task *next = task->next;
        task->queued = false;
        task->run(task);
        task = next;
    }
}

void loop_fini(struct loop *loop)
{
    inbox_fini(&loop->inbox);
    run_tasks(loop);
    assert(loop->open == 0);
    event_base_free(loop->base);
    request_fini(&loop->request);
    buffer_fini(&loop->scoped);
    buffer_fini(&loop->output);
    meter_free(loop->meter);
    free(loop->input);
}

void loop_trim(struct loop *loop)
{
    tokens_trim(&loop->request.argv);
    if (loop->scoped.cap > LARGEST_KEPT)
        buffer_fini(&loop->scoped);
}

void loop_later(struct loop *loop, struct task *task)
{
    if (task->queued)
        return;
    task->queued = true;
    task->next = NULL;
    *loop->tasks_end = task;
    loop->tasks_end = &task->next;
}

void loop_round(struct loop *loop)
{
    int flags = EVLOOP_ONCE | (loop->tasks == NULL ? 0 : EVLOOP_NONBLOCK);
    loop->turns = 0;
    event_base_loop(loop->base, flags);
    run_tasks(loop);
}
