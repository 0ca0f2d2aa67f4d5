#include "net/inbox.h"

#include <sys/eventfd.h>
#include <unistd.h>

static void run_all(struct inbox *inbox)
{
    pthread_mutex_lock(&inbox->lock);
    struct message *message = inbox->first;
    inbox->first = NULL;
    inbox->last = &inbox->first;
    pthread_mutex_unlock(&inbox->lock);
    while (message != NULL) {
        struct message *next = message->next; /* running it may free it */
        message->run(message, inbox->owner);
        message = next;
    }
}

static void on_wake(evutil_socket_t fd, short what, void *arg)
{
    uint64_t times;
    (void)what;
    if (read(fd, &times, sizeof(times)) < 0)
        return; /* another look came first */
    run_all(arg);
}

bool inbox_init(struct inbox *inbox, struct event_base *base, void *owner)
{
    inbox->first = NULL;
    inbox->last = &inbox->first;
    inbox->owner = owner;
    inbox->closed = false;
    inbox->wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (inbox->wake_fd < 0)
        return false;
    inbox->wake_event = event_new(base, inbox->wake_fd, EV_READ | EV_PERSIST, on_wake, inbox);
    if (inbox->wake_event == NULL || event_add(inbox->wake_event, NULL) != 0) {
        if (inbox->wake_event != NULL)
            event_free(inbox->wake_event);
        inbox->wake_event = NULL; /* by which an inbox that never was is known */
        close(inbox->wake_fd);
        return false;
    }
    pthread_mutex_init(&inbox->lock, NULL);
    return true;
}

void inbox_fini(struct inbox *inbox)
{
    run_all(inbox);
    event_free(inbox->wake_event);
    close(inbox->wake_fd);
    pthread_mutex_destroy(&inbox->lock);
}

/* True when the queue was empty: then somebody has to wake the loop. */
static bool add(struct inbox *inbox, struct message *message)
{
    bool was_empty = inbox->first == NULL;
    message->next = NULL;
    *inbox->last = message;
    inbox->last = &message->next;
    return was_empty;
}

static void wake(struct inbox *inbox)
{
    uint64_t once = 1;
    if (write(inbox->wake_fd, &once, sizeof(once)) < 0)
        return; /* only a full counter refuses, and that wakes as well */
}

void inbox_post(struct inbox *inbox, struct message *message)
{
    pthread_mutex_lock(&inbox->lock);
    bool first = add(inbox, message);
    pthread_mutex_unlock(&inbox->lock);
    if (first) /* else the wake-up for the first one serves this one too */
        wake(inbox);
}

bool inbox_offer(struct inbox *inbox, struct message *message)
{
    pthread_mutex_lock(&inbox->lock);
    bool closed = inbox->closed;
    bool first = !closed && add(inbox, message);
    pthread_mutex_unlock(&inbox->lock);
    if (first)
        wake(inbox);
    return !closed;
}

void inbox_close(struct inbox *inbox)
{
    pthread_mutex_lock(&inbox->lock);
    inbox->closed = true;
    pthread_mutex_unlock(&inbox->lock);
    run_all(inbox);
}
