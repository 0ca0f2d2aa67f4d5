/*
 * The files of a LevelDB directory, told by their names alone (db/filename.cc in LevelDB's source
 * makes them). Pure; touches no file.
 */
#ifndef LEVERET_STORE_FILENAME_H
#define LEVERET_STORE_FILENAME_H

#include <stdbool.h>
#include <stdint.h>

enum filename_kind {
    FILENAME_FOREIGN,  /* none of LevelDB's */
    FILENAME_CURRENT,  /* CURRENT: names the manifest in force */
    FILENAME_LOCK,     /* LOCK */
    FILENAME_NOTES,    /* LOG, LOG.old: for people */
    FILENAME_MANIFEST, /* MANIFEST-N: which tables there are */
    FILENAME_LOG,      /* N.log: writes that are in no table yet */
    FILENAME_TABLE,    /* N.ldb, and N.sst of old versions */
    FILENAME_TEMPORARY /* N.dbtmp */
};

enum filename_kind filename_kind(const char *name);

/* Likewise; *number is that of a manifest, log, table or temporary file. */
enum filename_kind filename_parse(const char *name, uint64_t *number);

/* Room for the longest name. */
#define FILENAME_TEXT 40

/* The name of the log, and of the table, with that number; `old` spells a table as old versions
 * did. Into `name` of FILENAME_TEXT bytes. */
void filename_log(uint64_t number, char *name);
void filename_table(uint64_t number, bool old, char *name);

#endif
