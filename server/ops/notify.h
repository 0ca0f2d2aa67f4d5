/*
 * Notices to the service manager that started the daemon: systemd, or whoever else listens at
 * $NOTIFY_SOCKET. Without one, and in a build without libsystemd, they go nowhere.
 *
 * A notice waits for nobody and cannot fail; one that is lost is lost. Any thread, one at a time.
 */
#ifndef LEVERET_OPS_NOTIFY_H
#define LEVERET_OPS_NOTIFY_H

#include "protocol/bytes.h"

/*
 * The data is being opened; to be called when that begins and every few seconds while it goes on.
 * Each call puts the end of the manager's patience off, as long as the process did anything since
 * the last: a long recovery is not cut short, and a start that hangs is.
 */
void notify_opening(void);

/* The daemon serves; `text` says where. It is kept for notify_reloaded. */
void notify_ready(const char *text);

/* Around a reload, however that ends. */
void notify_reloading(void);
void notify_reloaded(void);

/* It begins to stop. */
void notify_stopping(void);

/* Milliseconds within which the manager wants to hear from the daemon again and again; 0 when it
 * does not. */
int64_t notify_watchdog(void);

/* The daemon was looked at, and all of it lives. */
void notify_alive(void);

#endif
