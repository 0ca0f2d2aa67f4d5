#include "ops/log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "ops/clock.h"

/* A line is cut at this many bytes. */
#define LINE_SIZE 1024

static atomic_int sink = STDERR_FILENO;
static const char *file_path; /* set once, before other threads start */
static atomic_bool to_syslog;
static atomic_bool settled;
static atomic_uint level_now = LOG_LEVEL_INFO;

void log_set_level(enum log_level level)
{
    level_now = level;
}

bool log_is_verbose(void)
{
    return level_now >= LOG_LEVEL_DEBUG;
}

static int open_file(const char *path)
{
    return open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0640);
}

bool log_open(const char *path)
{
    int fd = open_file(path);
    if (fd < 0)
        return false;
    file_path = path;
    sink = fd;
    return true;
}

void log_open_syslog(void)
{
    openlog("leveretd", LOG_PID, LOG_DAEMON);
    to_syslog = true;
}

void log_settle(void)
{
    settled = true;
}

void log_reopen(void)
{
    if (file_path == NULL)
        return;
    int fd = open_file(file_path);
    if (fd < 0) {
        log_error("cannot reopen the log %s: %s", file_path, strerror(errno));
        return;
    }
    /* dup2 swaps the file under the number that other threads are writing to. */
    dup2(fd, sink);
    close(fd);
    log_info("log reopened");
}

/* Writes "2026-01-02T03:04:05.678Z " into `line`; its length. */
static size_t stamp(char *line, size_t size)
{
    struct timespec now;
    struct tm utc;
    clock_gettime(CLOCK_REALTIME, &now);
    gmtime_r(&now.tv_sec, &utc);
    size_t len = strftime(line, size, "%Y-%m-%dT%H:%M:%S", &utc);
    int more = snprintf(line + len, size - len, ".%03ldZ ", now.tv_nsec / 1000000);
    return len + (size_t)more;
}

static void write_line(int priority, const char *level, const char *text)
{
    char line[LINE_SIZE + 64];
    size_t len = stamp(line, sizeof(line));
    int more = snprintf(line + len, sizeof(line) - len, "%s %s\n", level, text);
    len += (size_t)more;
    (void)!write(sink, line, len); /* there is nowhere to say that this failed */
    if (priority == LOG_ERR && !settled && sink != STDERR_FILENO)
        (void)!write(STDERR_FILENO, line, len);
}

static void put(int priority, const char *level, const char *format, va_list arguments)
{
    char text[LINE_SIZE];
    vsnprintf(text, sizeof(text), format, arguments);
    for (char *at = text; *at != '\0'; at++)
        if (*at == '\n')
            *at = ' '; /* one event, one line */
    if (to_syslog)
        syslog(priority, "%s", text);
    else
        write_line(priority, level, text);
}

bool log_is_due(atomic_int_least64_t *told, int64_t interval)
{
    int64_t now = clock_ms();
    int64_t last = atomic_load(told);
    return (last == 0 || now - last >= interval) &&
           atomic_compare_exchange_strong(told, &last, now);
}

void log_debug(const char *format, ...)
{
    va_list arguments;
    if (level_now < LOG_LEVEL_DEBUG)
        return;
    va_start(arguments, format);
    put(LOG_DEBUG, "debug", format, arguments);
    va_end(arguments);
}

void log_info(const char *format, ...)
{
    va_list arguments;
    if (level_now < LOG_LEVEL_INFO)
        return;
    va_start(arguments, format);
    put(LOG_INFO, "info", format, arguments);
    va_end(arguments);
}

void log_error(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    put(LOG_ERR, "error", format, arguments);
    va_end(arguments);
}
