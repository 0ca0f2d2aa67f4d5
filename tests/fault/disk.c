#include "tests/fault/disk.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "tests/lib/scratch.h"

#define MOST_FILES 4096
#define MOST_CHANGES 4096
#define MOST_SYNCS 64
#define PAGE 4096

/* A file that was made, under whatever names. The durable bytes are the first ones: all files are
 * written from their start to their end. */
struct file {
    uint64_t inode;
    struct buffer bytes;
    size_t durable;
};

/* A change of names: `name` is that of a file from now on, or of none. */
struct change {
    char name[RECORDING_NAME];
    int file;
    char gone[RECORDING_NAME]; /* the name that it had before, in the same moment; or empty */
};

struct sync {
    uint64_t number;
    int file;     /* or -1: the directory */
    size_t count; /* bytes of the file, or changes of names, before it */
};

struct names {
    struct change items[MOST_CHANGES]; /* each name once, if only names are wanted */
    size_t count;
};

struct disk {
    struct file files[MOST_FILES];
    int count;
    struct names durable;
    struct names changes;
    struct sync syncs[MOST_SYNCS];
    size_t sync_count;
};

struct disk *disk_new(void)
{
    struct disk *disk = calloc(1, sizeof(*disk));
    cr_assert(disk != NULL);
    return disk;
}

void disk_free(struct disk *disk)
{
    if (disk == NULL)
        return;
    for (int i = 0; i < disk->count; i++)
        buffer_fini(&disk->files[i].bytes);
    free(disk);
}

/* Names ---------------------------------------------------------------------------- */

static size_t find_in(const struct names *names, const char *name)
{
    size_t at = 0;
    while (at < names->count && strcmp(names->items[at].name, name) != 0)
        at++;
    return at;
}

static void drop_name(struct names *names, const char *name)
{
    size_t at = find_in(names, name);
    if (at < names->count)
        names->items[at] = names->items[--names->count];
}

/* Makes the change in a list that has each name once. */
static void change_names(struct names *names, const struct change *change)
{
    drop_name(names, change->gone);
    drop_name(names, change->name);
    if (change->file >= 0)
        names->items[names->count++] = *change;
}

static void add_change(struct disk *disk, const char *name, int file, const char *gone)
{
    struct change *change = &disk->changes.items[disk->changes.count++];
    cr_assert(disk->changes.count < MOST_CHANGES);
    memset(change, 0, sizeof(*change));
    memcpy(change->name, name, RECORDING_NAME);
    memcpy(change->gone, gone, RECORDING_NAME);
    change->file = file;
}

/* The file that has the name now, durable or not; -1 for none. */
static int find_file_named(const struct disk *disk, const char *name)
{
    for (size_t i = disk->changes.count; i-- > 0;) {
        if (strcmp(disk->changes.items[i].name, name) == 0)
            return disk->changes.items[i].file;
        if (strcmp(disk->changes.items[i].gone, name) == 0)
            return -1;
    }
    size_t at = find_in(&disk->durable, name);
    return at < disk->durable.count ? disk->durable.items[at].file : -1;
}

static void make_names_durable(struct disk *disk, size_t count)
{
    struct names *changes = &disk->changes;
    for (size_t i = 0; i < count; i++)
        change_names(&disk->durable, &changes->items[i]);
    changes->count -= count;
    memmove(changes->items, changes->items + count, changes->count * sizeof(*changes->items));
    for (size_t i = 0; i < disk->sync_count; i++) /* syncs that began behind these changes */
        if (disk->syncs[i].file < 0)
            disk->syncs[i].count -= count < disk->syncs[i].count ? count : disk->syncs[i].count;
}

/* Records -------------------------------------------------------------------------- */

/* The newest file with the inode; -1 for one that was there before the recording. */
static int find_file(const struct disk *disk, uint64_t inode)
{
    int at = disk->count - 1;
    while (at >= 0 && disk->files[at].inode != inode)
        at--;
    return at;
}

static void create(struct disk *disk, const struct recording_head *head)
{
    cr_assert(disk->count < MOST_FILES);
    disk->files[disk->count] = (struct file){.inode = head->file};
    add_change(disk, head->name, disk->count++, (char[RECORDING_NAME]){0});
}

static void write_bytes(struct disk *disk, const struct recording_head *head, const char *bytes)
{
    int at = find_file(disk, head->file);
    cr_assert(at >= 0 && head->number == disk->files[at].bytes.len, "a write within a file");
    buffer_append(&disk->files[at].bytes, bytes, head->length);
}

