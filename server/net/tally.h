/*
 * A tally: how many of something there are of each name, in a bounded table. Knows no connection
 * and no lock.
 *
 * Names come from peers, so they are hashed under a secret key: nobody can choose names that
 * collide.
 */
#ifndef LEVERET_NET_TALLY_H
#define LEVERET_NET_TALLY_H

#include "protocol/bytes.h"

struct tally;

/* What tally_add gives when there is no row left. No row has this number. */
#define TALLY_NONE 0

/* For at most `most` names at a time, and up to 20 bytes for each. NULL when the system refuses. */
struct tally *tally_new(uint32_t most);

/* Makes room for at most `most` names, if there is less. False, with all as it was, when there is
 * no memory. */
MUST_CHECK bool tally_reserve(struct tally *tally, uint32_t most);

/* NULL is allowed. */
void tally_free(struct tally *tally);

/* One more of the name: its row, and in *count how many there are now, this one among them. */
MUST_CHECK uint32_t tally_add(struct tally *tally, uint64_t name, uint32_t *count);

/* One less of the name in that row; a row that nobody needs any more is used again. */
void tally_remove(struct tally *tally, uint32_t row);

#endif
