#include "store/survey.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ops/clock.h"
#include "ops/log.h"
#include "store/record.h"

/* A sign of life for who waits for a start, so often. */
#define PROGRESS_MS 5000

struct walk {
    const struct survey_reader *reader;
    struct survey *survey;
    struct buffer start; /* of the record whose pieces come by */
    bool open;           /* it has begun */
    bool hunting;        /* the whole records are behind; is there another one? */
    bool stopped;
    uint64_t opened_at;
    int64_t next_sign;
};

static bool read_block(int fd, uint64_t base, char *block, size_t *len)
{
    for (*len = 0; *len < RECORD_BLOCK;) {
        ssize_t got = pread(fd, block + *len, RECORD_BLOCK - *len, (off_t)(base + *len));
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return false;
        if (got == 0)
            break;
        *len += (size_t)got;
    }
    return true;
}

static void keep(struct walk *walk, struct slice content)
{
    size_t room = walk->reader->keep - walk->start.len;
    buffer_append(&walk->start, content.data, content.len < room ? content.len : room);
}

/* Whether a piece of that kind can come now. */
static bool fits(const struct walk *walk, enum record_kind kind)
{
    bool begins = kind == RECORD_FULL || kind == RECORD_FIRST;
    return begins != walk->open;
}

/* A piece that fits. False when it ends a record that does not belong here. */
static bool take_piece(struct walk *walk, const struct record *piece, uint64_t at)
{
    if (!walk->open) {
        buffer_clear(&walk->start);
        walk->opened_at = at;
    }
    keep(walk, piece->content);
    walk->open = piece->kind == RECORD_FIRST || piece->kind == RECORD_MIDDLE;
    if (walk->open)
        return true;
    const struct survey_reader *reader = walk->reader;
    if (!reader->take(reader->arg, buffer_slice(&walk->start), walk->opened_at))
        return false;
    walk->survey->records++;
    walk->survey->sound = at + piece->size;
    return true;
}

/* From the block's start over all that is whole; *at is where that ends. */
static void follow(struct walk *walk, struct slice block, uint64_t base, size_t *at)
{
    while (block.len - *at >= RECORD_HEADER) {
        struct record piece;
        bool good =
            record_peek(block, *at, &piece) && record_is_sound(&piece) && fits(walk, piece.kind);
        if (!good) {
            walk->hunting = true;
            return;
        }
        if (!take_piece(walk, &piece, base + *at)) {
            walk->stopped = true;
            return;
        }
        *at += piece.size;
    }
}

static bool begins_record(const struct walk *walk, struct slice block, uint64_t base, size_t at)
{
    const struct survey_reader *reader = walk->reader;
    struct record piece;
    if (!record_peek(block, at, &piece))
        return false;
    bool begins = piece.kind == RECORD_FULL ||
                  (piece.kind == RECORD_FIRST && at + piece.size == RECORD_BLOCK);
    return begins &&
           reader->is_likely(reader->arg, piece.content, base + at - walk->survey->sound) &&
           record_is_sound(&piece);
}

static void hunt(struct walk *walk, struct slice block, uint64_t base, size_t at)
{
    for (; block.len - at >= RECORD_HEADER; at++) {
        if (begins_record(walk, block, base, at)) {
            walk->survey->goes_on = true;
            walk->survey->later = base + at;
            walk->stopped = true;
            return;
        }
    }
}

static void show_progress(struct walk *walk, uint64_t base)
{
    int64_t now = clock_ms();
    if (now < walk->next_sign)
        return;
    walk->next_sign = now + PROGRESS_MS;
    log_info("checking %s: %llu of %llu MiB", walk->reader->name, (unsigned long long)(base >> 20),
             (unsigned long long)(walk->survey->size >> 20));
}

/* Nothing but what is too short for a record at the end of a block: it is filled when the next
 * record is written. */
static bool is_filling(const struct survey *survey)
{
    uint64_t left = RECORD_BLOCK - survey->sound % RECORD_BLOCK;
    return left < RECORD_HEADER && survey->size - survey->sound <= left;
}

static bool walk_over(struct walk *walk, int fd)
{
    char block[RECORD_BLOCK];
    size_t len = 0;
    for (uint64_t base = 0; !walk->stopped; base += len) {
        size_t at = 0;
        if (!read_block(fd, base, block, &len))
            return false;
        if (!walk->hunting)
            follow(walk, slice_of(block, len), base, &at);
        if (walk->hunting)
            hunt(walk, slice_of(block, len), base, at);
        if (walk->start.failed) {
            errno = ENOMEM;
            return false;
        }
        show_progress(walk, base);
        if (len < RECORD_BLOCK)
            break;
    }
    return true;
}

bool survey_run(int fd, const struct survey_reader *reader, struct survey *survey)
{
    struct stat about;
    *survey = (struct survey){0};
    if (fstat(fd, &about) != 0)
        return false;
    survey->size = (uint64_t)about.st_size;
    struct walk walk = {.reader = reader, .survey = survey, .next_sign = clock_ms() + PROGRESS_MS};
    bool done = walk_over(&walk, fd);
    int problem = errno;
    buffer_fini(&walk.start);
    errno = problem;
    if (is_filling(survey))
        survey->sound = survey->size;
    return done;
}
