/*
 * Healing: waiting for a daemon whose disk failed and is well again.
 */
#ifndef LEVERET_TESTS_SYSTEM_HEALING_H
#define LEVERET_TESTS_SYSTEM_HEALING_H

#include <stdbool.h>

struct daemon;
struct gate;
struct wire;

/* Has the disk fail one write, of the key `failed`, and waits until the store was reopened. */
void healing_reopen(struct daemon *daemon, struct gate *gate, struct wire *wire);

/* Waits until INFO says that the store is writable. */
void healing_await(struct daemon *daemon);

/* Takes the CURRENT of the data directory away, or brings it back. */
void healing_hide_current(struct daemon *daemon, bool hide);

#endif
