#include "store/logs.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "store/entries.h"
#include "store/filename.h"

/* A record's sequence of 8 bytes, its count of 4, then the writes. */
#define BATCH_HEADER ((size_t)12)

/* A write takes two bytes at least, so the next record cannot be numbered higher than that above
 * the last one, and whatever a value holds is seldom numbered so. Far more is allowed for. */
#define MOST_SKIPPED ((uint64_t)1 << 20)

/* Going over the logs. */
struct tour {
    const char *path;
    const char *name;
    struct store_error *error;
    uint64_t next; /* the write that is due, or before the first one the last that may be */
    bool begun;    /* before the first record that may be a lower one, which is in a table, too */
    bool gap;
};

static bool refuse(struct tour *tour, enum status status, const char *problem)
{
    tour->error->status = status;
    snprintf(tour->error->text, sizeof(tour->error->text), "%.80s/%.30s %.200s", tour->path,
             tour->name, problem);
    return false;
}

static bool refuse_damage(struct tour *tour, const char *problem)
{
    char text[200];
    snprintf(text, sizeof(text), "%.150s; leveretd --repair DIR keeps what can be read", problem);
    return refuse(tour, STATUS_CORRUPT, text);
}

/* Finding -------------------------------------------------------------------- */

struct search {
    struct logs *logs;
    const struct version *version;
    bool failed; /* for lack of memory */
};

static bool is_needed(const struct version *version, uint64_t number)
{
    return number >= version->log || (version->previous != 0 && number == version->previous);
}

static bool find_one(void *arg, int directory, const char *name)
{
    struct search *search = arg;
    struct logs *logs = search->logs;
    char canonical[FILENAME_TEXT];
    uint64_t number = 0;
    (void)directory;
    if (filename_parse(name, &number) != FILENAME_LOG || !is_needed(search->version, number))
        return true;
    filename_log(number, canonical);
    if (strcmp(name, canonical) != 0)
        return true; /* LevelDB never opens this one */
    void *items = reallocarray(logs->items, logs->count + 1, sizeof(*logs->items));
    if (items == NULL) {
        search->failed = true;
        return false;
    }
    logs->items = items;
    logs->items[logs->count++] = (struct logs_one){.number = number};
    return true;
}

static int compare(const void *a, const void *b)
{
    const struct logs_one *left = a;
    const struct logs_one *right = b;
    return (left->number > right->number) - (left->number < right->number);
}

/* A log that the manifest names was there before it was named, and goes only when a later one is
 * named instead. */
static bool has(const struct logs *logs, uint64_t number)
{
    for (size_t i = 0; i < logs->count; i++)
        if (logs->items[i].number == number)
            return true;
    return false;
}

static bool require(struct tour *tour, const struct logs *logs, uint64_t number)
{
    char name[FILENAME_TEXT];
    filename_log(number, name);
    tour->name = name;
    return number == 0 || has(logs, number) ||
           refuse_damage(tour, "is missing, and with it the writes that were in no table yet");
}

static bool find(struct logs *logs, struct tour *tour, const struct version *version)
{
    struct search search = {.logs = logs, .version = version};
    tour->name = "";
    if (!entries_visit(tour->path, find_one, &search))
        return refuse(tour, STATUS_IO, strerror(errno));
    if (search.failed)
        return refuse(tour, STATUS_MEMORY, status_meaning(STATUS_MEMORY));
    if (logs->count > 0)
        qsort(logs->items, logs->count, sizeof(*logs->items), compare);
    return require(tour, logs, version->log) && require(tour, logs, version->previous);
}

/* Surveying ------------------------------------------------------------------ */

static uint64_t read_little_endian(const char *bytes, unsigned count)
{
    uint64_t number = 0;
    for (unsigned i = 0; i < count; i++)
        number |= (uint64_t)(unsigned char)bytes[i] << (8 * i);
    return number;
}

static bool take(void *arg, struct slice start, uint64_t at)
{
    struct tour *tour = arg;
    char problem[160];
    if (start.len < BATCH_HEADER) {
        snprintf(problem, sizeof(problem), "has no write in the record at byte %llu",
                 (unsigned long long)at);
        return refuse_damage(tour, problem);
    }
    uint64_t first = read_little_endian(start.data, 8);
    uint64_t count = read_little_endian(start.data + 8, 4);
    tour->gap = first > tour->next;
    if (tour->gap) {
        snprintf(problem, sizeof(problem), "goes on at byte %llu with write %llu where %llu is due",
                 (unsigned long long)at, (unsigned long long)first, (unsigned long long)tour->next);
        return refuse_damage(tour, problem);
    }
    if (!tour->begun || first + count > tour->next)
        tour->next = first + count;
    tour->begun = true;
    return true;
}

