#include "store/filename.h"

#include <stdio.h>
#include <string.h>

#include "protocol/number.h"

static const struct {
    const char *name;
    enum filename_kind kind;
} whole_names[] = {
    {"CURRENT", FILENAME_CURRENT},
    {"LOCK", FILENAME_LOCK},
    {"LOG", FILENAME_NOTES},
    {"LOG.old", FILENAME_NOTES},
};

static const struct {
    const char *ending;
    enum filename_kind kind;
} endings[] = {
    {".log", FILENAME_LOG},
    {".ldb", FILENAME_TABLE},
    {".sst", FILENAME_TABLE},
    {".dbtmp", FILENAME_TEMPORARY},
};

enum filename_kind filename_parse(const char *name, uint64_t *number)
{
    struct slice text = slice_from_string(name);
    struct slice manifest = SLICE("MANIFEST-");
    for (size_t i = 0; i < sizeof(whole_names) / sizeof(whole_names[0]); i++)
        if (strcmp(name, whole_names[i].name) == 0)
            return whole_names[i].kind;
    if (slice_has_prefix(text, manifest)) {
        struct slice digits = slice_of(name + manifest.len, text.len - manifest.len);
        return number_read(digits, UINT64_MAX, number) ? FILENAME_MANIFEST : FILENAME_FOREIGN;
    }
    const char *dot = strchr(name, '.');
    if (dot == NULL || !number_read(slice_of(name, (size_t)(dot - name)), UINT64_MAX, number))
        return FILENAME_FOREIGN;
    for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++)
        if (strcmp(dot, endings[i].ending) == 0)
            return endings[i].kind;
    return FILENAME_FOREIGN;
}

enum filename_kind filename_kind(const char *name)
{
    uint64_t number = 0;
    return filename_parse(name, &number);
}

void filename_log(uint64_t number, char *name)
{
    snprintf(name, FILENAME_TEXT, "%06llu.log", (unsigned long long)number);
}

void filename_table(uint64_t number, bool old, char *name)
{
    snprintf(name, FILENAME_TEXT, "%06llu.%s", (unsigned long long)number, old ? "sst" : "ldb");
}
