/* With it the header would rename mmap to mmap64, and LevelDB asks for mmap. */
#undef _FILE_OFFSET_BITS

#include "store/mapping.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

/* LevelDB maps at most so many files, and reads others by descriptor (its util/env_posix.cc). */
#define MOST_MAPPINGS 1000

struct mapping {
    void *start;
    size_t length;
};

/* Guards the list, and keeps what is listed mapped: advice on an address that has been unmapped
 * and mapped again by somebody else would destroy their data. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct mapping mappings[MOST_MAPPINGS];
static size_t count;

/* Some sanitizers bring their own mmap, which must be the one that is called. And on 32 bits, where
 * LevelDB maps nothing, and on s390x the system call takes its arguments in another way. */
#if defined(__SANITIZE_THREAD__) || !defined(__LP64__) || defined(__s390x__)
#define OWN_MMAP 0
#elif defined(__has_feature)
#define OWN_MMAP (!__has_feature(thread_sanitizer) && !__has_feature(memory_sanitizer))
#else
#define OWN_MMAP 1
#endif

void mapping_give_back(void)
{
    pthread_mutex_lock(&lock);
    for (size_t i = 0; i < count; i++)
        madvise(mappings[i].start, mappings[i].length, MADV_DONTNEED);
    pthread_mutex_unlock(&lock);
}

#if OWN_MMAP

static void remember(void *start, size_t length)
{
    pthread_mutex_lock(&lock);
    if (count < MOST_MAPPINGS)
        mappings[count++] = (struct mapping){start, length};
    pthread_mutex_unlock(&lock);
}

/* The lock is held. */
static void forget(const void *start)
{
    for (size_t i = 0; i < count; i++) {
        if (mappings[i].start == start) {
            mappings[i] = mappings[--count];
            return;
        }
    }
}

/* In place of the C library's. Only shared read-only mappings are remembered: no page of those can
 * hold anything that the file does not. */
void *mmap(void *start, size_t length, int protection, int flags, int fd, off_t offset)
{
    long result = syscall(SYS_mmap, start, length, protection, flags, fd, offset);
    bool is_file = fd >= 0 && protection == PROT_READ && (flags & MAP_SHARED) != 0;
    if (result != -1 && is_file)
        remember((void *)result, length);
    return (void *)result; /* -1 is MAP_FAILED */
}

int munmap(void *start, size_t length)
{
    pthread_mutex_lock(&lock);
    forget(start);
    int result = (int)syscall(SYS_munmap, start, length);
    pthread_mutex_unlock(&lock);
    return result;
}

#endif
