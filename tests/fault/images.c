/*
 * Crash images: what the disk may hold when the machine goes down, made from a recording of all
 * that the daemon wrote, synced and renamed. Each must open as the daemon opens it, and hold every
 * write that was acknowledged before the crash, batches whole, and nothing that was never written.
 *
 * One client writes step by step, so what is there must be what the first so many steps made: not
 * fewer than were acknowledged, and not more than were asked for.
 */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/fault/disk.h"
#include "tests/fault/opened.h"
#include "tests/lib/daemon.h"
#include "tests/lib/paths.h"
#include "tests/lib/rounds.h"
#include "tests/lib/scratch.h"

/* A daemon's life is recorded for so many steps, with restarts between; then so many images are
 * made of it. */
#define STEPS 240
#define STEPS_A_RUN 80
#define IMAGES_OF_A_RECORDING 250

/* Steps sent at once, at most. */
#define MOST_AT_ONCE 4

struct recording {
    struct daemon *server;
    struct story story;
    struct buffer bytes;
    int notes;
    char *path;
    uint64_t acknowledged;
};

static struct chance chance;

static void prepare(void)
{
    chance.state = rounds_seed();
    rounds_tell("seed %" PRIu64, chance.state);
}

TestSuite(images, .init = prepare, .timeout = 36000);

/* Recording ------------------------------------------------------------------------- */

static void note(const struct recording *recording, enum recording_kind kind, uint64_t number)
{
    struct recording_head head = {.kind = kind, .number = number};
    cr_assert(write(recording->notes, &head, sizeof(head)) == (ssize_t)sizeof(head));
}

/* A few steps in one packet, answered one by one. */
static void ask_steps(struct recording *recording, struct wire *wire)
{
    struct buffer request = {0};
    unsigned answers[MOST_AT_ONCE];
    size_t count = 1 + chance_below(&chance, MOST_AT_ONCE);
    for (size_t i = 0; i < count; i++)
        story_go_on(&recording->story, &chance, &request, &answers[i]);
    note(recording, RECORDING_ASKED, recording->story.steps);
    wire_send(wire, buffer_slice(&request));
    for (size_t i = 0; i < count; i++) {
        while (answers[i]-- > 0)
            cr_assert(slice_has_prefix(wire_line(wire), SLICE("OK")));
        note(recording, RECORDING_ACKNOWLEDGED, ++recording->acknowledged);
    }
    buffer_fini(&request);
}

/* From a start to a stop or a kill. */
static void run(struct recording *recording, const char *sync, size_t until)
{
    daemon_start(recording->server, "--write-buffer", "64K", "--max-file-size", "1M", "--sync",
                 sync, NULL);
    struct wire *wire = daemon_connect(recording->server);
    while (recording->story.steps < until) {
        ask_steps(recording, wire);
        if (chance_below(&chance, 20) > 0)
            continue;
        wire_ask(wire, "SYNC\n", "OK\n");
        note(recording, RECORDING_BARRIER, recording->acknowledged);
    }
    wire_close(wire);
    if (chance_below(&chance, 2) == 0)
        daemon_kill(recording->server);
    else
        daemon_stop(recording->server);
}

