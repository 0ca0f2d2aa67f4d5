/*
 * Reloading: another configuration comes into force while peers are served, or everything stays as
 * it is.
 *
 *     SIGHUP --> the command line and the file are read anew --> all parts prepare --> all commit
 *                      | something is wrong                           | one refuses
 *                      +--> one line in the log <---------------------+
 *
 * What crosses to other threads does so at its owner: numbers by ops/allowed.h, who may connect by
 * the door, what is told of the configuration by current.h, and each part by itself.
 */
#ifndef LEVERET_RELOAD_H
#define LEVERET_RELOAD_H

#include "net/door.h"

/* Reads anew what the current configuration was read from, and puts in force what can change while
 * the server serves; names in the log what cannot. Changes nothing when anything is wrong, and says
 * so in the log. On the main thread, between current_begin and the end. */
void reload_run(struct door *door);

#endif
