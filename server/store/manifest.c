#include "store/manifest.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <unistd.h>

#include "store/record.h"

const char manifest_bytewise[] = "leveldb.BytewiseComparator"; /* util/comparator.cc there */

/* A manifest's first record is a version edit, which begins with the comparator: this tag, a
 * length, the name (db/version_edit.cc in LevelDB's source). */
#define TAG_COMPARATOR 1

/* Reads the first block; the number of bytes, or -1 with errno set. */
static ssize_t read_block(const char *path, const char *name, char *block)
{
    char file[PATH_MAX];
    if (snprintf(file, sizeof(file), "%s/%s", path, name) >= (int)sizeof(file)) {
        errno = ENAMETOOLONG;
        return -1;
    }
    int fd = open(file, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return -1;
    ssize_t len = read(fd, block, RECORD_BLOCK);
    int problem = errno;
    close(fd);
    errno = problem;
    return len;
}

bool manifest_current(const char *path, char *name, size_t size)
{
    char file[PATH_MAX];
    if (snprintf(file, sizeof(file), "%s/CURRENT", path) >= (int)sizeof(file)) {
        errno = ENAMETOOLONG;
        return false;
    }
    FILE *current = fopen(file, "re");
    if (current == NULL)
        return false;
    errno = 0;
    if (fgets(name, (int)size, current) == NULL)
        name[0] = '\0';
    name[strcspn(name, "\n")] = '\0';
    int problem = ferror(current) ? errno : 0;
    fclose(current);
    errno = problem;
    return problem == 0;
}

/* The comparator that the edit names; no data if it names none. */
static struct slice find_comparator(struct slice edit)
{
    if (edit.len < 2 || edit.data[0] != TAG_COMPARATOR)
        return slice_of(NULL, 0);
    size_t len = (unsigned char)edit.data[1];
    if (len >= MANIFEST_NAME || edit.len < 2 + len)
        return slice_of(NULL, 0); /* a varint of two bytes: no comparator has so long a name */
    return slice_of(edit.data + 2, len);
}

enum manifest_order manifest_read(const char *path, const char *name, char *comparator)
{
    char block[RECORD_BLOCK];
    ssize_t len = read_block(path, name, block);
    if (len < 0)
        return MANIFEST_UNREADABLE;
    struct slice found = find_comparator(record_first(slice_of(block, (size_t)len)));
    if (found.data == NULL)
        return MANIFEST_UNCLEAR;
    if (slice_equal(found, slice_from_string(manifest_bytewise)))
        return MANIFEST_BYTEWISE;
    memcpy(comparator, found.data, found.len);
    comparator[found.len] = '\0';
    return MANIFEST_OTHER;
}
