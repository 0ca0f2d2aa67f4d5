/*
 * Ladder: whether scans are moments. Knows no client and no protocol.
 *
 * Each of several writers counts upwards under a key of its own; a scan sees all the counts. If
 * scans show the store as it was at one moment each, they can be put in one order in which no count
 * ever falls, and which is that of the clock where one scan ended before another began.
 */
#ifndef LEVERET_TESTS_FAULT_LADDER_H
#define LEVERET_TESTS_FAULT_LADDER_H

#include <stddef.h>
#include <stdint.h>

#define LADDER_WRITERS 16

struct ladder_scan {
    uint64_t begin;
    uint64_t end;
    uint32_t seen[LADDER_WRITERS];
    uint32_t least[LADDER_WRITERS]; /* acknowledged before it began */
    uint32_t most[LADDER_WRITERS];  /* asked for before it ended */
};

/* All zeroes is one where nothing was counted. */
struct ladder {
    uint32_t asked[LADDER_WRITERS];
    uint32_t acknowledged[LADDER_WRITERS];
    struct ladder_scan *scans;
    size_t count;
    size_t room;
};

void ladder_fini(struct ladder *ladder);

/* Forgets the scans and begins with these counts; the next ones go on from those before. */
void ladder_begin(struct ladder *ladder, const uint32_t counts[LADDER_WRITERS]);

/* The writer writes its next count, which is returned. The write was acknowledged. */
uint32_t ladder_ask(struct ladder *ladder, unsigned writer);
void ladder_acknowledge(struct ladder *ladder, unsigned writer, uint32_t count);

/* A scan begins, filling what it is to be compared with. It has ended and has seen the counts in
 * it; the times of all scans are different ones. A scan without an end need not be told. */
void ladder_begin_scan(const struct ladder *ladder, struct ladder_scan *scan, uint64_t time);
void ladder_end_scan(struct ladder *ladder, struct ladder_scan *scan, uint64_t time);

/* What is wrong, in a few words; NULL when nothing is. */
const char *ladder_judge(const struct ladder *ladder);

#endif
