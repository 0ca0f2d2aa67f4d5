/*
 * Volume: a file system of a test's own, which can be full and can lose its power.
 *
 * It is mounted in a mount namespace that only this process and those it starts see, and is gone
 * with the last of them, however they end. Whatever goes wrong ends the test.
 */
#ifndef LEVERET_TESTS_FAULT_VOLUME_H
#define LEVERET_TESTS_FAULT_VOLUME_H

#include <stdint.h>

struct volume;

/*
 * An ext4 on a file in memory, made with these more arguments of mkfs.ext4 and mounted with these
 * options; "" for none. NULL, and *problem a static sentence, where a process may not mount.
 */
struct volume *volume_new_ext4(unsigned megabytes, const char *features, const char *options,
                               const char **problem);

/* A tmpfs of so many bytes, likewise. */
struct volume *volume_new_tmpfs(uint64_t bytes, const char **problem);

/* Nobody may have a file open on it. NULL is allowed. */
void volume_free(struct volume *volume);

/* Where it is mounted. Borrowed. */
const char *volume_path(const struct volume *volume);

/* Of an ext4: the power goes. Nothing that was not written to the disk will ever be, neither data
 * nor the journal; every later write fails, for whoever still runs. */
void volume_cut(const struct volume *volume);

/* Unmounts and mounts again, which replays the journal. Where there is none, the file system is
 * checked and mended before. Nobody may have a file open on it. */
void volume_remount(struct volume *volume);

/* The ballast, a file: fills the volume up to so many free bytes, or to what it takes; removes
 * it. */
void volume_fill(struct volume *volume, uint64_t spare);
void volume_relieve(struct volume *volume);

#endif
