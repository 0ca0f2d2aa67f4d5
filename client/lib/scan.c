/* Scans: one request whose rows are taken one at a time. */
#include <inttypes.h>
#include <stdlib.h>

#include "client/lib/pipeline.h"
#include "client/lib/range.h"
#include "client/lib/session.h"

struct leveret_scan {
    struct leveret *db;
    enum leveret_status state; /* OK while rows may come, then how it ended */
    uint64_t rows;
    bool values_only;
    bool has_more;
    struct buffer more;
};

static enum leveret_status open_rows(struct leveret *db, const struct range_words *words,
                                     bool values_only, struct leveret_scan **scan)
{
    struct leveret_scan *made = calloc(1, sizeof(*made));
    if (made == NULL)
        return connection_fail(db, LEVERET_NO_MEMORY, "no memory for a scan");
    enum leveret_status status = session_request(db, words->items, words->count);
    if (status != LEVERET_OK) {
        free(made);
        return status;
    }
    made->db = db;
    made->values_only = values_only;
    db->streaming = true;
    *scan = made;
    return LEVERET_OK;
}

enum leveret_status leveret_scan_open(struct leveret *db, const struct leveret_range *range,
                                      struct leveret_scan **scan)
{
    struct range_words words;
    enum leveret_status status = session_check_idle(db);
    if (status == LEVERET_OK)
        status = range_words(db, "SCAN", range, &words);
    if (status != LEVERET_OK)
        return status;
    return open_rows(db, &words, (range->flags & LEVERET_VALUES) != 0, scan);
}

enum leveret_status leveret_list_open(struct leveret *db, const struct leveret_range *range,
                                      struct leveret_bytes delimiter, struct leveret_scan **scan)
{
    struct range_words words;
    enum leveret_status status = session_check_idle(db);
    if (status == LEVERET_OK && (range->from.data != NULL || range->to.data != NULL ||
                                 range->through.data != NULL || range->bytes > 0 || range->flags))
        status = connection_fail(db, LEVERET_MISUSE,
                                 "children have a prefix, after, limit and snapshot only");
    if (status == LEVERET_OK)
        status = range_words(db, "LIST", range, &words);
    if (status != LEVERET_OK)
        return status;
    if (delimiter.data != NULL)
        range_add_pair(&words, "DELIM", delimiter);
    return open_rows(db, &words, false, scan);
}

static void keep_more(struct leveret_scan *scan, const struct leveret_answer *ending)
{
    struct leveret_bytes key;
    if (!leveret_answer_more(ending, &key))
        return;
    buffer_append(&scan->more, key.data, key.len);
    scan->has_more = !scan->more.failed;
}

/* How the scan ended, by the server's last line. */
static enum leveret_status finish(struct leveret_scan *scan, const struct leveret_answer *ending)
{
    keep_more(scan, ending);
    if (scan->more.failed)
        return connection_fail(scan->db, LEVERET_NO_MEMORY, "no memory for a key");
    enum leveret_status status = pipeline_conclude(scan->db, ending);
    if (status != LEVERET_OK)
        return status;
    uint64_t count = 0;
    if (leveret_answer_count(ending, &count) && count == scan->rows)
        return LEVERET_END;
    return connection_fail(scan->db, LEVERET_PROTOCOL,
                           "%" PRIu64 " rows came, but the server counted %" PRIu64, scan->rows,
                           count);
}

static enum leveret_status give_row(struct leveret_scan *scan, const struct leveret_answer *row,
                                    struct leveret_bytes *key, struct leveret_bytes *value)
{
    struct leveret_bytes first = leveret_bytes(NULL, 0);
    struct leveret_bytes second = leveret_bytes(NULL, 0);
    struct leveret_bytes third;
    if (leveret_answer_part(row, 2, &third)) {
        connection_drop(scan->db);
        return connection_fail(scan->db, LEVERET_PROTOCOL, "a row of a scan has two parts at most");
    }
    scan->rows++;
    (void)leveret_answer_part(row, 0, scan->values_only ? &second : &first);
    if (!scan->values_only)
        (void)leveret_answer_part(row, 1, &second);
    if (key != NULL)
        *key = first;
    if (value != NULL)
        *value = second;
    return LEVERET_OK;
}

enum leveret_status leveret_scan_next(struct leveret_scan *scan, struct leveret_bytes *key,
                                      struct leveret_bytes *value)
{
    if (scan->state == LEVERET_OK && scan->db->pending == 0) /* somebody disconnected */
        scan->state = connection_fail(scan->db, LEVERET_LOST, "the connection was dropped");
    while (scan->state == LEVERET_OK) {
        const struct leveret_answer *answer = NULL;
        scan->state = pipeline_next(scan->db, &answer);
        if (scan->state != LEVERET_OK)
            break;
        if (leveret_answer_kind(answer) == LEVERET_ROW) {
            scan->state = give_row(scan, answer, key, value);
            return scan->state;
        }
        if (leveret_answer_kind(answer) == LEVERET_ENDING)
            scan->state = finish(scan, answer);
    }
    return scan->state;
}

uint64_t leveret_scan_rows(const struct leveret_scan *scan)
{
    return scan->rows;
}

bool leveret_scan_more(const struct leveret_scan *scan, struct leveret_bytes *key)
{
    if (!scan->has_more)
        return false;
    /* The empty key is a key; NULL would mean "no bound" to the next scan. */
    *key = leveret_bytes(scan->more.len > 0 ? scan->more.data : "", scan->more.len);
    return true;
}

void leveret_scan_close(struct leveret_scan *scan)
{
    if (scan == NULL)
        return;
    if (scan->state == LEVERET_OK)
        connection_drop(scan->db);
    scan->db->streaming = false;
    buffer_fini(&scan->more);
    free(scan);
}
