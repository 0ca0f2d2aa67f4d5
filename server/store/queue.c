#include "store/queue.h"

#include <time.h>

/* Submissions that wait beyond this many bytes stop their connections from being read. */
#define FULL_BYTES ((size_t)64 * 1024 * 1024)

void queue_init(struct queue *queue)
{
    pthread_condattr_t attributes;
    *queue = (struct queue){0};
    queue->last = &queue->first;
    pthread_mutex_init(&queue->lock, NULL);
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC); /* as clock_ms */
    pthread_cond_init(&queue->more, &attributes);
    pthread_condattr_destroy(&attributes);
}

void queue_fini(struct queue *queue)
{
    pthread_cond_destroy(&queue->more);
    pthread_mutex_destroy(&queue->lock);
}

/* Who hands in --------------------------------------------------------------- */

void queue_put(struct queue *queue, struct submission *submission)
{
    submission->next = NULL;
    queue_count(queue, submission);
    pthread_mutex_lock(&queue->lock);
    bool was_empty = queue->first == NULL;
    *queue->last = submission;
    queue->last = &submission->next;
    pthread_mutex_unlock(&queue->lock);
    if (was_empty)
        pthread_cond_signal(&queue->more);
}

bool queue_is_full(struct queue *queue)
{
    if (atomic_load(&queue->bytes) < FULL_BYTES)
        return false;
    atomic_store(&queue->told_full, true);
    /* The taker may have finished between the look and the note; then nobody would call. */
    return atomic_load(&queue->bytes) >= FULL_BYTES;
}

void queue_wake(struct queue *queue)
{
    pthread_mutex_lock(&queue->lock);
    queue->woken = true;
    pthread_cond_signal(&queue->more);
    pthread_mutex_unlock(&queue->lock);
}

void queue_on_room(struct queue *queue, store_room_fn *room, void *arg)
{
    queue->room = room;
    queue->room_arg = arg;
}

/* Who takes ------------------------------------------------------------------ */

void queue_wait(struct queue *queue, int64_t until)
{
    struct timespec end = {.tv_sec = until / 1000, .tv_nsec = (until % 1000) * 1000000};
    int result = 0;
    pthread_mutex_lock(&queue->lock);
    while (queue->first == NULL && !queue->woken && result == 0)
        result = until == 0 ? pthread_cond_wait(&queue->more, &queue->lock)
                            : pthread_cond_timedwait(&queue->more, &queue->lock, &end);
    queue->woken = false;
    pthread_mutex_unlock(&queue->lock);
}

/* Cuts off the list what is too much; the rest of it, or NULL. */
static struct submission *cut(struct submission *list, size_t bytes)
{
    struct submission *last = list;
    size_t taken = submission_size(last);
    while (last->next != NULL && taken < bytes) {
        last = last->next;
        taken += submission_size(last);
    }
    struct submission *rest = last->next;
    last->next = NULL;
    return rest;
}

struct submission *queue_take(struct queue *queue, size_t bytes)
{
    pthread_mutex_lock(&queue->lock);
    struct submission *list = queue->first;
    if (list != NULL)
        queue->first = cut(list, bytes);
    if (queue->first == NULL)
        queue->last = &queue->first;
    pthread_mutex_unlock(&queue->lock);
    return list;
}

void queue_put_back(struct queue *queue, struct submission *last)
{
    struct submission *first = last->next;
    struct submission **end = &first->next;
    last->next = NULL;
    while (*end != NULL)
        end = &(*end)->next;
    pthread_mutex_lock(&queue->lock);
    *end = queue->first;
    if (queue->first == NULL)
        queue->last = end;
    queue->first = first;
    pthread_mutex_unlock(&queue->lock);
}

void queue_count(struct queue *queue, struct submission *submission)
{
    size_t before = budget_share(&submission->share);
    size_t now = submission_size(submission);
    budget_hold(&submission->share, now);
    atomic_fetch_add(&queue->bytes, now - before); /* less wraps around */
}

void queue_done(struct queue *queue, struct submission *list)
{
    size_t bytes = 0;
    while (list != NULL) {
        struct submission *next = list->next;
        bytes += budget_share(&list->share);
        list->done(list, list->arg); /* it is the connection's again */
        list = next;
    }
    size_t before = atomic_fetch_sub(&queue->bytes, bytes);
    if (before - bytes < FULL_BYTES && atomic_exchange(&queue->told_full, false) &&
        queue->room != NULL)
        queue->room(queue->room_arg);
}
