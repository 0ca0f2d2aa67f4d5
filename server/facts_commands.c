#include "facts_commands.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

/* Longest name and longest value of a fact. */
#define NAME_TEXT 80
#define VALUE_TEXT 160

/* Where the facts go, and what they are read from. */
struct teller {
    fact_fn *fact;
    void *sink;
    const struct meter_totals *totals;
};

/* Tells of one command, which was used. */
typedef void tell_command_fn(const struct teller *teller, unsigned id);

static void each_command(fact_fn *fact, void *sink, tell_command_fn *tell)
{
    struct meter_totals *totals = meter_total();
    struct teller teller = {fact, sink, totals};
    for (unsigned id = 0; totals != NULL && id < METER_IDS; id++)
        if (totals->commands[id].calls > 0)
            tell(&teller, id);
    free(totals);
}

static void each_error(fact_fn *fact, void *sink, const char *head, const char *format)
{
    struct meter_totals *totals = meter_total();
    char name[NAME_TEXT];
    char value[VALUE_TEXT];
    for (unsigned error = 0; totals != NULL && error < METER_ERRORS; error++) {
        if (totals->errors[error] == 0)
            continue;
        snprintf(name, sizeof(name), "%s%s", head, meter_error_word(error));
        snprintf(value, sizeof(value), "%s%llu", format, (unsigned long long)totals->errors[error]);
        fact(sink, name, value);
    }
    free(totals);
}

/* Leveret's own ------------------------------------------------------------------ */

static const char *head_of(unsigned id)
{
    return id < METER_REDIS ? "command_" : id < METER_UNKNOWN ? "redis_" : "requests_";
}

static void tell_own(const struct teller *teller, unsigned id)
{
    char name[NAME_TEXT];
    char value[VALUE_TEXT];
    const struct histogram_view *latency = &teller->totals->commands[id].latency;
    snprintf(name, sizeof(name), "%s%s", head_of(id), meter_name(id));
    snprintf(value, sizeof(value), "calls=%llu failed=%llu p50_us=%.0f p99_us=%.0f",
             (unsigned long long)teller->totals->commands[id].calls,
             (unsigned long long)teller->totals->commands[id].failed,
             histogram_quantile(latency, 0.5), histogram_quantile(latency, 0.99));
    teller->fact(teller->sink, name, value);
}

void facts_commands_tell(fact_fn *fact, void *sink)
{
    each_command(fact, sink, tell_own);
    each_error(fact, sink, "error_", "");
}

/* Redis's ------------------------------------------------------------------------ */

/* In small letters, as Redis writes them; Leveret's own as its clients call them. */
static void write_name(char name[NAME_TEXT], const char *head, unsigned id)
{
    snprintf(name, NAME_TEXT, "%s%s%s", head, id < METER_REDIS ? CALL_NAME_HEAD : "",
             meter_name(id));
    for (char *at = name + strlen(head); *at != '\0'; at++)
        *at = (char)tolower((unsigned char)*at);
}

static void tell_stats(const struct teller *teller, unsigned id)
{
    char name[NAME_TEXT];
    char value[VALUE_TEXT];
    unsigned long long calls = teller->totals->commands[id].calls;
    unsigned long long spent = teller->totals->commands[id].latency.sum;
    if (id >= METER_UNKNOWN)
        return;
    write_name(name, "cmdstat_", id);
    snprintf(value, sizeof(value),
             "calls=%llu,usec=%llu,usec_per_call=%.2f,rejected_calls=0,failed_calls=%llu", calls,
             spent, (double)spent / (double)calls,
             (unsigned long long)teller->totals->commands[id].failed);
    teller->fact(teller->sink, name, value);
}

static void tell_latency(const struct teller *teller, unsigned id)
{
    char name[NAME_TEXT];
    char value[VALUE_TEXT];
    const struct histogram_view *latency = &teller->totals->commands[id].latency;
    if (id >= METER_UNKNOWN || latency->total == 0)
        return;
    write_name(name, "latency_percentiles_usec_", id);
    snprintf(value, sizeof(value), "p50=%.3f,p99=%.3f,p99.9=%.3f", histogram_quantile(latency, 0.5),
             histogram_quantile(latency, 0.99), histogram_quantile(latency, 0.999));
    teller->fact(teller->sink, name, value);
}

void facts_commands_tell_stats(fact_fn *fact, void *sink)
{
    each_command(fact, sink, tell_stats);
}

void facts_commands_tell_latencies(fact_fn *fact, void *sink)
{
    each_command(fact, sink, tell_latency);
}

void facts_commands_tell_errors(fact_fn *fact, void *sink)
{
    each_error(fact, sink, "errorstat_", "count=");
}
