#include "ending.h"

#include <signal.h>
#include <unistd.h>

#include "ops/clock.h"
#include "ops/log.h"
#include "ops/notify.h"
#include "ops/signals.h"

/* How long the server may stop at all. Behind that it ends wherever it is: a disk that hangs would
 * hold it for ever, and whoever stops services kills what does not end, without a line in the log.
 */
#define STOP_MS 15000

static void give_up(struct ending *ending, const char *why)
{
    log_error("%s, so it ends at once; what was acknowledged is as safe as --sync makes it", why);
    ending->given_up = true;
    event_base_loopbreak(ending->base);
}

void ending_interrupt(struct ending *ending)
{
    give_up(ending, "a second signal came");
}

void ending_expire(struct ending *ending)
{
    give_up(ending, "stopping takes too long");
}

static void on_late(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    ending_expire(arg);
}

static void heed(struct ending *ending)
{
    ending->begun = true;
    ending->deadline = clock_ms() + STOP_MS;
    event_add(ending->late_event, &(struct timeval){.tv_sec = STOP_MS / 1000});
    ending->orders.begin(ending->orders.arg);
}

static void hang_up(struct ending *ending)
{
    if (ending->begun) {
        log_reopen();
        return;
    }
    notify_reloading();
    log_reopen();
    ending->orders.reload(ending->orders.arg);
    notify_reloaded();
}

static void on_signal(evutil_socket_t fd, short what, void *arg)
{
    struct ending *ending = arg;
    int number = 0;
    (void)what;
    while ((number = signals_take(fd)) != 0) {
        if (number == SIGHUP)
            hang_up(ending);
        else if (!ending->begun)
            heed(ending);
        else
            ending_interrupt(ending);
    }
}

bool ending_init(struct ending *ending, struct event_base *base, const struct ending_orders *orders)
{
    *ending = (struct ending){.signals = -1, .base = base, .orders = *orders};
    signal(SIGPIPE, SIG_IGN);
    ending->signals = signals_open();
    if (ending->signals < 0)
        return false;
    ending->signal_event =
        event_new(base, ending->signals, EV_READ | EV_PERSIST, on_signal, ending);
    ending->late_event = event_new(base, -1, 0, on_late, ending);
    return ending->signal_event != NULL && ending->late_event != NULL &&
           event_add(ending->signal_event, NULL) == 0;
}

void ending_fini(struct ending *ending)
{
    if (ending->signal_event != NULL)
        event_free(ending->signal_event);
    if (ending->late_event != NULL)
        event_free(ending->late_event);
    if (ending->signals >= 0)
        close(ending->signals);
}

int64_t ending_deadline(const struct ending *ending)
{
    return ending->begun ? ending->deadline : clock_ms() + STOP_MS;
}
