#include "commands/redis/cursor.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/random.h>

#include "protocol/number.h"

/* Numbers stay below this. CURSORS_MOST divides it, so a number's remainder is its place. */
#define NUMBERS ((uint32_t)1 << 31)

struct cursor {
    struct cursor *next; /* of its queue */
    struct cursor *previous;
    char *bytes;  /* owned: the owner, then the key; NULL when there is none */
    size_t owner; /* length, likewise below */
    size_t key;
    uint32_t number; /* the last one given out from this place */
};

/* First in, first out; a ring through a cell that is no cursor. */
struct queue {
    struct cursor ends;
};

struct cursors {
    pthread_mutex_t lock; /* guards all of this */
    size_t bytes;         /* of keys and owners */
    size_t touched;       /* places that ever had a cursor, the first ones */
    uint32_t start;       /* of the numbers */
    struct queue fresh;   /* nobody used them */
    struct queue used;
    struct queue gone; /* places without a key, to be filled again */
    struct cursor places[CURSORS_MOST];
};

_Static_assert(((uint32_t)1 << 31) % CURSORS_MOST == 0, "a number's remainder is its place");

/* Queues ------------------------------------------------------------------------- */

static void queue_init(struct queue *queue)
{
    queue->ends.next = &queue->ends;
    queue->ends.previous = &queue->ends;
}

static struct cursor *queue_first(struct queue *queue)
{
    return queue->ends.next == &queue->ends ? NULL : queue->ends.next;
}

static void queue_leave(struct cursor *cursor)
{
    cursor->next->previous = cursor->previous;
    cursor->previous->next = cursor->next;
}

static void queue_join(struct queue *queue, struct cursor *cursor)
{
    cursor->next = &queue->ends;
    cursor->previous = queue->ends.previous;
    cursor->previous->next = cursor;
    queue->ends.previous = cursor;
}

/* Life --------------------------------------------------------------------------- */

/* Anywhere, so that a cursor from before a restart is hardly ever one of now. */
static uint32_t random_start(void)
{
    uint32_t start = 0;
    (void)!getrandom(&start, sizeof(start), GRND_NONBLOCK);
    return start % (NUMBERS / (uint32_t)CURSORS_MOST) * (uint32_t)CURSORS_MOST;
}

struct cursors *cursors_new(void)
{
    struct cursors *cursors = calloc(1, sizeof(*cursors));
    if (cursors == NULL || pthread_mutex_init(&cursors->lock, NULL) != 0) {
        free(cursors);
        return NULL;
    }
    cursors->start = random_start();
    queue_init(&cursors->fresh);
    queue_init(&cursors->used);
    queue_init(&cursors->gone);
    return cursors;
}

void cursors_free(struct cursors *cursors)
{
    if (cursors == NULL)
        return;
    for (size_t i = 0; i < cursors->touched; i++)
        free(cursors->places[i].bytes);
    pthread_mutex_destroy(&cursors->lock);
    free(cursors);
}

/* Places ------------------------------------------------------------------------- */

/* Lets the least missed cursor go. False when there is none. */
static bool drop_one(struct cursors *cursors)
{
    struct cursor *cursor = queue_first(&cursors->used);
    if (cursor == NULL)
        cursor = queue_first(&cursors->fresh);
    if (cursor == NULL)
        return false;
    free(cursor->bytes);
    cursor->bytes = NULL;
    cursors->bytes -= cursor->owner + cursor->key;
    queue_leave(cursor);
    queue_join(&cursors->gone, cursor);
    return true;
}

/* A place without a key, and with the number that it gives out next. The place that is free for
 * longest, so that numbers come back as late as can be. */
static struct cursor *take_place(struct cursors *cursors)
{
    struct cursor *cursor = queue_first(&cursors->gone);
    if (cursor == NULL && cursors->touched == CURSORS_MOST && drop_one(cursors))
        cursor = queue_first(&cursors->gone);
    if (cursor != NULL) {
        queue_leave(cursor);
    } else {
        cursor = &cursors->places[cursors->touched];
        cursor->number = cursors->start + (uint32_t)cursors->touched;
        cursors->touched++;
    }
    cursor->number = (cursor->number + (uint32_t)CURSORS_MOST) % NUMBERS;
    if (cursor->number == 0) /* which begins a scan */
        cursor->number = (uint32_t)CURSORS_MOST;
    return cursor;
}

uint32_t cursors_add(struct cursors *cursors, struct slice owner, struct slice key)
{
    size_t bytes = owner.len + key.len;
    char *copy = malloc(bytes + 1); /* not NULL for no bytes */
    if (copy == NULL)
        return 0;
    if (owner.len > 0)
        memcpy(copy, owner.data, owner.len);
    if (key.len > 0)
        memcpy(copy + owner.len, key.data, key.len);
    pthread_mutex_lock(&cursors->lock);
    while (cursors->bytes + bytes > CURSORS_MOST_BYTES && drop_one(cursors))
        continue;
    struct cursor *cursor = take_place(cursors);
    cursor->bytes = copy;
    cursor->owner = owner.len;
    cursor->key = key.len;
    cursors->bytes += bytes;
    queue_join(&cursors->fresh, cursor);
    uint32_t number = cursor->number;
    pthread_mutex_unlock(&cursors->lock);
    return number;
}

bool cursors_use(struct cursors *cursors, uint64_t number, struct slice owner, struct buffer *key)
{
    struct cursor *cursor = &cursors->places[number % CURSORS_MOST];
    pthread_mutex_lock(&cursors->lock);
    bool known = cursor->bytes != NULL && cursor->number == number &&
                 slice_equal(slice_of(cursor->bytes, cursor->owner), owner);
    buffer_clear(key);
    if (known) {
        buffer_append(key, cursor->bytes + cursor->owner, cursor->key);
        queue_leave(cursor);
        queue_join(&cursors->used, cursor);
    }
    pthread_mutex_unlock(&cursors->lock);
    return known;
}

/* Text --------------------------------------------------------------------------- */

bool cursor_read(struct slice text, uint64_t *number)
{
    size_t len = text.len == 0 ? 0 : strnlen(text.data, text.len);
    bool is_signed = len > 0 && (text.data[0] == '-' || text.data[0] == '+');
    *number = 0;
    if (len == 0)
        return true;
    if (!number_read(slice_of(text.data + is_signed, len - is_signed), UINT64_MAX, number))
        return false;
    if (text.data[0] == '-')
        *number = 0 - *number;
    return true;
}
