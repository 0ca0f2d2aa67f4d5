#include "tests/fault/attack.h"

#include <criterion/criterion.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <unistd.h>

#include "tests/lib/count.h"
#include "tests/lib/deadline.h"
#include "tests/lib/rounds.h"

#define KIB ((size_t)1024)
#define MIB (KIB * KIB)

/* What the daemon may keep when all have gone. The allocator gives back less than it was given:
 * from the first large request on it keeps room for such, some 40 MB for each of two workers. */
#define MEMORY_KEPT (192 * MIB)

/* Share of one processor while all are stuck, in hundredths. Five are meant; one that spins takes a
 * hundred, or what it gets of them on a busy machine. */
#define BUSY 30

/* The longest wait of the neighbour, in microseconds, before the daemon counts as standing still.
 */
#define STANDSTILL (15 * INT64_C(1000000))

/* Tolls -------------------------------------------------------------------- */

/* Processor time of the daemon so far, in milliseconds. */
static int64_t processor_time(const struct daemon *server)
{
    char path[64];
    unsigned long user = 0;
    unsigned long system = 0;
    snprintf(path, sizeof(path), "/proc/%d/stat", daemon_pid(server));
    FILE *file = fopen(path, "r");
    cr_assert(file != NULL);
    cr_assert_eq(fscanf(file, "%*d (%*[^)]) %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu",
                        &user, &system),
                 2);
    fclose(file);
    return (int64_t)(user + system) * 1000 / sysconf(_SC_CLK_TCK);
}

/* The share of one processor that the daemon takes for a while without being asked anything. */
static unsigned idle_share(const struct daemon *server)
{
    int64_t before = processor_time(server);
    int64_t start = deadline_now();
    poll(NULL, 0, 1000);
    return (unsigned)((processor_time(server) - before) * 100 / (deadline_now() - start));
}

/* Forgets the most memory that the daemon ever had. Where that is not allowed it is remembered, and
 * the figure is that of an earlier attack or of this one, whichever took more. */
static void forget_peak(const struct daemon *server)
{
    char path[64];
    snprintf(path, sizeof(path), "/proc/%d/clear_refs", daemon_pid(server));
    FILE *file = fopen(path, "w");
    if (file == NULL)
        return;
    fputs("5", file);
    fclose(file);
}

static size_t read_peak(const struct daemon *server)
{
    char path[64];
    char line[128];
    size_t kilobytes = 0;
    snprintf(path, sizeof(path), "/proc/%d/status", daemon_pid(server));
    FILE *file = fopen(path, "r");
    cr_assert(file != NULL);
    while (fgets(line, sizeof(line), file) != NULL)
        sscanf(line, "VmHWM: %zu", &kilobytes);
    fclose(file);
    return kilobytes * KIB;
}

/* Attacks ---------------------------------------------------------------- */

static int64_t asking_time(void)
{
    return (int64_t)rounds_choose(700, 5000);
}

struct attack attack_begin(struct daemon *server, struct wire *wire, const char *name, size_t count,
                           const struct mob_script *script)
{
    struct attack attack = {.server = server, .wire = wire, .name = name, .count = count};
    attack.quiet = neighbour_ask(wire, (int)asking_time());
    attack.memory = daemon_rss(server);
    forget_peak(server);
    attack.began = deadline_now();
    attack.mob = mob_start(daemon_port(server), count, script);
    return attack;
}

void attack_endure(const struct attack *attack)
{
    struct neighbour_waits waits = neighbour_ask(attack->wire, (int)asking_time());
    rounds_tell("%s, %zu peers: neighbour's p99 %" PRId64 " us (quiet %" PRId64
                "), longest %" PRId64 " us (quiet %" PRId64 ")",
                attack->name, attack->count, waits.p99, attack->quiet.p99, waits.longest,
                attack->quiet.longest);
    cr_assert(waits.longest < STANDSTILL, "%s: the neighbour waited %" PRId64 " us", attack->name,
              waits.longest);
}

void attack_weigh(const struct attack *attack, size_t most_each)
{
    size_t now = daemon_rss(attack->server);
    size_t grown = now < attack->memory ? 0 : now - attack->memory;
    rounds_tell("%s: %zu bytes of memory a peer", attack->name, grown / attack->count);
    cr_assert(grown / attack->count < most_each, "%s: %zu bytes a peer", attack->name,
              grown / attack->count);
}

void attack_weigh_peak(const struct attack *attack, size_t most_each)
{
    size_t peak = read_peak(attack->server);
    size_t grown = peak < attack->memory ? 0 : peak - attack->memory;
    rounds_tell("%s: %zu bytes of memory a peer at the most", attack->name, grown / attack->count);
    cr_assert(grown / attack->count < most_each, "%s: %zu bytes a peer", attack->name,
              grown / attack->count);
}

void attack_idle(const struct attack *attack)
{
    unsigned share = idle_share(attack->server);
    rounds_tell("%s: %u %% of a processor while they are stuck", attack->name, share);
    cr_assert(share < BUSY, "%s: %u %%", attack->name, share);
}

void attack_end(struct attack *attack)
{
    mob_await_gone(attack->mob, attack->count);
    rounds_tell("%s: all let go after %.1f s", attack->name,
                (double)(deadline_now() - attack->began) / 1000);
    attack_stop(attack);
}

void attack_stop(struct attack *attack)
{
    mob_stop(attack->mob);
    count_await(attack->wire, "connections", 1);
    size_t now = daemon_rss(attack->server);
    cr_assert(now < attack->memory + MEMORY_KEPT, "%s: %zu bytes before, %zu after", attack->name,
              attack->memory, now);
}
