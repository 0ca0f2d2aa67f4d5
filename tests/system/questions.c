#include "tests/system/questions.h"

/* What the makers of requests work with. */
struct maker {
    struct ask *ask;
    struct chance *chance;
    const struct twin *twin;
    const struct twin_session *session;
};

static size_t below(const struct maker *maker, size_t limit)
{
    return chance_below(maker->chance, limit);
}

/* True once in so many times. */
static bool once_in(const struct maker *maker, size_t times)
{
    return below(maker, times) == 0;
}

/* Keys and values ---------------------------------------------------------- */

#define LONGEST_KEY 300
#define LONGEST_VALUE 3000

/* At most that many bytes of the alphabet; now and then many more, all but the first the same. */
static void add_key(const struct maker *maker, size_t most)
{
    static const char alphabet[] = {'\0', ':', ':', 'a', 'a', 'b', '\xff', '\xff'};
    char key[LONGEST_KEY];
    size_t len = below(maker, most + 1);
    for (size_t i = 0; i < len; i++)
        key[i] = alphabet[below(maker, sizeof(alphabet))];
    if (len > 0 && once_in(maker, 40)) {
        size_t more = once_in(maker, 4) ? LONGEST_KEY - len : below(maker, 5);
        memset(key + len, key[len - 1], more);
        len += more;
    }
    ask_add(maker->ask, slice_of(key, len));
}

static void add_value(const struct maker *maker)
{
    static const char *const numbers[] = {
        "0",  "-1",   "7",      "-0", "007", "1.5", "9223372036854775807", "-9223372036854775808",
        "42", "1000", "ABSENT", "NX"};
    char value[LONGEST_VALUE];
    size_t way = below(maker, 100);
    size_t len = way < 60   ? below(maker, 20)
                 : way < 97 ? below(maker, 120)
                            : below(maker, LONGEST_VALUE);
    if (way < 40) {
        ask_word(maker->ask, numbers[below(maker, sizeof(numbers) / sizeof(numbers[0]))]);
        return;
    }
    chance_bytes(maker->chance, value, len);
    ask_add(maker->ask, slice_of(value, len));
}

/* What the last key of the request holds; often enough something else. */
static void add_old_value(const struct maker *maker, size_t key)
{
    struct buffer whole = {0};
    buffer_append_slice(&whole, buffer_slice(&maker->session->within));
    buffer_append_slice(&whole, ask_token(maker->ask, key));
    const struct model_row *row = model_find(&maker->twin->model, buffer_slice(&whole));
    if (row == NULL || once_in(maker, 3))
        add_value(maker);
    else
        ask_add(maker->ask, buffer_slice(&row->value));
    buffer_fini(&whole);
}

/* Words -------------------------------------------------------------------- */

/* Adds the id of a snapshot, open or let go, or of none that ever was. */
static void add_snapshot(const struct maker *maker)
{
    const struct twin_snapshot *snapshot = &maker->twin->snapshots[below(maker, TWIN_SNAPSHOTS)];
    if (snapshot->id.len == 0 || once_in(maker, 20))
        ask_number(maker->ask, below(maker, 1000));
    else
        ask_add(maker->ask, buffer_slice(&snapshot->id));
}

static void add_view(const struct maker *maker)
{
    if (!once_in(maker, 3))
        return;
    ask_word(maker->ask, "AT");
    if (once_in(maker, 10))
        ask_word(maker->ask, "now");
    else
        add_snapshot(maker);
}

/* VERIFY and NOCACHE, which change no reply. */
static void add_manners(const struct maker *maker)
{
    if (once_in(maker, 8))
        ask_word(maker->ask, "VERIFY");
    if (once_in(maker, 8))
        ask_word(maker->ask, "nocache");
}

static void add_bounds(const struct maker *maker)
{
    static const char *const low[] = {"FROM", "AFTER", "after"};
    static const char *const high[] = {"TO", "THROUGH", "to"};
    if (once_in(maker, 3)) {
        ask_word(maker->ask, low[below(maker, 3)]);
        add_key(maker, 3);
    }
    if (once_in(maker, 3)) {
        ask_word(maker->ask, high[below(maker, 3)]);
        add_key(maker, 3);
    }
}

