#include "client/cli/bench.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "client/cli/complain.h"
#include "client/cli/load.h"
#include "protocol/limits.h"
#include "protocol/number.h"

#define MOST_CLIENTS 100000
#define MOST_PIPELINE 100000
#define A_DAY (24 * 60 * 60)

/* What all connections together may hold of requests. */
#define MOST_BYTES (UINT64_C(1) << 30)

const char bench_usage[] = "[OPTION]... WORK...";
const char bench_help[] =
    "Asks the same work over many connections, from one thread, as fast as the server answers;\n"
    "each connection sends again when all it asked is answered. WORK is get, set, del, exists or\n"
    "ping; several are done one after another. Keys are key:000000000000 and on, as\n"
    "redis-benchmark -r writes them, and set stores the bytes that it stores: what one of the two\n"
    "left, the other finds. Give it a server whose data may be lost.\n"
    "\n"
    "It prints requests a second, the time from sending a request (with those sent along with it)\n"
    "to receiving its reply as percentiles, and the CPU seconds that it used itself. A key that "
    "is\n"
    "not there is counted; so is ERR, whose first is shown, and which makes the exit status 3.\n"
    "\n";

enum {
    OPTION_CLIENTS,
    OPTION_REQUESTS,
    OPTION_SECONDS,
    OPTION_PIPELINE,
    OPTION_VALUE_SIZE,
    OPTION_KEYS,
    OPTION_HOT,
    OPTION_SEED,
    OPTION_NUMBERS, /* those above take one */
    OPTION_JSON,
};

/* Numbers are their own place in the table. */
const struct option_row bench_rows[] = {
    {"clients", OPTION_LONG + OPTION_CLIENTS, "N", "connections [50]"},
    {"requests", OPTION_LONG + OPTION_REQUESTS, "N", "of all connections together [100000]"},
    {"seconds", OPTION_LONG + OPTION_SECONDS, "N", "for so long instead, however many"},
    {"pipeline", OPTION_LONG + OPTION_PIPELINE, "N",
     "requests that a connection sends at once [1]"},
    {"value-size", OPTION_LONG + OPTION_VALUE_SIZE, "N", "bytes of a value that is set [100]"},
    {"keys", OPTION_LONG + OPTION_KEYS, "N", "draw each key from so many, all as likely [1000000]"},
    {"hot", OPTION_LONG + OPTION_HOT, "N",
     "draw only from so many of them, which lie evenly among all"},
    {"seed", OPTION_LONG + OPTION_SEED, "N",
     "the order of the keys; without it each run has another"},
    {"json", OPTION_LONG + OPTION_JSON, NULL, "one object for each work"},
    {NULL, 0, NULL, NULL},
};

/* What each number may be. */
static const struct range {
    uint64_t least;
    uint64_t most;
} ranges[OPTION_NUMBERS] = {
    [OPTION_CLIENTS] = {1, MOST_CLIENTS},   [OPTION_REQUESTS] = {1, UINT64_MAX},
    [OPTION_SECONDS] = {1, A_DAY},          [OPTION_PIPELINE] = {1, MOST_PIPELINE},
    [OPTION_VALUE_SIZE] = {0, LIMIT_VALUE}, [OPTION_KEYS] = {1, WORK_MOST_KEYS},
    [OPTION_HOT] = {1, WORK_MOST_KEYS},     [OPTION_SEED] = {1, UINT64_MAX},
};

struct bench {
    uint64_t numbers[OPTION_NUMBERS];
    bool json;
    char **works;
    size_t count;
};

static bool wrong(const char *format, ...) __attribute__((format(printf, 1, 2)));

static bool wrong(const char *format, ...)
{
    char sentence[256];
    va_list args;
    va_start(args, format);
    vsnprintf(sentence, sizeof(sentence), format, args);
    va_end(args);
    complain("%s; see leveret help bench", sentence);
    return false;
}

static bool set_number(struct bench *bench, int option, const char *text)
{
    const struct range *range = &ranges[option];
    if (number_read(slice_from_string(text), range->most, &bench->numbers[option]) &&
        bench->numbers[option] >= range->least)
        return true;
    return wrong("--%s takes a whole number from %" PRIu64 " to %" PRIu64, bench_rows[option].name,
                 range->least, range->most);
}

static uint64_t some_seed(void)
{
    struct timespec time;
    clock_gettime(CLOCK_REALTIME, &time);
    return ((uint64_t)time.tv_nsec << 20 ^ (uint64_t)time.tv_sec ^ (uint64_t)getpid() << 40) | 1;
}

static bool check(const struct bench *bench)
{
    const uint64_t *numbers = bench->numbers;
    if (bench->count == 0)
        return wrong("bench needs a WORK: %s", work_names());
    for (size_t i = 0; i < bench->count; i++)
        if (work_find(bench->works[i]) == NULL)
            return wrong("no work %s; there are %s", bench->works[i], work_names());
    if (numbers[OPTION_HOT] > numbers[OPTION_KEYS])
        return wrong("--hot takes no more than --keys");
    uint64_t request = 2 * numbers[OPTION_VALUE_SIZE] + 64; /* with escapes */
    if (numbers[OPTION_CLIENTS] * numbers[OPTION_PIPELINE] > MOST_BYTES / request)
        return wrong("--clients, --pipeline and --value-size together take more than 1 GiB");
    return true;
}

