/*
 * Parts: what a configuration names that can be wrong by itself, such as a file of users. A part is
 * looked at before it comes into force: to check it, at the start and at a reload alike.
 *
 *     parts_prepare --+--> parts_commit: all of it is in force
 *                     +--> parts_cancel: all is as it was
 *
 * All on the main thread. Nothing here touches data or ports.
 */
#ifndef LEVERET_PARTS_H
#define LEVERET_PARTS_H

#include "config.h"

struct part {
    /* Reads and checks what the configuration says of it, and keeps that aside. False with *error,
     * and nothing kept, when it is wrong. The configuration may go after this. */
    bool (*prepare)(const struct config *config, struct config_error *error);
    /* Puts it in force, which cannot fail; NULL when there is nothing to. */
    void (*commit)(void);
    /* Drops it; NULL when there is nothing to. */
    void (*cancel)(void);
};

/* Prepares all parts. False with *error, and none prepared, when one is wrong. */
MUST_CHECK bool parts_prepare(const struct config *config, struct config_error *error);

/* One of these follows. */
void parts_commit(void);
void parts_cancel(void);

#endif
