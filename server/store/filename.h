/*
 * The files of a LevelDB directory, told by their names alone (db/filename.cc in LevelDB's source
 * makes them). Pure; touches no file.
 */
#ifndef LEVERET_STORE_FILENAME_H
#define LEVERET_STORE_FILENAME_H

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

#endif
