/*
 * Damaged files: any bit flipped, any length cut, in any file that a closed store consists of. The
 * store is refused with a reason, or each of its answers is right or an error: never a wrong value,
 * a row that is missing without a word, or a value that was replaced before.
 *
 * One thing cannot be told apart: damage in the last record of the live log looks like a write that
 * a crash tore, and is cut and told of like one. Such images are counted apart, and what they lost
 * must be exactly what was cut.
 */
#include <criterion/criterion.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/fault/closed.h"
#include "tests/fault/opened.h"
#include "tests/lib/daemon.h"
#include "tests/lib/rounds.h"
#include "tests/lib/scratch.h"

#define STEPS 1500

static struct daemon *server;
static struct story story;
static struct chance chance;
static struct closed closed;
static char *image;

/* The store ------------------------------------------------------------------------- */

static void write_steps(unsigned count)
{
    struct buffer request = {0};
    struct wire *wire = daemon_connect(server);
    for (unsigned i = 0; i < count; i++) {
        unsigned answers = 0;
        buffer_clear(&request);
        story_go_on(&story, &chance, &request, &answers);
        wire_send(wire, buffer_slice(&request));
        while (answers-- > 0)
            cr_assert(slice_has_prefix(wire_line(wire), SLICE("OK")));
    }
    wire_close(wire);
    buffer_fini(&request);
}

static void write_and_close(unsigned steps)
{
    daemon_start(server, "--write-buffer", "64K", "--max-file-size", "1M", "--sync", "never", NULL);
    write_steps(steps);
    daemon_stop(server);
    closed_forget(&closed);
    closed_read(&closed, daemon_data(server));
}

/* A store of several tables on two levels, with a live log, closed; in memory. */
static void prepare(void)
{
    chance.state = rounds_seed();
    rounds_tell("seed %" PRIu64, chance.state);
    server = daemon_new();
    write_and_close(STEPS);
    do
        write_and_close(20);
    while (closed.live.count < 10); /* the last step may have begun a new log */
    image = scratch_path(daemon_directory(server), "image");
}

static void forget(void)
{
    closed_forget(&closed);
    story_fini(&story);
    free(image);
    daemon_free(server);
}

TestSuite(damaged, .init = prepare, .fini = forget, .timeout = 36000);

/* Images ---------------------------------------------------------------------------- */

struct damage {
    size_t file;
    bool cut;
    size_t at; /* the bytes left, or the byte in which a bit is flipped */
    unsigned bit;
};

/* Each kind of file as often as the others, each byte of the kind likewise. */
static struct damage choose_damage(void)
{
    static const enum filename_kind kinds[] = {FILENAME_LOG, FILENAME_TABLE, FILENAME_MANIFEST,
                                               FILENAME_CURRENT};
    enum filename_kind kind = kinds[chance_below(&chance, 4)];
    size_t total = 0;
    struct damage damage = {.cut = chance_below(&chance, 3) == 0,
                            .bit = (unsigned)chance_below(&chance, 8)};
    for (size_t i = 0; i < closed.count; i++)
        total += closed.files[i].kind == kind ? closed.files[i].bytes.len : 0;
    damage.at = chance_below(&chance, total);
    for (;; damage.file++) {
        if (closed.files[damage.file].kind != kind)
            continue;
        if (damage.at < closed.files[damage.file].bytes.len)
            return damage;
        damage.at -= closed.files[damage.file].bytes.len;
    }
}

static void put_file(const struct closed_file *file, struct slice bytes)
{
    char *path = scratch_path(image, file->name);
    scratch_write(path, bytes);
    free(path);
}

static void make_image(struct damage damage)
{
    scratch_remove(strdup(image));
    cr_assert(mkdir(image, 0777) == 0);
    for (size_t i = 0; i < closed.count; i++)
        if (i != damage.file)
            put_file(&closed.files[i], buffer_slice(&closed.files[i].bytes));
    struct closed_file *file = &closed.files[damage.file];
    char mask = (char)(damage.cut ? 0 : 1 << damage.bit);
    file->bytes.data[damage.at] ^= mask;
    put_file(file, slice_of(file->bytes.data, damage.cut ? damage.at : file->bytes.len));
    file->bytes.data[damage.at] ^= mask;
}

/* Verdicts -------------------------------------------------------------------------- */

struct tally {
    uint64_t refused;
    uint64_t whole;
    uint64_t with_errors;
    uint64_t torn; /* the last record was taken for torn, or the log cut as a crash cuts */
    uint64_t wrong;
};

/* How many records of the live log are left if its end was taken for torn; false when it must not
 * be. */
static bool may_be_torn(struct damage damage, size_t *records)
{
    *records = 0;
    if (damage.file != closed.live_file)
        return false;
    while (*records < closed.live.count && closed.live.ends[*records] <= damage.at)
        (*records)++;
    return damage.cut || *records == closed.live.count - 1;
}

static size_t operations_behind(size_t records)
{
    size_t there = closed.live.operations[closed.live.count - 1];
    return there - (records == 0 ? 0 : closed.live.operations[records - 1]);
}

static const char *describe(struct damage damage)
{
    static char text[120];
    snprintf(text, sizeof(text), "%.30s of %zu bytes: %s %zu, bit %u",
             closed.files[damage.file].name, closed.files[damage.file].bytes.len,
             damage.cut ? "cut at" : "flipped in", damage.at, damage.bit);
    return text;
}

