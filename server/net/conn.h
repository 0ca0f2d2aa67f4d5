/*
 * A connection: one peer, its unfinished input and unsent output, and the one call it makes.
 *
 *            +--------------- a reply is complete ----------------+
 *            v                                                    |
 *         READING --- writes gathered ---> WAITING ---------------+
 *            |  |                            ^ | work is done     |
 *            |  |          work to wait for  | v                  |
 *            |  +------- more rows ------> STREAMING -------------+
 *            |                               ^ |  | caught up
 *            |                        a change |  v
 *            |                               | | FOLLOWING
 *            |                               | |  |
 *            +-- quit, end of input, --------+-+--+--> DRAINING --> CLOSED
 *                lost framing, a time-out,
 *                the server stops                   (any state --> CLOSED when the peer is lost)
 *
 * Back-pressure: a connection with unsent output runs no handler and is not read from. One whose
 * reply is being made, or whose write waits, is not read from either. So it holds at most one
 * request, one turn's output, and what the kernel buffers.
 *
 * What it holds is bounded by the limits on requests and replies, and for all connections together
 * by the budget (ops/budget.h), which it tells after each turn. While that is exceeded nobody takes
 * a turn, and whoever holds the most is closed: so no more is held beyond it than one turn of each
 * worker makes, and what the committer still has of those that were closed.
 *
 * All functions belong to the loop's thread. Struct conn is opened here for the files that make
 * it work together: conn.c (life), conn_greeting.c (how an encrypted one begins), conn_work.c
 * (requests and turns), conn_flow.c (bytes in and out), conn_visit.c (what others are told of it),
 * conn_user.c (who asks).
 */
#ifndef LEVERET_NET_CONN_H
#define LEVERET_NET_CONN_H

#include <event2/event.h>
#include <event2/event_struct.h>
#include <stdatomic.h>

#include "commands/call.h"
#include "commands/census.h"
#include "net/loop.h"
#include "net/transport.h"
#include "ops/budget.h"
#include "protocol/request.h"

enum conn_state {
    CONN_READING,   /* between requests, or inside one */
    CONN_WAITING,   /* writes are with the committer, or a handler waits for work given away */
    CONN_STREAMING, /* a handler has more to say */
    CONN_FOLLOWING, /* a handler will have more to say when something happens */
    CONN_DRAINING,  /* no more requests; what was said is being sent */
    CONN_CLOSED,
};

struct conn {
    struct loop *loop;
    struct conn *next; /* of the loop's list */
    struct conn *previous;
    struct task turn; /* the next turn, when it waits for nothing; a closed one is freed by it */
    struct transport transport;
    uint32_t seat; /* what it leaves to the admission when it closes */
    uint32_t owed; /* bytes that had arrived when the server began to stop, and were not received */
    enum conn_state state;
    bool reading;      /* the read event is armed */
    bool parked;       /* has a write to make and waits for room at the committer */
    bool peer_ended;   /* the peer will send no more */
    bool input_ended;  /* we will take no more: because of that, or because the server stops */
    bool last_words;   /* something was said while the server stops */
    bool finished;     /* we will send no more */
    bool held_back;    /* waits for room in the budget */
    bool has_face;     /* it was asked something that only one face can mean */
    bool looks_inside; /* its next turn receives what its transport has inside */

    struct event read_event;
    struct event *write_event; /* while there is unsent output, else NULL: most never have any */

    struct buffer in; /* the start of a request that has not all arrived */
    size_t in_marked; /* its length when the deadline was last set */
    struct request_decoder decoder;
    struct buffer out; /* what the socket would not take */
    size_t out_sent;   /* of `out` */
    int64_t deadline;  /* clock_ms; 0 for none */

    struct call call;
    struct budget_share share; /* of what is held for it, without its run */
    size_t promised;           /* bytes that it held when it was closed while it waited */
    int64_t opened;            /* clock_ms */
    int64_t known;             /* clock_ms: when last seen logged in, or opened */
    unsigned users;            /* the generation that the call's user is of */
    int64_t call_started;
    struct submission *run;   /* writes being gathered, or with the committer */
    struct message woken;     /* the run came back, or the handler's wait is over */
    atomic_bool woken_posted; /* it is on its way, so the connection cannot be freed */
};

/* Takes the socket and its seat over, also on failure. A secure one speaks TLS. */
void conn_open(struct loop *loop, int fd, uint32_t seat, bool secure);

/* Closes at once: events, call, socket. The memory goes in the loop's next round, or when the work
 * that the connection waits for has come back. */
void conn_close(struct conn *conn);

