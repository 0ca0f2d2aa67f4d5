#include "storage.h"

#include "ops/log.h"
#include "ops/notify.h"

/* What opening needs, on the thread that does it. */
struct opening {
    struct store_options options;
    struct store *store; /* NULL: see the error */
    struct store_error error;
};

static void open_store(void *arg)
{
    struct opening *opening = arg;
    if (!store_open(&opening->store, &opening->options, &opening->error))
        opening->store = NULL;
}

enum chore_result storage_open(const struct config *config, int signals, struct store **store)
{
    static struct opening opening; /* the thread may outlive this call */
    opening.options = config_store(config, config->data);
    enum chore_result result =
        chore_run("opening", open_store, &opening, signals, 0, notify_opening);
    if (result != CHORE_DONE)
        return result;
    *store = opening.store;
    if (*store == NULL)
        log_error("cannot open the data: %s", opening.error.text);
    return CHORE_DONE;
}

static void close_store(void *arg)
{
    store_close(arg);
}

enum chore_result storage_close(struct store *store, int signals, int64_t deadline)
{
    return chore_run("closing", close_store, store, signals, deadline, NULL);
}
