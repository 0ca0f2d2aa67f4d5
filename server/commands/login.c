#include "commands/login.h"

#include <stdlib.h>

#include "commands/handlers.h"
#include "ops/auth.h"
#include "ops/log.h"
#include "ops/metrics.h"
#include "ops/users.h"

/* Failures are told of once in so many milliseconds at most. */
#define TOLD_MS 1000

struct login {
    struct auth_request request;
    struct call *call;
    void *more;
    void (*free_more)(void *);
};

static void free_login(void *state)
{
    struct login *login = state;
    auth_wipe(&login->request);
    if (login->request.user != NULL)
        users_release(login->request.user);
    if (login->free_more != NULL)
        login->free_more(login->more);
    free(login);
}

/* On a thread of auth's. */
static void verified(struct auth_request *request)
{
    call_wake(((struct login *)request)->call);
}

enum login_begun login_begin(struct call *call, struct slice name, struct slice password,
                             call_fn *resume, void *more, void (*free_more)(void *))
{
    struct login *login = calloc(1, sizeof(*login));
    if (login == NULL) {
        if (free_more != NULL)
            free_more(more);
        return LOGIN_NO_MEMORY;
    }
    login->call = call;
    login->more = more;
    login->free_more = free_more;
    login->request.done = verified;
    login->request.failures = call->login_failures;
    if (!auth_take(&login->request, name, password)) {
        free_login(login);
        return LOGIN_WRONG;
    }
    (void)call_keep(call, login, resume, NULL, free_login);
    if (auth_begin(&login->request))
        return LOGIN_WAITS;
    call_finish(call);
    return LOGIN_CROWDED;
}

/* Where a name is expected people type their password, too: only names that there are are told. */
static void log_failure(const struct call *call, const struct auth_request *request)
{
    static atomic_int_least64_t told;
    struct slice name = slice_of(request->name, request->name_len);
    if (!log_is_due(&told, TOLD_MS))
        return;
    const struct user *user = users_find(name);
    if (request->no_memory)
        log_error("connection %llu: there is no memory to verify a password",
                  (unsigned long long)call->connection);
    else if (user != NULL)
        log_error("connection %llu: a wrong password for %s", (unsigned long long)call->connection,
                  user->name);
    else
        log_error("connection %llu: there is no user of the name that it gave",
                  (unsigned long long)call->connection);
    if (user != NULL)
        users_release(user);
}

bool login_become(struct call *call, const struct user *take_user)
{
    const struct user *former = call->user;
    bool changes = !users_same(former, take_user);
    call->user = take_user;
    users_release(former);
    if (changes) {
        batch_spoil(&call->batch);
        transaction_disown(&call->client.transaction);
    }
    return changes;
}

/* The same user in the table that is in force now, for another may have come while its password was
 * verified; NULL when it is not there, or has another password. */
static const struct user *find_newest(const struct user *take_user)
{
    const struct user *newest = users_renew(take_user);
    users_release(take_user);
    if (newest->name[0] != '\0')
        return newest;
    users_release(newest);
    return NULL;
}

enum status login_settle(struct call *call)
{
    struct login *login = call->state;
    if (login->request.user != NULL)
        login->request.user = find_newest(login->request.user);
    if (login->request.user == NULL) {
        log_failure(call, &login->request);
        return login->request.no_memory ? STATUS_MEMORY : STATUS_WRONGPASS;
    }
    (void)login_become(call, login->request.user);
    login->request.user = NULL;
    call->login_failures = 0;
    metrics_add(&metrics.logins, 1);
    return STATUS_OK;
}

void *login_more(const struct call *call)
{
    return ((const struct login *)call->state)->more;
}

enum call_result login_failed(struct call *call)
{
    metrics_add(&metrics.logins_failed, 1);
    return ++call->login_failures < LOGIN_FAILURES ? CALL_DONE : CALL_CLOSE;
}

void login_forget(struct call *call)
{
    const struct user *user = NULL;
    if (call->certified != NULL)
        user = users_find(slice_from_string(call->certified));
    (void)login_become(call, user == NULL ? users_anonymous() : user);
}

/* AUTH user password --------------------------------------------------------- */

static enum call_result say_wrong(struct call *call)
{
    reply_error(&call->reply, STATUS_WRONGPASS, "%s", status_meaning(STATUS_WRONGPASS));
    return login_failed(call);
}

static enum call_result say_how(struct call *call)
{
    enum status status = login_settle(call);
    if (status == STATUS_MEMORY)
        return call_no_memory(call);
    if (status != STATUS_OK)
        return say_wrong(call);
    reply_ok(&call->reply);
    return CALL_DONE;
}

/* Not in a batch: its writes would be one user's and its COMMIT another's. */
enum call_result login_auth(struct call *call)
{
    if (batch_is_open(&call->batch)) {
        reply_error(&call->reply, STATUS_BATCH, "AUTH cannot be in a batch");
        return CALL_DONE;
    }
    if (!users_exist()) {
        reply_error(&call->reply, STATUS_BADARG, "there are no users; see leveretd --users");
        return CALL_DONE;
    }
    switch (
        login_begin(call, call_argument(call, 0), call_argument(call, 1), say_how, NULL, NULL)) {
    case LOGIN_WAITS:
        return CALL_WAIT;
    case LOGIN_WRONG:
        return say_wrong(call);
    case LOGIN_NO_MEMORY:
        return call_no_memory(call);
    case LOGIN_CROWDED:
        break;
    }
    reply_error(&call->reply, STATUS_LIMIT, "too many log in at a time; try again later");
    return CALL_DONE;
}
