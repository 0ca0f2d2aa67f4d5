/*
 * An inbox: how other threads reach a thread that runs an event loop.
 *
 *     any thread --inbox_post--> queue --eventfd--> the loop's thread runs each message
 *
 * Messages run in the order posted. One wake-up serves all that wait.
 */
#ifndef LEVERET_NET_INBOX_H
#define LEVERET_NET_INBOX_H

#include <event2/event.h>
#include <pthread.h>

#include "protocol/bytes.h"

/* Embedded in what the message is about. The poster's until `run` is called, then the runner's;
 * it may not be posted again before. */
struct message {
    struct message *next;
    void (*run)(struct message *message, void *owner);
};

struct inbox {
    pthread_mutex_t lock; /* guards the queue and `closed` */
    struct message *first;
    struct message **last;
    bool closed;
    int wake_fd;
    struct event *wake_event;
    void *owner; /* handed to every message */
};

/* For the thread that runs `base`. False, with nothing to undo, when the system refuses. */
MUST_CHECK bool inbox_init(struct inbox *inbox, struct event_base *base, void *owner);

/* Runs what is left, then frees. The loop's thread, or after it ended. */
void inbox_fini(struct inbox *inbox);

/* Any thread. */
void inbox_post(struct inbox *inbox, struct message *message);

/* The same for a message that cannot wait for inbox_fini: false, and not posted, once the inbox was
 * closed. */
MUST_CHECK bool inbox_offer(struct inbox *inbox, struct message *message);

/* The loop has ended, on whose thread this is: runs what is left, and takes no more offers. */
void inbox_close(struct inbox *inbox);

#endif
