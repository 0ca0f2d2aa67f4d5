/*
 * The entries of a directory, every one of them: a directory that can be read only in part is not
 * taken for one that holds less.
 */
#ifndef LEVERET_STORE_ENTRIES_H
#define LEVERET_STORE_ENTRIES_H

#include "protocol/bytes.h"

/* Takes the name of an entry, and a descriptor of the directory. False: no more. */
typedef bool entries_fn(void *arg, int directory, const char *name);

/* Tells of the entries, without `.` and `..`, in no order. False with errno set when the directory
 * cannot be opened or read; what was told then is not all. */
MUST_CHECK bool entries_visit(const char *path, entries_fn *visit, void *arg);

#endif