static bool read_options(struct bench *bench, const struct options *options)
{
    int option;
    struct option long_options[OPTION_MOST + 1];
    option_fill(long_options, bench_rows);
    *bench = (struct bench){.numbers = {[OPTION_CLIENTS] = 50,
                                        [OPTION_REQUESTS] = 100000,
                                        [OPTION_PIPELINE] = 1,
                                        [OPTION_VALUE_SIZE] = 100,
                                        [OPTION_KEYS] = 1000000,
                                        [OPTION_SEED] = some_seed()},
                            .json = options->format == PRINT_JSON};
    optind = 0; /* getopt starts anew, with other words; they end with a NULL as argv does */
    opterr = 0;
    while ((option = getopt_long((int)options->count, options->words, ":", long_options, NULL)) !=
           -1) {
        if (option == '?' || option == ':')
            return wrong("bench: %s: %s", options->words[optind - 1],
                         option == '?' ? "no such option" : "it takes a number");
        if (option == OPTION_LONG + OPTION_JSON)
            bench->json = true;
        else if (!set_number(bench, option - OPTION_LONG, optarg))
            return false;
    }
    bench->works = options->words + optind;
    bench->count = options->count - (size_t)optind;
    return check(bench);
}

static void append(struct buffer *out, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void append(struct buffer *out, const char *format, ...)
{
    char text[1024];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    buffer_append_string(out, text);
}

static double per_second(const struct load_outcome *outcome)
{
    return outcome->seconds > 0 ? (double)outcome->replies / outcome->seconds : 0;
}

static double cpu_per_million(const struct load_outcome *outcome)
{
    return outcome->replies > 0 ? outcome->cpu * 1e6 / (double)outcome->replies : 0;
}

static double milliseconds(const struct load_outcome *outcome, double percent)
{
    return latency_percentile(&outcome->latency, percent) / 1e6;
}

static void append_text(struct buffer *out, const struct load_plan *plan,
                        const struct load_outcome *outcome)
{
    append(out, "%s: %" PRIu64 " replies in %.3f s; %u clients, %u at a time, seed %" PRIu64 "\n",
           plan->work->name, outcome->replies, outcome->seconds, plan->clients, plan->pipeline,
           plan->seed);
    append(out, "  %.0f requests/s; %" PRIu64 " not found, %" PRIu64 " errors\n",
           per_second(outcome), outcome->not_found, outcome->errors);
    append(out, "  milliseconds: p50 %.3f, p99 %.3f, p99.9 %.3f, slowest %.3f\n",
           milliseconds(outcome, 50), milliseconds(outcome, 99), milliseconds(outcome, 99.9),
           milliseconds(outcome, 100));
    append(out, "  %.2f CPU seconds of this client per million requests\n",
           cpu_per_million(outcome));
}

static void append_json(struct buffer *out, const struct load_plan *plan,
                        const struct load_outcome *outcome)
{
    append(out,
           "{\"work\":\"%s\",\"clients\":%u,\"pipeline\":%u,\"keys\":%" PRIu64 ",\"hot\":%" PRIu64
           ",\"value_size\":%zu,\"seed\":%" PRIu64 ",\"replies\":%" PRIu64 ",\"seconds\":%.6f,",
           plan->work->name, plan->clients, plan->pipeline, plan->keys, plan->hot, plan->value_size,
           plan->seed, outcome->replies, outcome->seconds);
    append(out,
           "\"per_second\":%.1f,\"p50_ms\":%.4f,\"p99_ms\":%.4f,\"p99.9_ms\":%.4f,"
           "\"slowest_ms\":%.4f,\"not_found\":%" PRIu64 ",\"errors\":%" PRIu64
           ",\"cpu_per_million\":%.3f}\n",
           per_second(outcome), milliseconds(outcome, 50), milliseconds(outcome, 99),
           milliseconds(outcome, 99.9), milliseconds(outcome, 100), outcome->not_found,
           outcome->errors, cpu_per_million(outcome));
}

static struct load_plan plan_for(const struct bench *bench, const struct options *options,
                                 const struct target *target)
{
    const uint64_t *numbers = bench->numbers;
    return (struct load_plan){
        .target = *target,
        .prefix = options->prefix,
        .clients = (unsigned)numbers[OPTION_CLIENTS],
        .pipeline = (unsigned)numbers[OPTION_PIPELINE],
        .requests = numbers[OPTION_REQUESTS],
        .seconds = numbers[OPTION_SECONDS],
        .value_size = (size_t)numbers[OPTION_VALUE_SIZE],
        .keys = numbers[OPTION_KEYS],
        .hot = numbers[OPTION_HOT],
        .seed = numbers[OPTION_SEED],
    };
}

/* One work, and what came of it, even if it was broken off. */
static enum exit_status run_work(const struct bench *bench, const struct load_plan *plan,
                                 struct output *out)
{
    static struct load_outcome outcome; /* large */
    load_run(plan, &outcome);
    if (outcome.replies > 0)
        (bench->json ? append_json : append_text)(&out->bytes, plan, &outcome);
    bool printed = output_flush(out);
    if (outcome.errors > 0)
        complain("%" PRIu64 " errors; the first: %s", outcome.errors, outcome.problem);
    return printed ? outcome.status : exit_worse(outcome.status, EXIT_REFUSED);
}

enum exit_status bench_run(const struct options *options, const struct target *target,
                           struct output *out)
{
    struct bench bench;
    enum exit_status worst = EXIT_FINE;
    if (!read_options(&bench, options))
        return EXIT_USAGE;
    struct load_plan plan = plan_for(&bench, options, target);
    for (size_t i = 0; i < bench.count && worst != EXIT_CONNECTION; i++) {
        plan.work = work_find(bench.works[i]);
        worst = exit_worse(worst, run_work(&bench, &plan, out));
    }
    return worst;
}
