/*
 * The mapped files of this process, and giving their pages back.
 *
 * LevelDB reads its tables through read-only mappings of the files and has no setting for it. The
 * pages stay in the kernel's page cache either way, but a scan that has passed over them leaves
 * them counted as this process's own memory: after a scan of 1 GB it looks 1 GB large. So the
 * program brings its own mmap and munmap, which the dynamic linker prefers to the C library's;
 * they do what those do, and remember which mappings are of files.
 *
 * Where LevelDB's calls do not come here (see OWN_MMAP), nothing is remembered and giving
 * back does nothing.
 */
#ifndef LEVERET_STORE_MAPPING_H
#define LEVERET_STORE_MAPPING_H

/* Gives the pages of all mapped files back to the kernel; who touches one again gets it from the
 * page cache. Any thread. Costs a fraction of a microsecond for each mapping, and for each page
 * that goes. */
void mapping_give_back(void);

#endif
