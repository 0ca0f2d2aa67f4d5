#include "store/watch.h"

#include <criterion/criterion.h>
#include <malloc.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>

static struct watches *watches;

static void start(void)
{
    watches = watches_new();
    cr_assert_not_null(watches);
}

static void stop(void)
{
    watches_free(watches);
}

TestSuite(watch, .init = start, .fini = stop);

static struct watcher *watch(const char *key)
{
    struct watcher *watcher = watcher_new(watches);
    cr_assert(watcher != NULL && watcher_add(watcher, slice_from_string(key)));
    return watcher;
}

/* A run of one write that puts the key. */
static struct submission *put(const char *key)
{
    struct submission *run = submission_new();
    cr_assert(run != NULL && submission_reserve(run));
    submission_begin(run, WRITE_ANSWERS_OK);
    submission_put(run, slice_from_string(key), SLICE("v"));
    submission_end(run);
    return run;
}

static void touch(const char *key)
{
    struct submission *run = put(key);
    watches_touch(watches, run, 0, 1);
    submission_free(run);
}

Test(watch, hears_of_its_keys_and_of_no_others)
{
    struct watcher *a = watch("a");
    struct watcher *both = watch("a");
    struct watcher *b = watch("b");
    cr_assert(watcher_add(both, SLICE("b")));
    touch("c");
    touch("aa");
    touch("");
    cr_assert(!watcher_is_touched(a) && !watcher_is_touched(b) && !watcher_is_touched(both));
    touch("b");
    cr_assert(!watcher_is_touched(a) && watcher_is_touched(b) && watcher_is_touched(both));
    touch("a");
    cr_assert(watcher_is_touched(a));
    watcher_free(a);
    watcher_free(both);
    watcher_free(b);
    touch("a"); /* nobody is left to hear */
}

Test(watch, hears_of_deletions_and_of_what_programs_did)
{
    struct watcher *watcher = watch("a");
    struct submission *run = put("b");
    cr_assert_not_null(submission_change(&run->writes[0], SLICE("a"), slice_of(NULL, 0)));
    watches_touch(watches, run, 0, 1);
    cr_assert(watcher_is_touched(watcher));
    submission_free(run);
    watcher_free(watcher);
}

/* Only those writes that happened, and only those that it is told of. */
Test(watch, hears_of_what_happened)
{
    struct watcher *watcher = watch("a");
    struct submission *run = put("a");
    watches_touch(watches, run, 1, 1);
    write_fail(&run->writes[0], STATUS_CONFLICT, "no");
    watches_touch(watches, run, 0, 1);
    cr_assert_not(watcher_is_touched(watcher));
    submission_free(run);
    watcher_free(watcher);
}

Test(watch, keeps_a_key_once)
{
    struct watcher *watcher = watch("a");
    struct watcher *other = watch("a");
    size_t bytes = watcher_bytes(watcher);
    for (int i = 0; i < 1000; i++)
        cr_assert(watcher_add(watcher, SLICE("a")));
    cr_assert_eq(watcher_bytes(watcher), bytes);
    cr_assert(watcher_add(watcher, SLICE("b")));
    cr_assert_gt(watcher_bytes(watcher), bytes);
    watcher_free(watcher);
    touch("a");
    cr_assert(watcher_is_touched(other), "one who leaves takes nobody along");
    watcher_free(other);
}

static bool is(void *arg, struct slice key)
{
    return slice_equal(key, slice_from_string(arg));
}

Test(watch, tells_which_keys_it_has)
{
    struct watcher *watcher = watch("a");
    char b[] = "b";
    cr_assert_not(watcher_has(watcher, is, b));
    cr_assert(watcher_add(watcher, SLICE("b")));
    cr_assert(watcher_has(watcher, is, b));
    watcher_free(watcher);
}

#define MANY 20000

/* Far more keys than the table begins with: each is found, and gone when its watcher is. */
Test(watch, grows)
{
    static struct watcher *watchers[MANY];
    char key[16];
    for (int i = 0; i < MANY; i++) {
        snprintf(key, sizeof(key), "%d", i);
        watchers[i] = watch(key);
    }
    for (int i = 0; i < MANY; i += 3) {
        watcher_free(watchers[i]);
        watchers[i] = NULL;
    }
    for (int i = 0; i < MANY; i += 2) {
        snprintf(key, sizeof(key), "%d", i);
        touch(key);
    }
    for (int i = 0; i < MANY; i++)
        cr_assert(watchers[i] == NULL || watcher_is_touched(watchers[i]) == (i % 2 == 0), "%d", i);
    for (int i = 0; i < MANY; i++)
        watcher_free(watchers[i]);
}

/* Threads ------------------------------------------------------------------------------ */

#define TURNS 20000

static atomic_ullong written; /* what everybody may read under the key */
static atomic_bool over;

/* Writes and then touches, as the committer does. */
static void *write_on(void *arg)
{
    struct submission *run = put("k");
    (void)arg;
    while (!atomic_load(&over)) {
        atomic_fetch_add(&written, 1);
        watches_touch(watches, run, 0, 1);
    }
    submission_free(run);
    return NULL;
}

/* Who watches and then reads has read the newest, or is touched; the number of missed writes. */
static void *watch_on(void *arg)
{
    size_t *missed = arg;
    for (int i = 0; i < TURNS; i++) {
        struct watcher *watcher = watch("k");
        unsigned long long read = atomic_load(&written);
        for (int spin = 0; spin < 50; spin++)
            cr_assert(watcher_add(watcher, SLICE("other")));
        /* The writer may be between its write and its touch: then that write is on its way. */
        unsigned long long now = atomic_load(&written);
        *missed += now > read + 1 && !watcher_is_touched(watcher);
        watcher_free(watcher);
    }
    return NULL;
}

Test(watch, misses_nothing_among_threads)
{
    pthread_t writer;
    pthread_t readers[2];
    size_t missed[2] = {0};
    cr_assert_eq(pthread_create(&writer, NULL, write_on, NULL), 0);
    for (int i = 0; i < 2; i++)
        cr_assert_eq(pthread_create(&readers[i], NULL, watch_on, &missed[i]), 0);
    for (int i = 0; i < 2; i++)
        pthread_join(readers[i], NULL);
    atomic_store(&over, true);
    pthread_join(writer, NULL);
    cr_assert_eq(missed[0] + missed[1], 0, "%zu writes were missed", missed[0] + missed[1]);
}

/* A connection that was closed with the server is freed behind the store. */
Test(watch, may_end_behind_all_others)
{
    mallopt(M_PERTURB, 0xa5); /* what is freed is overwritten */
    struct watches *own = watches_new();
    struct watcher *watcher = watcher_new(own);
    cr_assert(watcher_add(watcher, SLICE("a")));
    watches_free(own);
    cr_assert(watcher_add(watcher, SLICE("b")));
    watcher_free(watcher);
}
