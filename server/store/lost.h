/*
 * The directory DIRECTORY/lost, where a store's files go that are not used any more and that
 * nobody but a person should remove. LevelDB's own repair uses it, too.
 */
#ifndef LEVERET_STORE_LOST_H
#define LEVERET_STORE_LOST_H

#include "protocol/bytes.h"

/* Opens it, making it if it is missing; a descriptor, or -1 with errno set. */
MUST_CHECK int lost_open(int directory);

/*
 * Makes a new file `NAME.WHY-N` there, N the first number that is free: a descriptor to write to,
 * or -1 with errno set.
 */
MUST_CHECK int lost_make(int lost, const char *name, const char *why, char *made, size_t size);

/* Removes the oldest of the files `*.WHY-N` there, so that so many are left. What cannot be removed
 * stays. */
void lost_thin(int lost, const char *why, size_t most);

/* Gives the file NAME of the directory a second name there, `NAME.WHY-N`. False with errno set. */
MUST_CHECK bool lost_link(int directory, int lost, const char *name, const char *why);

#endif