static void add_limit(const struct maker *maker, const char *word, size_t most)
{
    if (!once_in(maker, 3))
        return;
    ask_word(maker->ask, word);
    ask_number(maker->ask, once_in(maker, 50) ? 0 : 1 + below(maker, most));
}

/* Requests ----------------------------------------------------------------- */

static void add_keys(const struct maker *maker)
{
    for (size_t count = 1 + below(maker, 6); count > 0; count--)
        add_key(maker, 4);
}

static void make_put(const struct maker *maker)
{
    ask_begin(maker->ask, once_in(maker, 5) ? "SET" : "PUT");
    add_key(maker, 4);
    add_value(maker);
    size_t way = below(maker, 8);
    if (way == 0) {
        ask_word(maker->ask, "NX");
    } else if (way == 1) {
        ask_word(maker->ask, "xx");
    } else if (way == 2) {
        ask_word(maker->ask, "IFEQ");
        add_old_value(maker, 1);
    }
}

static void make_mput(const struct maker *maker)
{
    ask_begin(maker->ask, "MPUT");
    for (size_t count = 1 + below(maker, 5); count > 0; count--) {
        add_key(maker, 4);
        add_value(maker);
    }
}

static void make_del(const struct maker *maker)
{
    ask_begin(maker->ask, once_in(maker, 5) ? "DELETE" : "DEL");
    add_keys(maker);
}

static void make_delifeq(const struct maker *maker)
{
    ask_begin(maker->ask, "DELIFEQ");
    add_key(maker, 4);
    add_old_value(maker, 1);
}

static void make_incr(const struct maker *maker)
{
    static const char *const deltas[] = {"1", "-1", "1000000", "9223372036854775807", "-5", "many"};
    ask_begin(maker->ask, "INCR");
    add_key(maker, 2);
    if (once_in(maker, 2))
        ask_word(maker->ask, deltas[below(maker, sizeof(deltas) / sizeof(deltas[0]))]);
}

static void make_get(const struct maker *maker)
{
    ask_begin(maker->ask, "GET");
    add_key(maker, 4);
    add_view(maker);
    add_manners(maker);
}

static void make_mget(const struct maker *maker)
{
    ask_begin(maker->ask, "MGET");
    add_keys(maker);
    add_view(maker);
}

static void make_exists(const struct maker *maker)
{
    ask_begin(maker->ask, "EXISTS");
    add_keys(maker);
}

static void make_scan(const struct maker *maker)
{
    ask_begin(maker->ask, "SCAN");
    add_key(maker, 2);
    add_limit(maker, "LIMIT", 40);
    add_bounds(maker);
    add_limit(maker, "BYTES", 400);
    if (once_in(maker, 2))
        ask_word(maker->ask, "REVERSE");
    if (once_in(maker, 3))
        ask_word(maker->ask, once_in(maker, 2) ? "KEYS" : "values");
    add_manners(maker);
    add_view(maker);
}

static void make_count(const struct maker *maker)
{
    ask_begin(maker->ask, "COUNT");
    add_key(maker, 2);
    add_view(maker);
    add_bounds(maker);
    if (once_in(maker, 2))
        ask_word(maker->ask, "reverse");
    add_limit(maker, "LIMIT", 100);
    add_manners(maker);
}

static void make_list(const struct maker *maker)
{
    static const char *const delims[] = {":", "a", "\xff", "a:", "\xff\xff", "b"};
    ask_begin(maker->ask, "LIST");
    add_key(maker, 2);
    if (once_in(maker, 2)) {
        ask_word(maker->ask, "DELIM");
        ask_word(maker->ask, delims[below(maker, sizeof(delims) / sizeof(delims[0]))]);
    }
    if (once_in(maker, 3)) {
        ask_word(maker->ask, "AFTER");
        add_key(maker, 4);
    }
    add_limit(maker, "LIMIT", 10);
    add_view(maker);
}

static void make_begin(const struct maker *maker)
{
    ask_begin(maker->ask, "BEGIN");
}

