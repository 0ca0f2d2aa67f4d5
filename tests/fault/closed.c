#include "tests/fault/closed.h"

#include <criterion/criterion.h>
#include <dirent.h>
#include <stdlib.h>

#include "server/store/record.h"
#include "tests/lib/scratch.h"

static bool is_needed(enum filename_kind kind)
{
    return kind == FILENAME_CURRENT || kind == FILENAME_MANIFEST || kind == FILENAME_LOG ||
           kind == FILENAME_TABLE;
}

static void read_files(struct closed *closed, const char *path)
{
    DIR *directory = opendir(path);
    cr_assert(directory != NULL);
    for (struct dirent *entry; (entry = readdir(directory)) != NULL;) {
        enum filename_kind kind = filename_kind(entry->d_name);
        if (!is_needed(kind))
            continue;
        char *file = scratch_path(path, entry->d_name);
        cr_assert(closed->count < CLOSED_FILES);
        closed->files[closed->count++] = (struct closed_file){
            .name = strdup(entry->d_name), .kind = kind, .bytes = scratch_read(file)};
        free(file);
    }
    closedir(directory);
}

static size_t count_operations(struct slice content)
{
    uint32_t count = 0;
    cr_assert(content.len >= 12);
    for (unsigned i = 0; i < 4; i++)
        count |= (uint32_t)(unsigned char)content.data[8 + i] << (8 * i);
    return count;
}

static void add_piece(struct closed_log *log, const struct record *piece, size_t end)
{
    if (piece->kind == RECORD_FULL || piece->kind == RECORD_FIRST) {
        size_t before = log->count == 0 ? 0 : log->operations[log->count - 1];
        log->operations[log->count] = before + count_operations(piece->content);
    }
    log->ends[log->count] = end;
    log->count += piece->kind == RECORD_FULL || piece->kind == RECORD_LAST;
    cr_assert(log->count < CLOSED_RECORDS);
}

static void read_log(struct closed_log *log, const struct buffer *bytes)
{
    log->count = 0;
    for (size_t at = 0; at < bytes->len;) {
        size_t base = at - at % RECORD_BLOCK;
        size_t len = bytes->len - base < RECORD_BLOCK ? bytes->len - base : RECORD_BLOCK;
        struct record piece;
        if (RECORD_BLOCK - at % RECORD_BLOCK < RECORD_HEADER) {
            at = base + RECORD_BLOCK;
            continue;
        }
        cr_assert(record_peek(slice_of(bytes->data + base, len), at - base, &piece) &&
                  record_is_sound(&piece));
        at += piece.size;
        add_piece(log, &piece, at);
    }
}

void closed_read(struct closed *closed, const char *path)
{
    uint64_t newest = 0;
    read_files(closed, path);
    for (size_t i = 0; i < closed->count; i++) {
        uint64_t number = 0;
        if (filename_parse(closed->files[i].name, &number) != FILENAME_LOG || number < newest)
            continue;
        newest = number;
        closed->live_file = i;
    }
    cr_assert(newest > 0, "there is no log");
    read_log(&closed->live, &closed->files[closed->live_file].bytes);
}

void closed_forget(struct closed *closed)
{
    while (closed->count > 0) {
        struct closed_file *file = &closed->files[--closed->count];
        free(file->name);
        buffer_fini(&file->bytes);
    }
}
