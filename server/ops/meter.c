#include "ops/meter.h"

#include <pthread.h>
#include <stdlib.h>

/* Guards the list of all meters. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct meter *meters;

struct meter *meter_new(void)
{
    struct meter *meter = calloc(1, sizeof(*meter));
    if (meter == NULL)
        return NULL;
    pthread_mutex_lock(&lock);
    meter->next = meters;
    meters = meter;
    pthread_mutex_unlock(&lock);
    return meter;
}

void meter_free(struct meter *meter)
{
    if (meter == NULL)
        return;
    pthread_mutex_lock(&lock);
    struct meter **at = &meters;
    while (*at != meter)
        at = &(*at)->next;
    *at = meter->next;
    pthread_mutex_unlock(&lock);
    free(meter);
}

/* Counting ----------------------------------------------------------------- */

/* Nobody else writes, so nothing can come between the two. */
static void raise(_Atomic uint64_t *number, uint64_t more)
{
    uint64_t before = atomic_load_explicit(number, memory_order_relaxed);
    atomic_store_explicit(number, before + more, memory_order_relaxed);
}

void meter_end_turn(struct meter *meter, int64_t took)
{
    uint64_t value = took < 0 ? 0 : (uint64_t)took;
    unsigned bucket = histogram_bucket(value);
    for (unsigned i = 0; i < meter->touched_count; i++) {
        unsigned id = meter->touched[i];
        raise(&meter->commands[id].calls, meter->turn[id]);
        histogram_add_own(&meter->commands[id].latency, bucket, value, meter->turn[id]);
        meter->turn[id] = 0;
    }
    meter->touched_count = 0;
}

void meter_answered_late(struct meter *meter, unsigned id, int64_t took)
{
    uint64_t value = took < 0 ? 0 : (uint64_t)took;
    raise(&meter->commands[id].calls, 1);
    histogram_add_own(&meter->commands[id].latency, histogram_bucket(value), value, 1);
}

void meter_began(struct meter *meter, unsigned id)
{
    raise(&meter->commands[id].calls, 1);
}

void meter_failed(struct meter *meter, unsigned id, enum status status)
{
    raise(&meter->commands[id].failed, 1);
    raise(&meter->errors[status], 1);
}

void meter_received(struct meter *meter, uint64_t bytes)
{
    raise(&meter->received, bytes);
}

void meter_sent(struct meter *meter, uint64_t bytes)
{
    raise(&meter->sent, bytes);
}

/* Reading ------------------------------------------------------------------ */

static uint64_t read_number(_Atomic uint64_t *number)
{
    return atomic_load_explicit(number, memory_order_relaxed);
}

static void add(struct meter *meter, struct meter_totals *totals)
{
    for (unsigned id = 0; id < METER_IDS; id++) {
        struct meter_command *command = &meter->commands[id];
        totals->commands[id].calls += read_number(&command->calls);
        totals->commands[id].failed += read_number(&command->failed);
        histogram_read(&command->latency, &totals->commands[id].latency);
    }
    for (unsigned i = 0; i < METER_ERRORS; i++)
        totals->errors[i] += read_number(&meter->errors[i]);
    totals->received += read_number(&meter->received);
    totals->sent += read_number(&meter->sent);
}

struct meter_totals *meter_total(void)
{
    struct meter_totals *totals = calloc(1, sizeof(*totals));
    if (totals == NULL)
        return NULL;
    pthread_mutex_lock(&lock);
    for (struct meter *meter = meters; meter != NULL; meter = meter->next)
        add(meter, totals);
    pthread_mutex_unlock(&lock);
    return totals;
}

/* Names -------------------------------------------------------------------- */

const char *meter_name(unsigned id)
{
    if (id < METER_REDIS)
        return command_at((enum command_id)id)->name;
    if (id < METER_UNKNOWN)
        return redis_at((enum redis_id)(id - METER_REDIS))->name;
    return id == METER_UNKNOWN ? "unknown" : "malformed";
}

const char *meter_vocabulary(unsigned id)
{
    return id < METER_REDIS ? "leveret" : id < METER_UNKNOWN ? "redis" : "none";
}

const char *meter_error_word(unsigned error)
{
    return error < STATUS_COUNT ? status_word((enum status)error) : "ERR";
}
