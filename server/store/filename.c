#include "store/filename.h"

#include <stdint.h>
#include <string.h>

#include "protocol/number.h"

/* True when all of the text is a file's number. */
static bool is_number(struct slice text)
{
    uint64_t number;
    return number_read(text, UINT64_MAX, &number);
}

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

enum filename_kind filename_kind(const char *name)
{
    struct slice text = slice_from_string(name);
    struct slice manifest = SLICE("MANIFEST-");
    for (size_t i = 0; i < sizeof(whole_names) / sizeof(whole_names[0]); i++)
        if (strcmp(name, whole_names[i].name) == 0)
            return whole_names[i].kind;
    if (slice_has_prefix(text, manifest))
        return is_number(slice_of(name + manifest.len, text.len - manifest.len)) ? FILENAME_MANIFEST
                                                                                 : FILENAME_FOREIGN;
    const char *dot = strchr(name, '.');
    if (dot == NULL || !is_number(slice_of(name, (size_t)(dot - name))))
        return FILENAME_FOREIGN;
    for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++)
        if (strcmp(dot, endings[i].ending) == 0)
            return endings[i].kind;
    return FILENAME_FOREIGN;
}
