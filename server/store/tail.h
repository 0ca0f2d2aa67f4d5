/*
 * The torn tail of a log or manifest: what a crash, or a disk that failed, left of the last thing
 * that was being written. It is set aside in DIRECTORY/lost and cut off. The last hundred are kept.
 */
#ifndef LEVERET_STORE_TAIL_H
#define LEVERET_STORE_TAIL_H

#include "store/store.h"

/*
 * Copies what lies behind the first `sound` bytes of the file to DIRECTORY/lost, under the file's
 * name with `.torn-1` or a higher number behind it, and then cuts it off; both are on disk when
 * this returns. Tells the log. False with *error, and then it can be tried again.
 */
MUST_CHECK bool tail_cut(const char *path, const char *name, uint64_t sound,
                         struct store_error *error);

#endif
