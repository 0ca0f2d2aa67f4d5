/* A change feed: one request whose rows go on without end. */
#include <stdlib.h>

#include "client/lib/pipeline.h"
#include "client/lib/session.h"

struct leveret_follow {
    struct leveret *db;
    enum leveret_status state; /* OK while changes may come, then how it ended */
    struct buffer sequence;    /* the latest */
};

enum leveret_status leveret_follow_open(struct leveret *db, struct leveret_bytes prefix,
                                        struct leveret_bytes from, struct leveret_follow **follow)
{
    struct leveret_bytes words[] = {leveret_text("FOLLOW"), prefix, leveret_text("FROM"), from};
    enum leveret_status status = session_check_idle(db);
    if (status != LEVERET_OK)
        return status;
    struct leveret_follow *made = calloc(1, sizeof(*made));
    if (made == NULL)
        return connection_fail(db, LEVERET_NO_MEMORY, "no memory for a feed");
    status = session_request(db, words, from.data == NULL ? 2 : 4);
    if (status != LEVERET_OK) {
        free(made);
        return status;
    }
    made->db = db;
    db->streaming = true;
    *follow = made;
    return LEVERET_OK;
}

static size_t parts_count(const struct leveret_answer *row)
{
    struct leveret_bytes part;
    size_t count = 0;
    while (leveret_answer_part(row, count, &part))
        count++;
    return count;
}

/* What a row of the feed says. False when it is none. */
static bool read_change(const struct leveret_answer *row, struct leveret_change *change)
{
    static const struct {
        struct slice word;
        enum leveret_change_kind kind;
        size_t parts;
    } kinds[] = {{{"PUT", 3}, LEVERET_CHANGE_PUT, 4},
                 {{"DEL", 3}, LEVERET_CHANGE_DEL, 3},
                 {{"SEQ", 3}, LEVERET_CHANGE_NONE, 2}};
    struct leveret_bytes word = leveret_text("");
    size_t parts = parts_count(row);
    (void)leveret_answer_part(row, 0, &word);
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (parts != kinds[i].parts || !slice_equal(slice_of(word.data, word.len), kinds[i].word))
            continue;
        *change = (struct leveret_change){.kind = kinds[i].kind};
        if (parts > 2)
            (void)leveret_answer_part(row, 1, &change->key);
        if (parts > 3)
            (void)leveret_answer_part(row, 2, &change->value);
        (void)leveret_answer_part(row, parts - 1, &change->sequence);
        return true;
    }
    return false;
}

static enum leveret_status give_change(struct leveret_follow *follow,
                                       const struct leveret_answer *row,
                                       struct leveret_change *change)
{
    struct leveret_change read;
    if (!read_change(row, &read))
        return pipeline_unexpected(follow->db);
    buffer_clear(&follow->sequence);
    buffer_append(&follow->sequence, read.sequence.data, read.sequence.len);
    if (follow->sequence.failed) {
        connection_drop(follow->db);
        return connection_fail(follow->db, LEVERET_NO_MEMORY, "no memory for a sequence");
    }
    *change = read;
    return LEVERET_OK;
}

enum leveret_status leveret_follow_next(struct leveret_follow *follow,
                                        struct leveret_change *change)
{
    struct leveret *db = follow->db;
    if (follow->state == LEVERET_OK && db->pending == 0) /* somebody disconnected */
        follow->state = connection_fail(db, LEVERET_LOST, "the connection was dropped");
    while (follow->state == LEVERET_OK) {
        const struct leveret_answer *answer = NULL;
        follow->state = pipeline_next(db, &answer);
        if (follow->state != LEVERET_OK)
            break;
        if (leveret_answer_kind(answer) == LEVERET_ROW) {
            follow->state = give_change(follow, answer, change);
            return follow->state;
        }
        if (leveret_answer_kind(answer) == LEVERET_ENDING) {
            enum leveret_status status = pipeline_conclude(db, answer);
            follow->state = status == LEVERET_ERROR ? status : pipeline_unexpected(db);
        }
    }
    return follow->state;
}

struct leveret_bytes leveret_follow_sequence(const struct leveret_follow *follow)
{
    return leveret_bytes(follow->sequence.len > 0 ? follow->sequence.data : NULL,
                         follow->sequence.len);
}

void leveret_follow_close(struct leveret_follow *follow)
{
    if (follow == NULL)
        return;
    if (follow->state == LEVERET_OK)
        connection_drop(follow->db);
    follow->db->streaming = false;
    buffer_fini(&follow->sequence);
    free(follow);
}