static void truncate_file(struct disk *disk, const struct recording_head *head)
{
    int at = find_file(disk, head->file);
    cr_assert(at >= 0);
    struct file *file = &disk->files[at];
    if (head->number < file->bytes.len)
        file->bytes.len = head->number;
    if (file->durable > file->bytes.len)
        file->durable = file->bytes.len;
}

static void begin_sync(struct disk *disk, const struct recording_head *head, bool names)
{
    int at = names ? -1 : find_file(disk, head->file);
    cr_assert(disk->sync_count < MOST_SYNCS && (names || at >= 0));
    disk->syncs[disk->sync_count++] = (struct sync){
        .number = head->number,
        .file = at,
        .count = names ? disk->changes.count : disk->files[at].bytes.len,
    };
}

static void end_sync(struct disk *disk, uint64_t number)
{
    size_t at = 0;
    while (at < disk->sync_count && disk->syncs[at].number != number)
        at++;
    cr_assert(at < disk->sync_count);
    struct sync sync = disk->syncs[at];
    disk->syncs[at] = disk->syncs[--disk->sync_count];
    if (sync.file < 0)
        make_names_durable(disk, sync.count);
    else if (sync.count > disk->files[sync.file].durable)
        disk->files[sync.file].durable = sync.count;
}

void disk_apply(struct disk *disk, const struct recording_head *head, const char *bytes)
{
    static const char nothing[RECORDING_NAME];
    switch ((enum recording_kind)head->kind) {
    case RECORDING_CREATE:
        create(disk, head);
        break;
    case RECORDING_WRITE:
        write_bytes(disk, head, bytes);
        break;
    case RECORDING_TRUNCATE:
        truncate_file(disk, head);
        break;
    case RECORDING_SYNC_BEGIN:
    case RECORDING_NAMES_BEGIN:
        begin_sync(disk, head, head->kind == RECORDING_NAMES_BEGIN);
        break;
    case RECORDING_SYNC_END:
    case RECORDING_NAMES_END:
        end_sync(disk, head->number);
        break;
    case RECORDING_RENAME:
        add_change(disk, head->other, find_file_named(disk, head->name), head->name);
        break;
    case RECORDING_UNLINK:
        add_change(disk, head->name, -1, nothing);
        break;
    default:
        break;
    }
}

/* Images --------------------------------------------------------------------------- */

static void choose_names(const struct disk *disk, enum disk_names order, struct chance *chance,
                         struct names *names)
{
    const struct names *changes = &disk->changes;
    size_t first = chance_below(chance, changes->count + 1);
    *names = disk->durable;
    if (chance_below(chance, 3) == 0)
        first = chance_below(chance, 2) == 0 ? 0 : changes->count; /* none and all are likely */
    for (size_t i = 0; i < changes->count; i++) {
        bool there = order == DISK_NAMES_IN_ORDER ? i < first : chance_below(chance, 2) == 0;
        if (there)
            change_names(names, &changes->items[i]);
    }
}

/* Zeroes in place of some of the pages that were not synced. */
static void lose_pages(struct buffer *bytes, size_t durable, struct chance *chance)
{
    for (size_t page = durable - durable % PAGE; page < bytes->len; page += PAGE) {
        size_t from = page < durable ? durable : page;
        size_t to = bytes->len < page + PAGE ? bytes->len : page + PAGE;
        if (chance_below(chance, 2) == 0)
            memset(bytes->data + from, 0, to - from);
    }
}

/* What may be left of a file: all that was synced, and something of the rest. */
static void choose_bytes(const struct file *file, struct chance *chance, struct buffer *bytes)
{
    size_t loose = file->bytes.len - file->durable;
    size_t left = file->bytes.len;
    size_t way = chance_below(chance, 5);
    if (way == 0)
        left = file->durable;
    else if (way <= 2)
        left = file->durable + chance_below(chance, loose + 1);
    buffer_clear(bytes);
    buffer_append(bytes, file->bytes.data, left);
    if (way >= 2 && way <= 3)
        lose_pages(bytes, file->durable, chance);
}

void disk_image(const struct disk *disk, enum disk_names names, struct chance *chance,
                const char *path)
{
    struct names *chosen = malloc(sizeof(*chosen));
    struct buffer bytes = {0};
    cr_assert(chosen != NULL && mkdir(path, 0777) == 0);
    choose_names(disk, names, chance, chosen);
    for (size_t i = 0; i < chosen->count; i++) {
        char *name = scratch_path(path, chosen->items[i].name);
        choose_bytes(&disk->files[chosen->items[i].file], chance, &bytes);
        scratch_write(name, buffer_slice(&bytes));
        free(name);
    }
    buffer_fini(&bytes);
    free(chosen);
}
