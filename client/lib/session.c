#include "client/lib/session.h"

#include <stdlib.h>

#include "client/lib/pipeline.h"

enum leveret_status session_check_idle(struct leveret *db)
{
    if (db->pending == 0 && !db->streaming)
        return LEVERET_OK;
    return connection_fail(db, LEVERET_MISUSE, "earlier requests are still unanswered");
}

struct leveret_bytes leveret_prefix(const struct leveret *db)
{
    return leveret_bytes(db->prefix.len > 0 ? db->prefix.data : "", db->prefix.len);
}

/* One request ahead of the caller's own, and the last line of its reply. */
static enum leveret_status ask(struct leveret *db, const struct leveret_bytes *words, size_t count,
                               const struct leveret_answer **ending)
{
    enum leveret_status status = pipeline_add(db, words, count);
    while (status == LEVERET_OK) {
        status = pipeline_next(db, ending);
        if (status == LEVERET_OK && leveret_answer_kind(*ending) == LEVERET_ENDING)
            break;
    }
    return status;
}

/* The server must name the very prefix that was asked for. */
static enum leveret_status agree(struct leveret *db, const struct leveret_answer *ending)
{
    struct leveret_bytes prefix = leveret_prefix(db);
    struct leveret_bytes said;
    enum leveret_status status = pipeline_conclude(db, ending);
    if (status == LEVERET_ERROR)
        return status;
    if (status != LEVERET_OK || !leveret_answer_value(ending, &said) || said.len != prefix.len ||
        memcmp(said.data, prefix.data, prefix.len) != 0)
        return pipeline_unexpected(db);
    db->in_prefix = true;
    return LEVERET_OK;
}

/* Tells the server the prefix and waits until it agrees. Requests could follow at once, but they
 * would go to other keys if it did not. */
static enum leveret_status enter_prefix(struct leveret *db)
{
    struct leveret_bytes words[] = {leveret_text("USE"), leveret_prefix(db)};
    const struct leveret_answer *ending = NULL;
    enum leveret_status status = ask(db, words, db->prefix.len > 0 ? 2 : 1, &ending);
    return status == LEVERET_OK ? agree(db, ending) : status;
}

/* The same with user and password. The room is made before the password is in it, for what grows
 * leaves its bytes behind. */
static enum leveret_status log_in(struct leveret *db)
{
    struct leveret_bytes words[] = {leveret_text("AUTH"), leveret_text(db->user),
                                    leveret_text(db->password)};
    const struct leveret_answer *ending = NULL;
    if (!buffer_reserve(&db->out, 4 * (words[1].len + words[2].len) + 16))
        return connection_fail(db, LEVERET_NO_MEMORY, "no memory to log in");
    enum leveret_status status = ask(db, words, 3, &ending);
    if (connection_unsent(db) == 0 && db->out.data != NULL)
        explicit_bzero(db->out.data, db->out.cap);
    if (status == LEVERET_OK)
        status = pipeline_conclude(db, ending);
    if (status == LEVERET_NOT_FOUND || status == LEVERET_CONFLICT)
        return pipeline_unexpected(db);
    db->logged_in = status == LEVERET_OK;
    return status;
}

/* Until such a step is done the connection is still being made, so the wait is bounded even for
 * those who wait for replies without end. */
static enum leveret_status take_step(struct leveret *db,
                                     enum leveret_status (*step)(struct leveret *db))
{
    unsigned quiet_ms = db->quiet_ms;
    if (quiet_ms == 0 || (db->connect_ms > 0 && db->connect_ms < quiet_ms))
        db->quiet_ms = db->connect_ms;
    enum leveret_status status = step(db);
    db->quiet_ms = quiet_ms;
    return status;
}

/* A connection that stands. Who fails to log in or to enter has none. */
static enum leveret_status complete(struct leveret *db)
{
    enum leveret_status status = LEVERET_OK;
    if (db->user != NULL && !db->logged_in)
        status = take_step(db, log_in);
    if (status == LEVERET_OK && db->prefix.len > 0 && !db->in_prefix)
        status = take_step(db, enter_prefix);
    if (status != LEVERET_OK)
        connection_drop(db);
    return status;
}

