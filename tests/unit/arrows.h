/*
 * Arrows: which file includes which, and whether the design allows it.
 *
 *     main -> server -> net -> commands -> store -> protocol        client -> protocol
 *
 * server/dist makes pages and completions of what all of them tell, and nothing includes it.
 *
 * Each layer may include itself and every one to its right. server/ops may be included by every
 * part of the server, and includes nothing of it but itself. The store alone knows LevelDB; net,
 * server and ops/signals alone know libevent; protocol knows neither, nor threads, nor sockets.
 */
#ifndef LEVERET_TESTS_UNIT_ARROWS_H
#define LEVERET_TESTS_UNIT_ARROWS_H

#include "protocol/bytes.h"

/*
 * Reads every #include below protocol, server and client of the tree at `root`, and appends one
 * line for each that is not allowed, sorted. The number of #include lines read, so that a caller
 * can tell a clean tree from one that was not found.
 */
size_t arrows_check(const char *root, struct buffer *complaints);

#endif
