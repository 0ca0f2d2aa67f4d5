#include "ops/notify.h"

#ifdef LEVERET_SYSTEMD

#include <inttypes.h>
#include <stdio.h>
#include <sys/resource.h>
#include <systemd/sd-daemon.h>
#include <time.h>

/* A start that does nothing for so long is taken for one that hangs: what systemd gives a whole
 * start, unless the unit says otherwise. */
#define PATIENCE_US (90 * INT64_C(1000000))

/* A process that took less of a processor than this since it was looked at did nothing. */
#define IDLE_US 100000

static char ready[256];

static int64_t now_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/* What the process did so far, as one number that grows by more than IDLE_US when it worked or
 * read or wrote a disk. */
static int64_t work_done(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return ((int64_t)usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000000 +
           usage.ru_utime.tv_usec + usage.ru_stime.tv_usec +
           (usage.ru_inblock + usage.ru_oublock) * 2 * IDLE_US;
}

void notify_opening(void)
{
    static int64_t began;
    static int64_t done;
    int64_t work = work_done();
    bool works = began == 0 || work - done > IDLE_US;
    if (began == 0)
        began = now_us();
    done = work;
    if (works)
        sd_notifyf(0, "EXTEND_TIMEOUT_USEC=%" PRId64 "\nSTATUS=Opening the data, for %" PRId64 " s",
                   PATIENCE_US, (now_us() - began) / 1000000);
    else
        sd_notifyf(0, "STATUS=Opening the data, for %" PRId64 " s; nothing happens",
                   (now_us() - began) / 1000000);
}

void notify_ready(const char *text)
{
    snprintf(ready, sizeof(ready), "%s", text);
    sd_notifyf(0, "READY=1\nSTATUS=%s", ready);
}

void notify_reloading(void)
{
    sd_notifyf(0, "RELOADING=1\nMONOTONIC_USEC=%" PRId64 "\nSTATUS=Reloading", now_us());
}

void notify_reloaded(void)
{
    sd_notifyf(0, "READY=1\nSTATUS=%s", ready);
}

void notify_stopping(void)
{
    sd_notify(0, "STOPPING=1\nSTATUS=Finishing what was received");
}

int64_t notify_watchdog(void)
{
    uint64_t period = 0;
    return sd_watchdog_enabled(0, &period) > 0 ? (int64_t)(period / 1000) : 0;
}

void notify_alive(void)
{
    sd_notify(0, "WATCHDOG=1");
}

#else

void notify_opening(void)
{
}

void notify_ready(const char *text)
{
    (void)text;
}

void notify_reloading(void)
{
}

void notify_reloaded(void)
{
}

void notify_stopping(void)
{
}

int64_t notify_watchdog(void)
{
    return 0;
}

void notify_alive(void)
{
}

#endif
