/*
 * A meter: what one worker counts of the requests that it answers, by command. Only its worker
 * writes to it, so that counting costs no locked instruction; anybody sums all of them up.
 *
 *     a request is answered --> count of the turn, by command
 *     the turn is over      --> the histogram of each command that it answered
 *
 * To read the clock for every request would cost a twentieth of it. So the time of a request is
 * that of the turns it lies in: from the beginning of the turn in which it was taken up, when its
 * bytes were there, to the end of the turn in which its reply was made. In a pipeline that is what
 * its peer waits for. What the network takes is no part of it.
 */
#ifndef LEVERET_OPS_METER_H
#define LEVERET_OPS_METER_H

#include "ops/histogram.h"
#include "protocol/bytes.h"
#include "protocol/command.h"
#include "protocol/redis.h"
#include "protocol/status.h"

/* What is counted by: the commands of both vocabularies, Leveret's own first, then requests that
 * name none, and those that cannot be decoded. */
enum meter_id {
    METER_OWN = 0,
    METER_REDIS = METER_OWN + COMMAND_TOTAL,
    METER_UNKNOWN = METER_REDIS + REDIS_TOTAL,
    METER_MALFORMED,
    METER_IDS
};

/* Errors are counted by status; those in Redis's own words have none, and come behind. */
#define METER_ERRORS (STATUS_COUNT + 1)

struct meter_command {
    struct histogram latency; /* microseconds */
    _Atomic uint64_t calls;   /* also those whose time is not told, such as FOLLOW */
    _Atomic uint64_t failed;
};

struct meter {
    struct meter *next; /* of all meters */
    struct meter_command commands[METER_IDS];
    _Atomic uint64_t errors[METER_ERRORS];
    _Atomic uint64_t received; /* bytes */
    _Atomic uint64_t sent;

    uint32_t turn[METER_IDS]; /* answered in this turn */
    uint16_t touched[METER_IDS];
    unsigned touched_count;
};

/* NULL when there is no memory. It is among those that are summed up until it is freed. */
struct meter *meter_new(void);

/* NULL is allowed. */
void meter_free(struct meter *meter);

/* One more was answered in this turn. */
static inline void meter_answered(struct meter *meter, unsigned id)
{
    if (meter->turn[id]++ == 0)
        meter->touched[meter->touched_count++] = (uint16_t)id;
}

/* All that was answered since the last end of a turn took so many microseconds. */
void meter_end_turn(struct meter *meter, int64_t took);

/* One was answered that took more than one turn. */
void meter_answered_late(struct meter *meter, unsigned id, int64_t took);

/* One began that has no end of its own, and so no time. */
void meter_began(struct meter *meter, unsigned id);

/* The reply to one was an error. `status` is STATUS_COUNT for one in Redis's words. */
void meter_failed(struct meter *meter, unsigned id, enum status status);

/* Bytes came from peers, and went to them. */
void meter_received(struct meter *meter, uint64_t bytes);
void meter_sent(struct meter *meter, uint64_t bytes);

/* What all meters say together. Counts of a worker that has ended are gone. */
struct meter_totals {
    struct {
        struct histogram_view latency;
        uint64_t calls;
        uint64_t failed;
    } commands[METER_IDS];
    uint64_t errors[METER_ERRORS];
    uint64_t received;
    uint64_t sent;
};

/* The sums, to be freed by free(); NULL when there is no memory. Any thread. */
struct meter_totals *meter_total(void);

/* The name of the command in capitals, or a word in small letters for what has none; and which
 * vocabulary it belongs to: "leveret", "redis" or "none". */
const char *meter_name(unsigned id);
const char *meter_vocabulary(unsigned id);

/* The word of an error's code. */
const char *meter_error_word(unsigned error);

#endif
