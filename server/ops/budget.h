/*
 * The budget: how many bytes the server holds for its clients, all of them together.
 *
 *     a connection, after each turn: input, output,  --+
 *     batch, transaction, what its handler keeps       |
 *                                                      +--> held --more than allowed--> `over`
 *     a submission at the committer: its writes and  --+                                  |
 *     what their programs said                                                            v
 *                            those who hold the most are closed, until it fits; see net/hunt.h
 *
 * Everybody tells what it holds when that has changed; the difference goes to one atomic number.
 * Who holds less than a few KiB tells 0, so small requests touch nothing that others touch. What
 * cannot be told before it is there is bounded otherwise: what a worker receives at once, the one
 * request that it decodes, and the one reply that it makes.
 *
 * There is one budget in the process. Opened once; any thread after.
 */
#ifndef LEVERET_OPS_BUDGET_H
#define LEVERET_OPS_BUDGET_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

/* What one holder told last. All zeroes is one who holds nothing. Changed by one thread at a time,
 * read by any. */
struct budget_share {
    atomic_size_t bytes;
};

/* Called when more is held than allowed, on the thread that told so, which may be any: it may only
 * pass the news on. Not called again until budget_settle. */
typedef void budget_over_fn(void *arg);

/* Who is called; before this nobody, and before anybody holds anything. */
void budget_open(budget_over_fn *over, void *arg);

/* Allows so many bytes from now on; before this as many as there are. Any thread. */
void budget_allow(size_t most);

/* The holder holds so many bytes now. */
void budget_hold(struct budget_share *share, size_t bytes);

/* Bytes that the holder told last. */
size_t budget_share(struct budget_share *share);

/* Bytes held now, by all. */
size_t budget_held(void);

/* A holder has gone, and so many of its bytes come back when somebody else is done with them. Until
 * then they do not count where it is decided whether others have to go: a disk that stalls holds
 * them for long, and would cost one peer after the other its connection. */
void budget_promise(size_t bytes);

/* They have come back. */
void budget_redeem(size_t bytes);

/* Bytes to be given up so that there is some room again, which is more than just to fit; 0 when
 * what is held, without what is promised, leaves that room. */
size_t budget_excess(void);

/* More is held than allowed, and somebody sees to it: take in nothing large until budget_settle. */
bool budget_is_tight(void);

/* It was seen to. If more than allowed is held still, the next one who holds more says so. */
void budget_settle(void);

#endif
