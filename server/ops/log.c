#include "ops/log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
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
static bool to_journal; /* standard error leads there; set once, before other threads start */
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

/* Whoever starts services tells which file is the journal. Standard error may be another by now, as
 * when a script led it elsewhere. */
void log_find_journal(void)
{
    const char *stream = getenv("JOURNAL_STREAM");
    unsigned long long device = 0;
    unsigned long long inode = 0;
    struct stat about;
    to_journal = stream != NULL && sscanf(stream, "%llu:%llu", &device, &inode) == 2 &&
                 fstat(STDERR_FILENO, &about) == 0 && about.st_dev == device &&
                 about.st_ino == inode;
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

/* There is nowhere to say that this failed. */
static void write_plain(int fd, const char *level, const char *text)
{
    char line[LINE_SIZE + 64];
    size_t len = stamp(line, sizeof(line));
    int more = snprintf(line + len, sizeof(line) - len, "%s %s\n", level, text);
    (void)!write(fd, line, len + (size_t)more);
}

static void write_for_journal(int priority, const char *text)
{
    char line[LINE_SIZE + 8];
    int len = snprintf(line, sizeof(line), "<%d>%s\n", priority, text);
    (void)!write(STDERR_FILENO, line, (size_t)len);
}

static void write_to(int fd, int priority, const char *level, const char *text)
{
    if (to_journal && fd == STDERR_FILENO)
        write_for_journal(priority, text);
    else
        write_plain(fd, level, text);
}

static void write_line(int priority, const char *level, const char *text)
{
    write_to(sink, priority, level, text);
    if (priority == LOG_ERR && !settled && sink != STDERR_FILENO)
        write_to(STDERR_FILENO, priority, level, text);
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
