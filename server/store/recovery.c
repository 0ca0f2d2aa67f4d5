#include "store/recovery.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/filename.h"
#include "store/logs.h"
#include "store/manifest.h"
#include "store/survey.h"
#include "store/tail.h"
#include "store/version.h"

struct recovery {
    const char *path;
    struct store_error *error;
    char manifest[64];  /* its name */
    uint64_t limit;     /* edits from this byte of it on do not count */
    uint64_t last_edit; /* the byte at which the last one that does begins */
    struct survey survey;
    struct version version;
    struct logs logs;
    bool lacks_table;
};

static bool refuse(struct recovery *recovery, enum status status, const char *name,
                   const char *problem)
{
    recovery->error->status = status;
    snprintf(recovery->error->text, sizeof(recovery->error->text), "%.80s/%.64s %.100s%s",
             recovery->path, name, problem,
             status == STATUS_CORRUPT ? "; leveretd --repair DIR keeps what can be read" : "");
    return false;
}

/* The manifest --------------------------------------------------------------- */

static bool take_edit(void *arg, struct slice edit, uint64_t at)
{
    struct recovery *recovery = arg;
    char problem[80];
    if (at >= recovery->limit)
        return false;
    recovery->last_edit = at;
    if (version_apply(&recovery->version, edit))
        return true;
    snprintf(problem, sizeof(problem), "is damaged: the record at byte %llu makes no sense",
             (unsigned long long)at);
    return refuse(recovery, STATUS_CORRUPT, recovery->manifest, problem);
}

static bool is_likely_edit(void *arg, struct slice start, uint64_t skipped)
{
    (void)arg;
    (void)skipped;
    return version_is_start(start);
}

static bool survey_manifest(struct recovery *recovery)
{
    struct survey_reader reader = {
        .name = recovery->manifest,
        .keep = SIZE_MAX,
        .take = take_edit,
        .is_likely = is_likely_edit,
        .arg = recovery,
    };
    char file[PATH_MAX];
    const char *name = recovery->manifest;
    recovery->error->status = STATUS_OK;
    if (snprintf(file, sizeof(file), "%s/%s", recovery->path, name) >= (int)sizeof(file))
        return refuse(recovery, STATUS_IO, name, strerror(ENAMETOOLONG));
    int fd = open(file, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return refuse(recovery, errno == ENOENT ? STATUS_CORRUPT : STATUS_IO, name,
                      strerror(errno));
    bool done = survey_run(fd, &reader, &recovery->survey) ||
                refuse(recovery, STATUS_IO, name, strerror(errno));
    close(fd);
    return done && recovery->error->status == STATUS_OK;
}

static bool check_manifest(struct recovery *recovery)
{
    const struct survey *survey = &recovery->survey;
    char problem[100];
    if (!survey_manifest(recovery))
        return false;
    snprintf(problem, sizeof(problem),
             "is damaged: no record can be read in the %llu bytes from %llu on",
             (unsigned long long)((survey->goes_on ? survey->later : survey->size) - survey->sound),
             (unsigned long long)survey->sound);
    if (survey->goes_on || (!version_is_whole(&recovery->version) && survey->sound < survey->size))
        return refuse(recovery, STATUS_CORRUPT, recovery->manifest, problem);
    return version_is_whole(&recovery->version) ||
           refuse(recovery, STATUS_CORRUPT, recovery->manifest, "is damaged: it ends too early");
}

/* The tables ----------------------------------------------------------------- */

static bool check_table(struct recovery *recovery, int directory, const struct version_table *table)
{
    char name[FILENAME_TEXT];
    char problem[100];
    struct stat about;
    filename_table(table->number, true, name);
    int missing = fstatat(directory, name, &about, 0);
    if (missing != 0) {
        filename_table(table->number, false, name);
        missing = fstatat(directory, name, &about, 0);
    }
    recovery->lacks_table = missing != 0 && errno == ENOENT;
    if (missing != 0)
        return refuse(recovery, errno == ENOENT ? STATUS_CORRUPT : STATUS_IO, name,
                      errno == ENOENT ? "is missing" : strerror(errno));
    if ((uint64_t)about.st_size == table->size)
        return true;
    snprintf(problem, sizeof(problem), "is damaged: it has %llu bytes and should have %llu",
             (unsigned long long)about.st_size, (unsigned long long)table->size);
    return refuse(recovery, STATUS_CORRUPT, name, problem);
}

static bool check_tables(struct recovery *recovery)
{
    const struct version *version = &recovery->version;
    int directory = open(recovery->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (directory < 0)
        return refuse(recovery, STATUS_IO, "", strerror(errno));
    bool good = true;
    for (size_t i = 0; good && i < version->count; i++)
        good = version->tables[i].gone || check_table(recovery, directory, &version->tables[i]);
    close(directory);
    return good;
}

/* The whole ------------------------------------------------------------------ */

static bool cut(const struct recovery *recovery, const char *name, const struct survey *survey)
{
    return survey->sound == survey->size ||
           tail_cut(recovery->path, name, survey->sound, recovery->error);
}

static bool cut_tails(const struct recovery *recovery)
{
    bool good = cut(recovery, recovery->manifest, &recovery->survey);
    for (size_t i = 0; good && i < recovery->logs.count; i++) {
        const struct logs_one *log = &recovery->logs.items[i];
        char name[FILENAME_TEXT];
        filename_log(log->number, name);
        good = cut(recovery, name, &log->survey);
    }
    return good;
}

static bool examine(struct recovery *recovery)
{
    return check_manifest(recovery) && check_tables(recovery) &&
           logs_survey(&recovery->logs, recovery->path, &recovery->version, recovery->error);
}

static void forget(struct recovery *recovery)
{
    logs_fini(&recovery->logs);
    version_fini(&recovery->version);
}

/*
 * LevelDB writes an edit before it syncs the directory with the names of the edit's tables. So a
 * crash may leave the edit and not a table, and then also all that the edit would have replaced,
 * which goes later: the store without the edit is whole, and holds the same.
 */
static bool do_without_last_edit(struct recovery *recovery)
{
    struct store_error error;
    struct recovery before = {
        .path = recovery->path, .error = &error, .limit = recovery->last_edit};
    if (!recovery->lacks_table || recovery->survey.sound < recovery->survey.size)
        return false;
    memcpy(before.manifest, recovery->manifest, sizeof(before.manifest));
    if (!examine(&before)) {
        forget(&before);
        return false;
    }
    before.error = recovery->error;
    forget(recovery);
    *recovery = before;
    return true;
}

/* Nothing is changed before all is known to be good: a manifest without its last edit may be that
 * of tables and logs that have gone since. */
bool recovery_check(const char *path, struct store_error *error)
{
    struct recovery recovery = {.path = path, .error = error, .limit = UINT64_MAX};
    if (!manifest_current(path, recovery.manifest, sizeof(recovery.manifest)))
        return errno == ENOENT || refuse(&recovery, STATUS_IO, "CURRENT", strerror(errno));
    if (filename_kind(recovery.manifest) != FILENAME_MANIFEST)
        return refuse(&recovery, STATUS_CORRUPT, "CURRENT", "names no manifest");
    bool good = (examine(&recovery) || do_without_last_edit(&recovery)) && cut_tails(&recovery);
    forget(&recovery);
    return good;
}
