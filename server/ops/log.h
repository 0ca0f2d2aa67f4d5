/*
 * The log: one line an event, with the time and a level, to standard error, a file or syslog.
 *
 * Any thread may log; a line is written with one system call, so lines never mix. What cannot be
 * written is lost. A log that nobody empties, such as a full pipe, holds up who writes to it.
 */
#ifndef LEVERET_OPS_LOG_H
#define LEVERET_OPS_LOG_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "protocol/bytes.h"

/* What is logged: what each of these names, and what those before it do. */
enum log_level {
    LOG_LEVEL_ERROR,
    LOG_LEVEL_INFO, /* at first */
    LOG_LEVEL_DEBUG,
};

void log_set_level(enum log_level level);

/* Whether log_debug would write anything, for those who have to find out what. */
bool log_is_verbose(void);

/* Sends the log to the file at `path`, made if missing and appended to. False with errno set when
 * it cannot be opened; the log stays where it was. Call before other threads start. */
MUST_CHECK bool log_open(const char *path);

/* When standard error leads to the journal, says so: lines carry their priority as the journal
 * reads it, and no time, which it keeps itself. Call before other threads start. */
void log_find_journal(void);

/* Sends the log to syslog under the daemon's name, for a process without a standard error. */
void log_open_syslog(void);

/* The start is over: from now on errors no longer go to standard error as well as to the file. */
void log_settle(void);

/* Opens the log file anew under its name, after it was moved away. Keeps the old one on failure. */
void log_reopen(void);

/* For lines that peers could have written without end: true at most once in `interval` ms. *told is
 * when that was, clock_ms, and begins with 0. */
MUST_CHECK bool log_is_due(atomic_int_least64_t *told, int64_t interval);

void log_debug(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_info(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_error(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