static enum leveret_status ensure(struct leveret *db)
{
    enum leveret_status status = connection_ensure(db);
    return status == LEVERET_OK ? complete(db) : status;
}

enum leveret_status session_make_way(struct leveret *db)
{
    enum leveret_status status = ensure(db);
    return status == LEVERET_OK ? pipeline_make_room(db) : status;
}

enum leveret_status session_request(struct leveret *db, const struct leveret_bytes *words,
                                    size_t count)
{
    enum leveret_status status = session_make_way(db);
    return status == LEVERET_OK ? pipeline_add(db, words, count) : status;
}

enum leveret_status leveret_connect(struct leveret *db)
{
    return ensure(db);
}

/* A connection that stands is told of the new prefix; a new one is told when it is made. */
static enum leveret_status change_prefix(struct leveret *db)
{
    if (db->prefix.failed)
        return connection_fail(db, LEVERET_NO_MEMORY, "no memory for a prefix");
    bool stands = leveret_connected(db) && (db->user == NULL || db->logged_in);
    return stands ? take_step(db, enter_prefix) : ensure(db);
}

enum leveret_status leveret_use(struct leveret *db, struct leveret_bytes prefix)
{
    enum leveret_status status = session_check_idle(db);
    if (status != LEVERET_OK)
        return status;
    struct buffer before = db->prefix; /* `prefix` may borrow from it */
    db->prefix = (struct buffer){0};
    buffer_append(&db->prefix, prefix.data, prefix.len);
    status = change_prefix(db);
    if (status == LEVERET_OK) {
        buffer_fini(&before);
        return LEVERET_OK;
    }
    buffer_fini(&db->prefix);
    db->prefix = before;
    return status;
}

/* Login --------------------------------------------------------------------- */

static enum leveret_status check_login(struct leveret *db, const char *user, const char *password)
{
    enum leveret_status status = session_check_idle(db);
    if (status == LEVERET_OK && db->in_batch)
        status = connection_fail(db, LEVERET_MISUSE, "a batch is open");
    if (status == LEVERET_OK && user != NULL && password == NULL)
        status = connection_fail(db, LEVERET_MISUSE, "a user comes with a password");
    return status;
}

enum leveret_status leveret_set_login(struct leveret *db, const char *user, const char *password)
{
    enum leveret_status status = check_login(db, user, password);
    if (status != LEVERET_OK)
        return status;
    char *new_user = user == NULL ? NULL : strdup(user);
    char *new_password = user == NULL ? NULL : strdup(password);
    if (user != NULL && (new_user == NULL || new_password == NULL)) {
        free(new_user);
        free(new_password);
        return connection_fail(db, LEVERET_NO_MEMORY, "no memory for a login");
    }
    connection_forget_login(db);
    db->user = new_user;
    db->password = new_password;
    if (user == NULL && db->logged_in)
        connection_drop(db); /* there is no word for leaving */
    db->logged_in = false;
    db->in_prefix = false; /* a server may have users begin anew */
    return LEVERET_OK;
}

enum leveret_status leveret_login(struct leveret *db, const char *user, const char *password)
{
    char *old_user = db->user;
    char *old_password = db->password;
    if (user == NULL)
        return connection_fail(db, LEVERET_MISUSE, "a user is needed");
    db->user = NULL;
    db->password = NULL;
    enum leveret_status status = leveret_set_login(db, user, password);
    if (status == LEVERET_OK)
        status = ensure(db);
    if (status != LEVERET_OK) {
        connection_forget_login(db);
        db->user = old_user;
        db->password = old_password;
        return status;
    }
    if (old_password != NULL)
        explicit_bzero(old_password, strlen(old_password));
    free(old_user);
    free(old_password);
    return LEVERET_OK;
}
