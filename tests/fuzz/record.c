/*
 * A block of a log or a manifest of LevelDB, as a damaged disk may give it back.
 */
#include "server/store/record.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "server/store/manifest.h"
#include "server/store/version.h"
#include "tests/fuzz/target.h"

static void take_block(struct slice input)
{
    char *block = malloc(input.len); /* of exactly this size */
    target_expect(block != NULL, "there is memory");
    memcpy(block, input.data, input.len);
    struct slice first = record_first(slice_of(block, input.len));
    target_expect(first.data == NULL ||
                      (first.data > block && first.data + first.len <= block + input.len),
                  "a record lies in its block");
    struct record record;
    for (size_t at = 0; at < input.len; at++)
        if (record_peek(slice_of(block, input.len), at, &record)) {
            target_expect(at + record.size <= input.len, "so does every other");
            (void)!record_is_sound(&record);
        }
    if (record_mask_damage(block, input.len))
        target_expect(!record_mask_damage(block, input.len), "what was masked is sound");
    free(block);
}

/* As the edits of a manifest: the content of its records, whether they are sound or not. */
static void take_edits(struct slice input)
{
    struct version version = {0};
    struct record record;
    (void)!version_apply(&version, input);
    version_fini(&version);
    for (size_t at = 0; record_peek(input, at, &record); at += record.size)
        if (!version_apply(&version, record.content))
            break;
    (void)!(version_is_start(input) && version_is_whole(&version));
    for (size_t i = 1; i < version.count; i++)
        target_expect(version.tables[i - 1].number < version.tables[i].number,
                      "tables are in order");
    version_fini(&version);
}

/* As the file that a directory's CURRENT names: here /proc has the directory, of what is open. */
static void take_manifest(struct slice input)
{
    char comparator[MANIFEST_NAME];
    char name[16];
    int fd = memfd_create("manifest", MFD_CLOEXEC);
    target_expect(fd >= 0 && write(fd, input.data, input.len) == (ssize_t)input.len,
                  "there is a file");
    snprintf(name, sizeof(name), "%d", fd);
    enum manifest_order order = manifest_read("/proc/self/fd", name, comparator);
    target_expect(order != MANIFEST_UNREADABLE, "a file that is there can be read");
    target_expect(order != MANIFEST_OTHER || strlen(comparator) < MANIFEST_NAME,
                  "a comparator's name is whole");
    close(fd);
}

void target_take(struct slice input)
{
    if (input.len == 0 || input.len > RECORD_BLOCK)
        return;
    take_block(input);
    take_edits(input);
    take_manifest(input);
}
