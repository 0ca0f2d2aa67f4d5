#include "exposition.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>

#include "ops/allowed.h"
#include "ops/metrics.h"
#include "sight.h"

/* Longest line but HELP's, and longest labels of one. */
#define LINE 256
#define LABELS 96

/* A metric being written. */
struct page {
    struct buffer *out;
    const char *name;
};

typedef void write_fn(const struct page *page, const struct sight *seen);

__attribute__((format(printf, 2, 3))) static void line(const struct page *page, const char *format,
                                                       ...)
{
    char text[LINE];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    buffer_append_string(page->out, text);
}

static void begin(const struct page *page, const char *type, const char *help)
{
    line(page, "# HELP %s ", page->name);
    buffer_append_string(page->out, help);
    line(page, "\n# TYPE %s %s\n", page->name, type);
}

/* `labels` in braces, or nothing. Whole numbers below 10^15 are exact. */
static void sample(const struct page *page, const char *labels, double value)
{
    line(page, "%s%s %.15g\n", page->name, labels, value);
}

/* Histograms ------------------------------------------------------------------ */

/* `labels` without braces and with a comma behind each; `scale` is what one of the unit is in the
 * histogram's bounds, and `sum_scale` what it is in its sum. */
static void write_histogram(const struct page *page, const char *labels,
                            const struct histogram_view *view, double scale, double sum_scale)
{
    uint64_t below = 0;
    int len = (int)strlen(labels);
    for (unsigned i = 0; i < HISTOGRAM_BOUNDS; i++) {
        below += view->counts[i];
        line(page, "%s_bucket{%sle=\"%g\"} %llu\n", page->name, labels,
             (double)histogram_bounds[i] / scale, (unsigned long long)below);
    }
    line(page, "%s_bucket{%sle=\"+Inf\"} %llu\n", page->name, labels,
         (unsigned long long)view->total);
    if (len > 0)
        len--; /* its last comma */
    line(page, "%s_sum%s%.*s%s %.15g\n", page->name, len > 0 ? "{" : "", len, labels,
         len > 0 ? "}" : "", (double)view->sum / sum_scale);
    line(page, "%s_count%s%.*s%s %llu\n", page->name, len > 0 ? "{" : "", len, labels,
         len > 0 ? "}" : "", (unsigned long long)view->total);
}

static void write_times(const struct page *page, const char *labels, struct histogram *histogram)
{
    struct histogram_view view = {0};
    histogram_read(histogram, &view);
    write_histogram(page, labels, &view, 1e6, 1e6);
}

static void write_fdatasync(const struct page *page, const struct sight *seen)
{
    (void)seen;
    write_times(page, "", &metrics.fdatasync);
}

static void write_commits(const struct page *page, const struct sight *seen)
{
    (void)seen;
    write_times(page, "synced=\"yes\",", &metrics.commits_synced);
    write_times(page, "synced=\"no\",", &metrics.commits_unsynced);
}

static void write_operations(const struct page *page, const struct sight *seen)
{
    struct histogram_view view = {0};
    (void)seen;
    histogram_read(&metrics.operations, &view);
    write_histogram(page, "", &view, HISTOGRAM_COUNT_SCALE, HISTOGRAM_COUNT_SCALE);
}

/* Commands ---------------------------------------------------------------------- */

static void write_labels(char labels[LABELS], unsigned id)
{
    int len = snprintf(labels, LABELS, "vocabulary=\"%s\",command=\"%s\",", meter_vocabulary(id),
                       meter_name(id));
    for (int i = 0; i < len; i++)
        labels[i] = (char)tolower((unsigned char)labels[i]);
}

static void write_numbers(const struct page *page, const struct sight *seen, bool failures)
{
    char labels[LABELS];
    char braced[LABELS + 2];
    for (unsigned id = 0; id < METER_IDS; id++) {
        uint64_t calls = seen->totals->commands[id].calls;
        uint64_t failed = seen->totals->commands[id].failed;
        if (calls == 0 && failed == 0)
            continue;
        write_labels(labels, id);
        snprintf(braced, sizeof(braced), "{%.*s}", (int)strlen(labels) - 1, labels);
        sample(page, braced, (double)(failures ? failed : calls));
    }
}

static void write_calls(const struct page *page, const struct sight *seen)
{
    write_numbers(page, seen, false);
}

static void write_failures(const struct page *page, const struct sight *seen)
{
    write_numbers(page, seen, true);
}

static void write_latencies(const struct page *page, const struct sight *seen)
{
    char labels[LABELS];
    for (unsigned id = 0; id < METER_IDS; id++) {
        const struct histogram_view *latency = &seen->totals->commands[id].latency;
        if (latency->total == 0)
            continue;
        write_labels(labels, id);
        write_histogram(page, labels, latency, 1e6, 1e6);
    }
}

/* All codes, so that one that comes for the first time shows as an increase. */
static void write_errors(const struct page *page, const struct sight *seen)
{
    char labels[LABELS];
    for (unsigned i = STATUS_CONFLICT + 1; i < METER_ERRORS; i++) {
        snprintf(labels, sizeof(labels), "{code=\"%s\"}", meter_error_word(i));
        sample(page, labels, (double)seen->totals->errors[i]);
    }
}

/* Others -------------------------------------------------------------------------- */

static void write_build(const struct page *page, const struct sight *seen)
{
    (void)seen;
    sample(page, "{version=\"" LEVERET_VERSION "\"}", 1);
}

static void write_level(const struct page *page, unsigned level, uint64_t value)
{
    char labels[LABELS];
    snprintf(labels, sizeof(labels), "{level=\"%u\"}", level);
    sample(page, labels, (double)value);
}

#define WRITE_LEVELS(function, field)                                                              \
    static void function(const struct page *page, const struct sight *seen)                        \
    {                                                                                              \
        for (unsigned level = 0; level < STORE_LEVELS; level++)                                    \
            write_level(page, level, seen->levels.each[level].field);                              \
    }
WRITE_LEVELS(write_level_files, files)
WRITE_LEVELS(write_level_bytes, bytes)
WRITE_LEVELS(write_level_seconds, seconds)
WRITE_LEVELS(write_level_read, read)
WRITE_LEVELS(write_level_written, written)

/* The page ------------------------------------------------------------------------ */

static void write_single(struct buffer *out, const char *name, const char *type, const char *help,
                         double value)
{
    struct page page = {out, name};
    begin(&page, type, help);
    sample(&page, "", value);
}

static void write_family(struct buffer *out, const char *name, const char *type, const char *help,
                         write_fn *write, const struct sight *seen)
{
    struct page page = {out, name};
    begin(&page, type, help);
    write(&page, seen);
}

bool exposition_write(const struct facts *facts, struct buffer *out)
{
    struct sight sight;
    const struct sight *seen = &sight;
    if (!sight_take(&sight, facts))
        return false;
#define COUNT(name) (double)metrics_read(&metrics.name)
#define SINGLE(name, type, value, help) write_single(out, #name, #type, help, value);
#define FAMILY(name, type, write, help) write_family(out, #name, #type, help, write, seen);
#include "exposition.def"
#undef SINGLE
#undef FAMILY
#undef COUNT
    sight_end(&sight);
    return !out->failed;
}
