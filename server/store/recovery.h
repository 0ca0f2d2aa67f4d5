/*
 * Recovery: what is done to a store's files before LevelDB opens them, so that it starts after
 * anything that a crash leaves, and after nothing else.
 *
 * LevelDB alone does neither. It takes whatever it cannot read at the end of a log for torn, and
 * passes over damage within without a word; told to be paranoid it refuses both.
 *
 *   - The manifest is whole records, then nothing, or what a crash left of the last one. Its last
 *     edit may have come to disk before the table that it names: then it is done without.
 *   - The tables that it names are there, each of its size.
 *   - The logs are whole records likewise. Only the end of all writes may be torn, and no write is
 *     missing.
 *
 * Why no acknowledged write is cut. With --sync always a write is acknowledged when its record was
 * synced, and only then is the next one appended. So a crash tears at most one record, the last of
 * all, which nobody was told of. If anything that begins a record comes behind bad bytes, be it in
 * the next log, then those bytes had been synced: it is damage, and the store is refused. A log
 * that was replaced by the next one was complete before.
 *
 * What cannot be told: damage within the very last record looks as if that had been torn, and is
 * taken for that. It was acknowledged, maybe; the log of the daemon says what was cut, and it lies
 * in DIRECTORY/lost.
 *
 * And where writes were acknowledged before they were synced (--sync SECONDS or never, or other
 * programs), a power cut may leave later pages of them and not earlier ones. That looks like damage
 * and is refused, because a hole in the middle of the writes is nothing to pass over silently; the
 * repair keeps what can be read. No order of syncing makes it impossible: the system and the disk
 * write the pages of one log in the order they like, and only a sync behind each write, which is
 * --sync always, keeps them from it. Of two logs, LevelDB goes on in the second one at once.
 */
#ifndef LEVERET_STORE_RECOVERY_H
#define LEVERET_STORE_RECOVERY_H

#include "store/store.h"

/*
 * True when the directory can be given to LevelDB, paranoid: it is sound, or a crash left torn
 * tails, which now are cut and set aside (see tail.h), or it holds no store yet. Otherwise *error
 * says which file is damaged, where, and how much of it, with STATUS_CORRUPT; or what else is
 * wrong; and nothing was changed, unless it was the cutting that failed.
 *
 * Nobody may have the directory open. Reads the manifest and the live logs, a block at a time.
 */
MUST_CHECK bool recovery_check(const char *path, struct store_error *error);

#endif
