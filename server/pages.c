#include "pages.h"

#include <time.h>

#include "exposition.h"

#define PLAIN_TYPE "text/plain; charset=utf-8"

#define OK 200
#define NOT_FOUND 404
#define UNAVAILABLE 503

void pages_init(struct pages *pages)
{
    *pages = (struct pages){.state = PAGES_STARTING};
    pthread_mutex_init(&pages->writing, NULL);
}

void pages_serve(struct pages *pages, const struct facts *facts)
{
    pages->facts = facts;
    atomic_store(&pages->state, PAGES_SERVING);
}

void pages_stop(struct pages *pages)
{
    atomic_store(&pages->state, PAGES_STOPPING);
}

bool pages_settle(struct pages *pages, int64_t deadline)
{
    struct timespec until = {.tv_sec = deadline / 1000, .tv_nsec = deadline % 1000 * 1000000};
    if (pthread_mutex_clocklock(&pages->writing, CLOCK_MONOTONIC, &until) != 0)
        return false;
    pthread_mutex_unlock(&pages->writing);
    return true;
}

static void say(struct pages_answer *answer, int status, const char *text)
{
    answer->status = status;
    answer->type = PLAIN_TYPE;
    buffer_append_string(&answer->text, text);
    buffer_append_byte(&answer->text, '\n');
}

/* The pages ------------------------------------------------------------------ */

static void show_index(const struct facts *facts, struct pages_answer *answer)
{
    (void)facts;
    say(answer, OK, "leveretd " LEVERET_VERSION ": /metrics /healthz /readyz");
}

static void show_health(const struct facts *facts, struct pages_answer *answer)
{
    (void)facts;
    say(answer, OK, "ok");
}

static void show_readiness(const struct facts *facts, struct pages_answer *answer)
{
    struct store_health health;
    store_tell_health(facts->store, &health);
    if (health.writable) {
        say(answer, OK, "ready");
        return;
    }
    buffer_append_string(&answer->text, "read-only: ");
    say(answer, UNAVAILABLE, health.because);
}

static void show_metrics(const struct facts *facts, struct pages_answer *answer)
{
    if (exposition_write(facts, &answer->text)) {
        answer->status = OK;
        answer->type = EXPOSITION_TYPE;
        return;
    }
    answer->text.failed = false;
    buffer_clear(&answer->text);
    say(answer, UNAVAILABLE, "there is no memory");
}

/* Finding them ----------------------------------------------------------------- */

static const struct page {
    const char *path;
    bool looks; /* at the facts */
    void (*show)(const struct facts *facts, struct pages_answer *answer);
} all[] = {
    {"/", false, show_index},
    {"/healthz", false, show_health},
    {"/readyz", true, show_readiness},
    {"/metrics", true, show_metrics},
};

static const struct page *find(const char *path)
{
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
        if (strcmp(path, all[i].path) == 0)
            return &all[i];
    return NULL;
}

/* The state is looked at under the lock, so that no page begins behind pages_settle. */
static void look(struct pages *pages, const struct page *page, struct pages_answer *answer)
{
    pthread_mutex_lock(&pages->writing);
    enum pages_state state = atomic_load(&pages->state);
    if (state == PAGES_SERVING)
        page->show(pages->facts, answer);
    else
        say(answer, UNAVAILABLE, state == PAGES_STARTING ? "starting" : "stopping");
    pthread_mutex_unlock(&pages->writing);
}

void pages_answer(struct pages *pages, const char *path, struct pages_answer *answer)
{
    const struct page *page = path == NULL ? NULL : find(path);
    if (page == NULL)
        say(answer, NOT_FOUND, "there are /metrics, /healthz and /readyz");
    else if (page->looks)
        look(pages, page, answer);
    else
        page->show(NULL, answer);
}
