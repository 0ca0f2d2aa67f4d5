#include "tests/bench/lib/local.h"

#include <unistd.h>

#include "tests/bench/lib/clock.h"
#include "tests/bench/lib/process.h"
#include "tests/bench/lib/rows.h"

#define TURN_SECONDS 1.0
#define BATCH 100

/* The clock is asked once for so many operations. */
#define STRIDE 1000

static void get(struct local *local, char key[ROWS_KEY_LEN])
{
    rows_key(key, rows_random(&local->random) % local->keys);
    (void)store_get(local->store, key, ROWS_KEY_LEN);
}

/* LevelDB's own thread may work on after the last write. */
static void finish(struct turn *turn, double cpu, double operations, double seconds)
{
    process_settle(getpid());
    turn->figure = operations / seconds;
    turn->client_cpu = (process_cpu(getpid()) - cpu) * 1e6 / operations;
}

void local_get(void *how, struct turn *turn)
{
    struct local *local = how;
    char key[ROWS_KEY_LEN];
    double operations = 0;
    double cpu = process_cpu(getpid());
    double start = clock_now();
    double seconds = 0;
    while (seconds < TURN_SECONDS) {
        for (int i = 0; i < STRIDE; i++)
            get(local, key);
        operations += STRIDE;
        seconds = clock_now() - start;
    }
    finish(turn, cpu, operations, seconds);
}

void local_write(void *how, struct turn *turn)
{
    struct local *local = how;
    char key[ROWS_KEY_LEN];
    char value[ROWS_VALUE_LEN];
    double operations = 0;
    double cpu = process_cpu(getpid());
    double start = clock_now();
    double seconds = 0;
    rows_value(value, 0); /* the loaders store one value, too */
    while (seconds < TURN_SECONDS) {
        bool due = start + seconds - local->synced >= 1;
        for (int i = 0; i < BATCH; i++) {
            rows_key(key, rows_random(&local->random) % local->keys);
            store_gather(local->store, key, sizeof(key), value, sizeof(value));
        }
        store_write(local->store, due);
        operations += BATCH;
        local->synced = due ? start + seconds : local->synced;
        seconds = clock_now() - start;
    }
    finish(turn, cpu, operations, seconds);
}

void local_iterate(void *how, struct turn *turn)
{
    struct local *local = how;
    double cpu = process_cpu(getpid());
    turn->figure = store_iterate(local->store, &local->rows);
    turn->client_cpu = (process_cpu(getpid()) - cpu) * 1e6 / (double)local->rows;
}