/* The one way to change state; asserts that the move is in the drawing. */
void conn_set_state(struct conn *conn, enum conn_state state);

/* Runs once a second: ends what took too long. */
void conn_tick(struct conn *conn);

/* Says why with an error, then takes nothing more from the peer. Not while it waits. */
void conn_give_up(struct conn *conn, enum status status, const char *text);

/* The handshake of TLS is over: the connection becomes that of the user whom the peer's certificate
 * names. */
void conn_meet(struct conn *conn);

/* The handshake has failed: says why in the log now and then, and closes. */
void conn_turn_away(struct conn *conn);

/* There is no memory for what the peer sends: gives up, saying so. */
void conn_run_short(struct conn *conn);

/* The server stops: take what has arrived, answer it, then close. */
void conn_stop(struct conn *conn);

/* The time to stop is up: says so to a peer in the middle of a reply, and closes. */
void conn_abandon(struct conn *conn);

/* Shows the connection to the census, and closes it if that is the answer. */
void conn_visit(struct conn *conn, struct census *census);

/* Logs its number and its peer, for those who want to know: see log_is_verbose. */
void conn_log(const struct conn *conn);

/* Writes the address of its peer, as text: the call's locate. */
void conn_locate(const struct call *call, char *text, size_t size);

/* Milliseconds since it last asked for something or was answered. */
int64_t conn_idle_ms(const struct conn *conn);

/* The bytes of the budget that it holds. */
size_t conn_held(struct conn *conn);

/* True while too much is held by all together: then it may take nothing in and make no reply until
 * conn_unpark. */
MUST_CHECK bool conn_hold_back(struct conn *conn);

/* It holds more than all others, and all together too much: says so where that can be said, and
 * closes. */
void conn_cut_for_memory(struct conn *conn);

/* There is room in the budget: takes its turn at once if that is what it waited for and it holds
 * nothing. Who holds much fills the room again, so those who hold nothing go first. */
void conn_go_first(struct conn *conn);

/* There is room: goes on if that is what the connection waited for. */
void conn_unpark(struct conn *conn);

/* Frees a closed connection. */
void conn_free(struct conn *conn);

/* conn_user.c -------------------------------------------------------------- */

/* At the begin of a turn, and behind a call that took several: from now on it may do what its user
 * may now, within the limits for that. False when a call goes on whose user may do something else
 * now: it was ended, and the connection with it. */
MUST_CHECK bool conn_heed_users(struct conn *conn);

/* Once a second: the same for a call that has no turn, such as one that follows, and ends peers
 * that do not log in. */
void conn_tick_user(struct conn *conn);

/* conn_work.c -------------------------------------------------------------- */

/* One turn: answers what has arrived (`fresh` in the loop's input, or what the connection kept),
 * goes on with a stream, sends, and arranges how to go on. */
void conn_work(struct conn *conn, struct slice fresh);

/* The turn that the loop was asked for. */
void conn_continue(struct task *turn);

/* Posts conn->woken: the call's wake. Any thread. */
void conn_wake(struct call *call);

/* What the connection waited for or followed has happened. */
void conn_woken(struct message *message, void *owner);

/* Ends the reply in progress with an error. If there is none says it anyway, but nothing to a Redis
 * client. One that waits keeps its state until it is woken. */
void conn_cut(struct conn *conn, enum status status, const char *text);

/* conn_flow.c -------------------------------------------------------------- */

/* The read and write events. */
void conn_on_readable(evutil_socket_t fd, short what, void *arg);
void conn_on_writable(evutil_socket_t fd, short what, void *arg);

/* Receives once. On TRANSPORT_OK *fresh is what came, in the loop's input; or it has no bytes
 * because they were added to the connection's own, which held the start of a request. */
MUST_CHECK enum transport_result conn_receive(struct conn *conn, struct slice *fresh);

/* Makes room for conn_receive. False when there is no memory. */
MUST_CHECK bool conn_make_room(struct conn *conn);

/* Keeps what is left of the input after `used` bytes of it. False when there is no memory. */
MUST_CHECK bool conn_keep(struct conn *conn, struct slice input, size_t used);

/* Sends the loop's output and keeps what the socket does not take. False when the peer is lost
 * or there is no memory. */
MUST_CHECK bool conn_flush(struct conn *conn);

/* There is no unsent output, or nobody to send it to. */
void conn_forget_write(struct conn *conn);

/* Arms what the state needs: reading, writing, another turn, a deadline. `more` tells that there
 * is work that needs nothing from the peer. */
void conn_arrange(struct conn *conn, bool more);

#endif
