#include "commands/scans.h"

#include <pthread.h>
#include <stdlib.h>

#include "ops/allowed.h"
#include "ops/clock.h"

struct scans {
    pthread_mutex_t lock; /* guards all of this, and the tickets that are held */
    size_t count;
    struct scans_ticket *oldest;
    struct scans_ticket *newest;
};

struct scans *scans_new(void)
{
    struct scans *scans = calloc(1, sizeof(*scans));
    if (scans == NULL || pthread_mutex_init(&scans->lock, NULL) != 0) {
        free(scans);
        return NULL;
    }
    return scans;
}

void scans_free(struct scans *scans)
{
    if (scans == NULL)
        return;
    pthread_mutex_destroy(&scans->lock);
    free(scans);
}

static void link_newest(struct scans *scans, struct scans_ticket *ticket)
{
    *ticket = (struct scans_ticket){.previous = scans->newest, .opened = clock_ms(), .held = true};
    if (scans->newest != NULL)
        scans->newest->next = ticket;
    else
        scans->oldest = ticket;
    scans->newest = ticket;
    scans->count++;
}

bool scans_enter(struct scans *scans, struct scans_ticket *ticket)
{
    pthread_mutex_lock(&scans->lock);
    bool room = scans->count < allowed.scans;
    if (room)
        link_newest(scans, ticket);
    pthread_mutex_unlock(&scans->lock);
    return room;
}

void scans_leave(struct scans *scans, struct scans_ticket *ticket)
{
    if (!ticket->held)
        return;
    pthread_mutex_lock(&scans->lock);
    if (ticket->previous != NULL)
        ticket->previous->next = ticket->next;
    else
        scans->oldest = ticket->next;
    if (ticket->next != NULL)
        ticket->next->previous = ticket->previous;
    else
        scans->newest = ticket->previous;
    scans->count--;
    pthread_mutex_unlock(&scans->lock);
    *ticket = (struct scans_ticket){0};
}

void scans_tell(struct scans *scans, size_t *count, uint64_t *oldest)
{
    pthread_mutex_lock(&scans->lock);
    *count = scans->count;
    *oldest = scans->oldest == NULL ? 0 : (uint64_t)(clock_ms() - scans->oldest->opened) / 1000;
    pthread_mutex_unlock(&scans->lock);
}
