/*
 * Patience: a thread that waits for a compaction of LevelDB waits to the end of it.
 *
 * LevelDB 1.23 does not. When a write or the making of a table fails while leveldb_compact_range
 * waits for the background thread, DBImpl::TEST_CompactRange returns at once and forgets the
 * compaction, and the background thread then looks for it at address 0 and takes the process down.
 * Later versions wait until the background thread has ended what it is at; here the waiting is made
 * longer from outside. LevelDB waits in one function of the C++ library and starts its thread by
 * another, and the daemon brings its own of both; see also mapping.h. Where the C++ library is not
 * GNU's they are not called, and nothing changes.
 *
 *     maintenance:   [ leveldb_compact_range ... woken by the error ... goes on waiting ]--->
 * returns background:            [ compaction ..............................................] rests
 */
#ifndef LEVERET_STORE_PATIENCE_H
#define LEVERET_STORE_PATIENCE_H

/* From here until patience_end the calling thread, which is the daemon's own (thread.h), does not
 * come out of waiting inside LevelDB while the background thread works. */
void patience_begin(void);
void patience_end(void);

#endif
