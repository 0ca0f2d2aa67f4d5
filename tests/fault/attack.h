/*
 * An attack: what a mob of peers costs the daemon, and what a neighbour that behaves notices of it.
 *
 *     attack_begin --> attack_endure, attack_weigh, attack_idle ... --> attack_end
 *
 * Each part tells its figures. Memory and fates are asserted. Time is told, and asserted only so
 * far that a daemon which spins or stands still fails.
 */
#ifndef LEVERET_TESTS_FAULT_ATTACK_H
#define LEVERET_TESTS_FAULT_ATTACK_H

#include "tests/fault/mob.h"
#include "tests/fault/neighbour.h"
#include "tests/lib/daemon.h"

struct attack {
    struct daemon *server; /* borrowed, likewise the wire */
    struct wire *wire;     /* of the neighbour; the only connection besides the mob's */
    const char *name;
    size_t count;
    size_t memory; /* before */
    struct neighbour_waits quiet;
    int64_t began; /* deadline_now */
    struct mob *mob;
};

/* Looks at the daemon and the neighbour in peace, then starts the mob. `name` and the script are
 * borrowed until the end. */
struct attack attack_begin(struct daemon *server, struct wire *wire, const char *name, size_t count,
                           const struct mob_script *script);

/* What the neighbour notices. */
void attack_endure(const struct attack *attack);

/* What a peer takes of the memory now, which must be less than so many bytes. */
void attack_weigh(const struct attack *attack, size_t most_each);

/* The same for the most that a peer took since the beginning; pages of mapped files count too. */
void attack_weigh_peak(const struct attack *attack, size_t most_each);

/* What they all take of a processor while they are stuck. */
void attack_idle(const struct attack *attack);

/* The daemon lets all of them go. */
void attack_end(struct attack *attack);

/* They all go by themselves; behind this and attack_end nothing of them is left. */
void attack_stop(struct attack *attack);

#endif