static bool is_likely(void *arg, struct slice start, uint64_t skipped)
{
    const struct tour *tour = arg;
    if (start.len < BATCH_HEADER)
        return true; /* only a first piece is as short, at the very end of a block */
    uint64_t first = read_little_endian(start.data, 8);
    return (!tour->begun || first >= tour->next) && first <= tour->next + skipped + MOST_SKIPPED;
}

/* False with *error also when a record was refused. */
static bool survey_one(struct tour *tour, struct survey *survey)
{
    struct survey_reader reader = {
        .name = tour->name,
        .keep = BATCH_HEADER,
        .take = take,
        .is_likely = is_likely,
        .arg = tour,
    };
    char file[PATH_MAX];
    tour->error->status = STATUS_OK;
    if (snprintf(file, sizeof(file), "%s/%s", tour->path, tour->name) >= (int)sizeof(file))
        return refuse(tour, STATUS_IO, strerror(ENAMETOOLONG));
    int fd = open(file, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return refuse(tour, STATUS_IO, strerror(errno));
    bool done = survey_run(fd, &reader, survey) || refuse(tour, STATUS_IO, strerror(errno));
    close(fd);
    return done && tour->error->status == STATUS_OK;
}

static bool refuse_torn(struct tour *tour, const struct survey *survey, uint64_t next)
{
    char problem[160];
    if (survey->goes_on)
        snprintf(problem, sizeof(problem),
                 "is damaged: no record can be read in the %llu bytes from %llu on, but one behind",
                 (unsigned long long)(survey->later - survey->sound),
                 (unsigned long long)survey->sound);
    else
        snprintf(problem, sizeof(problem),
                 "is damaged: no record can be read in the %llu bytes from %llu on, but log %llu "
                 "goes on",
                 (unsigned long long)(survey->size - survey->sound),
                 (unsigned long long)survey->sound, (unsigned long long)next);
    return refuse_damage(tour, problem);
}

/* Only the end of all writes may be torn. */
static bool check_order(struct tour *tour, const struct logs *logs)
{
    const struct logs_one *torn = NULL;
    for (size_t i = 0; i < logs->count; i++) {
        const struct logs_one *log = &logs->items[i];
        char name[FILENAME_TEXT];
        filename_log(torn != NULL ? torn->number : log->number, name);
        tour->name = name;
        if (log->survey.goes_on && torn == NULL)
            return refuse_torn(tour, &log->survey, 0);
        if (torn != NULL && (log->survey.records > 0 || log->survey.goes_on))
            return refuse_torn(tour, &torn->survey, log->number);
        if (torn == NULL && log->survey.sound < log->survey.size)
            torn = log;
    }
    return true;
}

/* Behind a log that ends torn, a gap is but what was torn off: that log is the one to tell of. */
static void explain_gap(struct tour *tour, const struct logs *logs, size_t at)
{
    for (size_t i = 0; i < at; i++) {
        const struct logs_one *log = &logs->items[i];
        char name[FILENAME_TEXT];
        filename_log(log->number, name);
        tour->name = name;
        if (log->survey.sound < log->survey.size) {
            refuse_torn(tour, &log->survey, logs->items[at].number);
            return;
        }
    }
}

bool logs_survey(struct logs *logs, const char *path, const struct version *version,
                 struct store_error *error)
{
    struct tour tour = {.path = path, .error = error, .next = version->log_sequence + 1};
    *logs = (struct logs){0};
    if (!find(logs, &tour, version))
        return false;
    for (size_t i = 0; i < logs->count; i++) {
        char name[FILENAME_TEXT];
        filename_log(logs->items[i].number, name);
        tour.name = name;
        if (survey_one(&tour, &logs->items[i].survey))
            continue;
        if (tour.gap)
            explain_gap(&tour, logs, i);
        return false;
    }
    return check_order(&tour, logs);
}

void logs_fini(struct logs *logs)
{
    free(logs->items);
    *logs = (struct logs){0};
}