static void make_check(const struct maker *maker)
{
    ask_begin(maker->ask, "CHECK");
    add_key(maker, 4);
    if (once_in(maker, 4)) {
        ask_word(maker->ask, "absent");
        return;
    }
    if (once_in(maker, 2))
        ask_word(maker->ask, "IFEQ");
    add_old_value(maker, 1);
}

static void make_commit(const struct maker *maker)
{
    ask_begin(maker->ask, "COMMIT");
}

static void make_abort(const struct maker *maker)
{
    ask_begin(maker->ask, "ABORT");
}

/* Long enough not to run out in a run; how a lease runs out is another test's story. */
static void make_snapshot(const struct maker *maker)
{
    ask_begin(maker->ask, "SNAPSHOT");
    ask_word(maker->ask, "TTL");
    ask_number(maker->ask, once_in(maker, 20) ? 86401 * below(maker, 2) : 3600);
}

static void make_release(const struct maker *maker)
{
    ask_begin(maker->ask, "RELEASE");
    add_snapshot(maker);
}

static void make_use(const struct maker *maker)
{
    char large[700];
    ask_begin(maker->ask, "USE");
    if (once_in(maker, 3))
        return;
    if (once_in(maker, 3))
        ask_word(maker->ask, "+");
    if (once_in(maker, 40)) {
        memset(large, 'a', sizeof(large));
        ask_add(maker->ask, slice_of(large, sizeof(large)));
    } else {
        add_key(maker, 1);
    }
}

static void make_delprefix(const struct maker *maker)
{
    ask_begin(maker->ask, "DELPREFIX");
    add_key(maker, 3);
    add_bounds(maker);
    if (once_in(maker, 3))
        ask_word(maker->ask, "DRYRUN");
}

static void make_sync(const struct maker *maker)
{
    ask_begin(maker->ask, "SYNC");
}

static void make_compact(const struct maker *maker)
{
    ask_begin(maker->ask, "COMPACT");
    if (once_in(maker, 2))
        return;
    add_key(maker, 1);
    add_bounds(maker);
}

static void make_ping(const struct maker *maker)
{
    ask_begin(maker->ask, "PING");
    if (once_in(maker, 2))
        add_value(maker);
}

/* How often each comes, in 10,000. */
static const struct {
    unsigned weight;
    void (*make)(const struct maker *maker);
} kinds[] = {
    {2500, make_put},   {600, make_mput},   {900, make_del},      {300, make_delifeq},
    {600, make_incr},   {1300, make_get},   {500, make_mget},     {300, make_exists},
    {900, make_scan},   {500, make_count},  {500, make_list},     {200, make_begin},
    {200, make_check},  {200, make_commit}, {60, make_abort},     {60, make_snapshot},
    {60, make_release}, {150, make_use},    {80, make_delprefix}, {20, make_sync},
    {3, make_compact},  {68, make_ping},
};

/* Makes the request a little wrong. It may turn out right. */
static void damage(const struct maker *maker)
{
    static const char *const words[] = {"REVERSE", "LIMIT", "FROM", "IFEQ", "AT",
                                        "KEYS",    "TTL",   "-1",   "maybe"};
    struct ask *ask = maker->ask;
    const char *word = words[below(maker, sizeof(words) / sizeof(words[0]))];
    switch (below(maker, 6)) {
    case 0:
        ask->open = true;
        break;
    case 1:
        ask_begin(ask, "FROB");
        break;
    case 2:
        ask->count -= ask->count > 1;
        break;
    case 3:
        ask_add(ask, slice_from_string(word));
        break;
    case 4:
        add_key(maker, 3);
        break;
    default:
        if (ask->count > 1) {
            struct buffer *token = &ask->tokens[1 + below(maker, ask->count - 1)];
            buffer_clear(token);
            buffer_append_string(token, word);
        }
    }
}

void questions_make(struct ask *ask, struct chance *chance, const struct twin *twin, size_t session)
{
    struct maker maker = {ask, chance, twin, &twin->sessions[session]};
    size_t total = 0;
    size_t at = 0;
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
        total += kinds[i].weight;
    for (size_t left = chance_below(chance, total); left >= kinds[at].weight; at++)
        left -= kinds[at].weight;
    kinds[at].make(&maker);
    if (once_in(&maker, 40))
        damage(&maker);
}