/* True when the answers are those of the story, but for its last operations that may be torn. */
static bool judge_answers(struct tally *tally, const struct opened *opened, struct damage damage)
{
    uint32_t versions[STORY_KEYS];
    uint32_t key;
    enum opened_way way;
    size_t records = 0;
    size_t all = story_operations(&story, story.steps);
    story_after(&story, all, versions);
    if (opened_agrees(opened, versions, &key, &way)) {
        tally->whole += opened->errors == 0;
        tally->with_errors += opened->errors > 0;
        return true;
    }
    if (!may_be_torn(damage, &records))
        return false;
    story_after(&story, all - operations_behind(records), versions);
    if (opened->errors > 0 || !opened_agrees(opened, versions, &key, &way))
        return false;
    tally->torn++;
    return true;
}

static void judge(struct tally *tally, const struct opened *opened, struct damage damage,
                  bool may_be_wrong)
{
    cr_assert(opened->end != OPENED_BROKEN, "%s: %s", describe(damage), opened->text);
    if (opened->end == OPENED_REFUSED) {
        cr_assert(opened->text[0] != '\0' && strchr(opened->text, '/') != NULL, "%s: refused: %s",
                  describe(damage), opened->text);
        tally->refused++;
        return;
    }
    bool right = judge_answers(tally, opened, damage);
    cr_assert(right || may_be_wrong, "%s: an answer is wrong", describe(damage));
    tally->wrong += !right;
}

static void tell(const char *what, uint64_t images, const struct tally *tally)
{
    rounds_tell("%" PRIu64 " damaged images%s: %" PRIu64 " refused, %" PRIu64
                " answered with errors, %" PRIu64 " whole, %" PRIu64
                " without what a torn end holds, %" PRIu64 " silently wrong",
                images, what, tally->refused, tally->with_errors, tally->whole, tally->torn,
                tally->wrong);
}

Test(damaged, files_are_refused_or_answer_rightly_or_with_an_error)
{
    struct tally tally = {0};
    uint64_t images = rounds_choose(500, 10000);
    for (uint64_t i = 0; i < images; i++) {
        struct damage damage = choose_damage();
        make_image(damage);
        judge(&tally, opened_run(image, true), damage, false);
    }
    tell("", images, &tally);
    cr_assert(tally.refused > 0 && tally.with_errors > 0 && tally.wrong == 0);
}

/* The control: without care, the same damage does give wrong answers, and they are noticed. */
Test(damaged, files_without_care_would_give_wrong_answers)
{
    struct tally tally = {0};
    uint64_t images = rounds_choose(100, 1000);
    for (uint64_t i = 0; i < images; i++) {
        struct damage damage = choose_damage();
        make_image(damage);
        const struct opened *opened = opened_run(image, false);
        if (opened->end != OPENED_BROKEN)
            judge(&tally, opened, damage, true);
    }
    tell(" opened without care", images, &tally);
    cr_assert(tally.wrong > 0, "nothing was ever wrong: the check proves nothing");
}

/* The daemon itself ----------------------------------------------------------------- */

/* True when it serves; false when it said why not, and ended with 1. */
static bool serves(struct damage damage)
{
    daemon_set_data(server, image);
    daemon_spawn(server, "--unix", daemon_socket(server), NULL);
    for (;;) {
        const char *log = daemon_log(server);
        if (strstr(log, " ready on ") != NULL)
            return true;
        if (strstr(log, "cannot open the data: ") == NULL) {
            usleep(1000);
            continue;
        }
        cr_assert_eq(daemon_wait(server), 1, "%s", describe(damage));
        return false;
    }
}

/* Each key by GET, asked at once; counts those that are not as they should be. */
static unsigned count_wrong(const uint32_t versions[STORY_KEYS])
{
    unsigned wrong = 0;
    struct buffer expected = {0};
    struct wire *wire = wire_open_unix(daemon_socket(server));
    for (uint32_t key = 0; key < STORY_KEYS; key++) {
        char request[32];
        snprintf(request, sizeof(request), "GET k%05u\n", key);
        wire_say(wire, request);
        struct slice reply = wire_reply(wire);
        buffer_clear(&expected);
        buffer_append_string(&expected, versions[key] == STORY_ABSENT ? "NOT_FOUND\n" : "OK \"");
        if (versions[key] != STORY_ABSENT) {
            story_value(key, versions[key], &expected);
            buffer_append_string(&expected, "\"\n");
        }
        wrong += !slice_equal(reply, buffer_slice(&expected)) &&
                 !slice_has_prefix(reply, SLICE("ERR CORRUPT ")) &&
                 !slice_has_prefix(reply, SLICE("ERR IO "));
    }
    wire_close(wire);
    buffer_fini(&expected);
    return wrong;
}

Test(damaged, files_are_refused_or_served_by_the_daemon)
{
    uint64_t images = rounds_choose(30, 500);
    uint64_t served = 0;
    for (uint64_t i = 0; i < images; i++) {
        uint32_t versions[STORY_KEYS];
        struct damage damage = choose_damage();
        size_t records = 0;
        size_t operations = story_operations(&story, story.steps);
        make_image(damage);
        if (!serves(damage))
            continue;
        served++;
        if (may_be_torn(damage, &records))
            operations -= operations_behind(records);
        story_after(&story, operations, versions);
        cr_assert_eq(count_wrong(versions), 0, "%s: an answer is wrong", describe(damage));
        daemon_kill(server);
    }
    rounds_tell("%" PRIu64 " damaged directories given to the daemon: %" PRIu64
                " served, the others refused with exit status 1",
                images, served);
}