static void record(struct recording *recording, const char *sync)
{
    char *library = scratch_path(paths_build(), "tests/fault/recorder.so");
    *recording = (struct recording){.server = daemon_new()};
    recording->path = scratch_path(daemon_directory(recording->server), "recording");
    recording->notes = open(recording->path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    cr_assert(recording->notes >= 0);
    daemon_set_environment(recording->server, RECORDING_VARIABLE, recording->path);
    daemon_set_environment(recording->server, RECORDING_DIRECTORY, daemon_data(recording->server));
    daemon_set_environment(recording->server, "LD_PRELOAD", library);
    for (size_t until = STEPS_A_RUN; until <= STEPS; until += STEPS_A_RUN)
        run(recording, sync, until);
    recording->bytes = scratch_read(recording->path);
    free(library);
}

static void recording_fini(struct recording *recording)
{
    close(recording->notes);
    buffer_fini(&recording->bytes);
    story_fini(&recording->story);
    daemon_free(recording->server);
    free(recording->path);
}

/* The next record, and its bytes; false at the end. */
static bool next_record(const struct buffer *bytes, size_t *at, struct recording_head *head,
                        const char **behind)
{
    if (*at + sizeof(*head) > bytes->len)
        return false;
    memcpy(head, bytes->data + *at, sizeof(*head));
    *behind = bytes->data + *at + sizeof(*head);
    *at += sizeof(*head) + head->length;
    cr_assert(*at <= bytes->len);
    return true;
}

static size_t count_records(const struct buffer *bytes)
{
    struct recording_head head;
    const char *behind;
    size_t count = 0;
    for (size_t at = 0; next_record(bytes, &at, &head, &behind);)
        count++;
    return count;
}

/* Images ---------------------------------------------------------------------------- */

/* What the client knew when the crash came. */
struct known {
    uint64_t asked;
    uint64_t acknowledged;
    uint64_t promised; /* answered before a SYNC that was */
};

struct tally {
    uint64_t images;
    uint64_t refused;
    uint64_t lost;    /* acknowledged writes are missing */
    uint64_t unkept;  /* among them some that a SYNC had promised */
    uint64_t strange; /* what no number of first steps makes */
    char first[400];  /* about the first that was not right */
};

static void complain(struct tally *tally, size_t at, const struct known *known, const char *what)
{
    if (tally->first[0] == '\0')
        snprintf(tally->first, sizeof(tally->first),
                 "behind record %zu, %" PRIu64 " asked, %" PRIu64 " acknowledged: %.300s", at,
                 known->asked, known->acknowledged, what);
}

/* How many first steps made what was found; false when none did. More than are promised first. */
static bool find_steps(const struct recording *recording, const struct opened *opened,
                       const struct known *known, uint64_t *steps)
{
    uint32_t versions[STORY_KEYS];
    uint32_t key;
    enum opened_way way;
    for (*steps = known->asked + 1; (*steps)-- > 0;) {
        story_after(&recording->story, story_operations(&recording->story, *steps), versions);
        if (opened_agrees(opened, versions, &key, &way))
            return true;
    }
    return false;
}

static void judge(struct tally *tally, const struct recording *recording,
                  const struct opened *opened, const struct known *known, size_t at)
{
    uint64_t steps = 0;
    tally->images++;
    if (opened->end != OPENED_SERVED || opened->errors > 0) {
        tally->refused++;
        complain(tally, at, known, opened->end == OPENED_SERVED ? "errors" : opened->text);
    } else if (!find_steps(recording, opened, known, &steps)) {
        tally->strange++;
        complain(tally, at, known, "it holds what never was");
    } else if (steps < known->acknowledged) {
        tally->lost++;
        tally->unkept += steps < known->promised;
        complain(tally, at, known, "acknowledged writes are missing");
    }
}

static void learn(struct known *known, const struct recording_head *head)
{
    if (head->kind == RECORDING_ASKED)
        known->asked = head->number;
    else if (head->kind == RECORDING_ACKNOWLEDGED)
        known->acknowledged = head->number;
    else if (head->kind == RECORDING_BARRIER)
        known->promised = head->number;
}

/* Crashes at so many of the recording's moments, each as likely as the others. */
static void crash(const struct recording *recording, enum disk_names names, uint64_t images,
                  struct tally *tally)
{
    struct disk *disk = disk_new();
    struct known known = {0};
    struct recording_head head;
    const char *behind;
    char *path = scratch_path(daemon_directory(recording->server), "image");
    size_t left = count_records(&recording->bytes);
    size_t count = 0;
    for (size_t at = 0; next_record(&recording->bytes, &at, &head, &behind); left--, count++) {
        disk_apply(disk, &head, behind);
        learn(&known, &head);
        for (; images > 0 && chance_below(&chance, left) < images; images--) {
            scratch_remove(strdup(path));
            disk_image(disk, names, &chance, path);
            judge(tally, recording, opened_run(path, true), &known, count);
        }
    }
    free(path);
    disk_free(disk);
}

static void run_images(const char *sync, enum disk_names names, uint64_t images,
                       struct tally *tally)
{
    while (images > 0) {
        struct recording recording;
        uint64_t now = images < IMAGES_OF_A_RECORDING ? images : IMAGES_OF_A_RECORDING;
        record(&recording, sync);
        crash(&recording, names, now, tally);
        recording_fini(&recording);
        images -= now;
    }
}

static void tell(const char *what, const struct tally *tally)
{
    rounds_tell("%" PRIu64 " crash images, %s: %" PRIu64 " lack acknowledged writes, %" PRIu64
                " hold what never was, %" PRIu64 " do not open",
                tally->images, what, tally->lost, tally->strange, tally->refused);
}

Test(images, of_a_crash_open_and_hold_every_acknowledged_write)
{
    struct tally tally = {0};
    run_images("always", DISK_NAMES_IN_ORDER, rounds_choose(400, 8000), &tally);
    tell("names in order", &tally);
    cr_assert(tally.lost + tally.strange + tally.refused == 0, "%s", tally.first);
}

/* Without a promise each write may be lost, but none that a SYNC was told of. Pages of several
 * writes may be lost in any order, which looks like damage: such an image may be refused. And a
 * whole log may be lost before the next one, which shows by its numbers alone, and not always. */
Test(images, of_a_crash_without_sync_lose_writes_but_none_before_a_barrier)
{
    struct tally tally = {0};
    run_images("never", DISK_NAMES_IN_ORDER, rounds_choose(100, 1000), &tally);
    tell("with --sync never", &tally);
    cr_assert(tally.lost > 0, "nothing was ever lost: the check proves nothing");
    cr_assert(tally.unkept == 0, "%" PRIu64 " lack what a SYNC promised", tally.unkept);
}

/* No file system that is in use does so, and what it may lead to cannot always be told from a file
 * that somebody removed: such an image may be refused, but must not lack anything without a word.
 */
Test(images, with_names_in_any_order_lack_nothing)
{
    struct tally tally = {0};
    run_images("always", DISK_NAMES_IN_ANY, rounds_choose(100, 2000), &tally);
    tell("names in any order", &tally);
    cr_assert(tally.lost + tally.strange == 0, "%s", tally.first);
}
