/*
 * CLIENT INFO, LIST and KILL: connections, of all workers.
 */
#ifndef LEVERET_COMMANDS_REDIS_PEERS_H
#define LEVERET_COMMANDS_REDIS_PEERS_H

#include "commands/call.h"

call_fn peers_info;
call_fn peers_list;
call_fn peers_kill;

#endif
