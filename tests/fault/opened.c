#include "tests/fault/opened.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "server/store/store.h"

/* In place of the C library's, for LevelDB, too: no image has to outlive the test, and syncs are
 * what opening one would take longest for. */
int fdatasync(int fd)
{
    (void)fd;
    return 0;
}

int fsync(int fd)
{
    (void)fd;
    return 0;
}

/* What nothing here takes on any machine. */
#define HANG_SECONDS 60

/* The daemon's, but for the small write buffer; and nothing is written behind the opening. */
static struct store_options choose_options(const char *path, bool paranoid)
{
    return (struct store_options){
        .path = path,
        .paranoid_checks = paranoid,
        .create_if_missing = true,
        .sync_within = STORE_SYNC_ALWAYS,
        .write_buffer = 65536,
        .cache = 1 << 20,
        .bloom_bits = 10,
        .max_open_files = 1000,
        .block_size = 4096,
        .block_restart_interval = 16,
        .max_file_size = 1 << 20,
        .compression = true,
    };
}

/* Reading, in the child ----------------------------------------------------------- */

struct reading {
    struct opened *opened;
    uint32_t *found;
    uint32_t key;
    uint32_t reached; /* of a scan: keys on this side of it were delivered, or are not there */
    bool reverse;
    enum store_scan_state state;
};

static uint32_t read_version(struct slice value, uint32_t key)
{
    uint32_t version = 0;
    return story_read_value(value, key, &version) ? version : OPENED_WRONG;
}

static void got(void *arg, enum status status, struct slice value, const struct store_error *error)
{
    struct reading *reading = arg;
    (void)error;
    uint32_t *found = &reading->found[reading->key];
    if (status == STATUS_OK)
        *found = read_version(value, reading->key);
    else
        *found = status == STATUS_NOT_FOUND ? STORY_ABSENT : OPENED_ERROR;
    reading->opened->errors += *found == OPENED_ERROR;
}

static void get_all(struct store *store, struct opened *opened)
{
    struct reading reading = {.opened = opened, .found = opened->found[OPENED_GET]};
    for (; reading.key < STORY_KEYS; reading.key++)
        store_get(store, (struct store_view){0}, story_key(reading.key), got, &reading);
}

#define TURN_ROWS 7

/* Rows of a turn, until it is known whether it ended well. */
static struct {
    uint32_t keys[TURN_ROWS];
    uint32_t versions[TURN_ROWS];
    unsigned count;
} turn;

static bool take_row(void *arg, struct slice key, struct slice value)
{
    struct reading *reading = arg;
    uint32_t number = 0;
    if (!story_read_key(key, &number)) {
        reading->opened->strange++;
        return true;
    }
    turn.keys[turn.count] = number;
    turn.versions[turn.count] = read_version(value, number);
    return ++turn.count < TURN_ROWS;
}

static void end_turn(void *arg, enum store_scan_state state, const struct store_error *error)
{
    struct reading *reading = arg;
    (void)error;
    reading->state = state;
    if (state == STORE_SCAN_FAILED)
        turn.count = 0;
    for (unsigned i = 0; i < turn.count; i++) {
        reading->found[turn.keys[i]] = turn.versions[i];
        reading->reached = turn.keys[i];
    }
    turn.count = 0;
}

/* What a scan that failed did not come to was not answered. */
static void mark_errors(struct reading *reading, bool any)
{
    reading->opened->errors++;
    for (uint32_t key = 0; key < STORY_KEYS; key++) {
        bool behind = reading->reverse ? key < reading->reached : key > reading->reached;
        if (!any || behind)
            reading->found[key] = OPENED_ERROR;
    }
}

static void scan_all(struct store *store, struct opened *opened, bool reverse)
{
    struct range range;
    struct store_error error;
    struct reading reading = {
        .opened = opened,
        .found = opened->found[reverse ? OPENED_REVERSE : OPENED_SCAN],
        .reverse = reverse,
        .reached = UINT32_MAX,
        .state = STORE_SCAN_PAUSED,
    };
    if (!range_init(&range, SLICE("")))
        abort();
    struct store_scan *scan =
        store_scan_open(store, &range, (struct store_view){0}, reverse, &error);
    if (scan == NULL)
        abort();
    while (reading.state == STORE_SCAN_PAUSED)
        store_scan_next(scan, take_row, end_turn, &reading);
    if (reading.state == STORE_SCAN_FAILED)
        mark_errors(&reading, reading.reached != UINT32_MAX);
    store_scan_close(scan);
}

static void open_and_read(const char *path, bool paranoid, struct opened *opened)
{
    struct store_options options = choose_options(path, paranoid);
    struct store *store = NULL;
    struct store_error error = {.status = STATUS_OK};
    if (!store_open(&store, &options, &error)) {
        memcpy(opened->text, error.text, sizeof(opened->text));
        opened->end = OPENED_REFUSED;
        return;
    }
    get_all(store, opened);
    scan_all(store, opened, false);
    scan_all(store, opened, true);
    store_close(store);
    opened->end = OPENED_SERVED;
}

/* The child ------------------------------------------------------------------------ */

static struct opened *map_result(void)
{
    static struct opened *shared;
    if (shared == NULL)
        shared =
            mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    cr_assert(shared != MAP_FAILED);
    memset(shared, 0, sizeof(*shared));
    shared->end = OPENED_BROKEN;
    return shared;
}

static void run_child(const char *path, bool paranoid, struct opened *opened)
{
    int nothing = open("/dev/null", O_WRONLY | O_CLOEXEC);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    dup2(nothing, STDERR_FILENO); /* the log */
    signal(SIGALRM, SIG_DFL);
    alarm(HANG_SECONDS);
    open_and_read(path, paranoid, opened);
    _exit(0);
}

const struct opened *opened_run(const char *path, bool paranoid)
{
    struct opened *opened = map_result();
    int status = 0;
    pid_t child = fork();
    cr_assert(child >= 0);
    if (child == 0)
        run_child(path, paranoid, opened);
    cr_assert(waitpid(child, &status, 0) == child);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return opened;
    opened->end = OPENED_BROKEN;
    snprintf(opened->text, sizeof(opened->text), "%s %d",
             WIFSIGNALED(status) ? "ended by signal" : "ended with status",
             WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
    return opened;
}

bool opened_agrees(const struct opened *opened, const uint32_t versions[STORY_KEYS], uint32_t *key,
                   enum opened_way *way)
{
    for (*way = OPENED_GET; *way < OPENED_WAYS; (*way)++)
        for (*key = 0; *key < STORY_KEYS; (*key)++) {
            uint32_t found = opened->found[*way][*key];
            if (found != versions[*key] && found != OPENED_ERROR)
                return false;
        }
    return opened->strange == 0;
}
