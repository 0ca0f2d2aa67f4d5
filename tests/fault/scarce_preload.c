/*
 * The preloaded side of scarce.h: malloc, calloc, realloc and strdup that fail once when they are
 * told to, for the program itself and not for its libraries.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tests/fault/scarce.h"

static struct scarce *scarce;

/* Where the program's own code lies. */
static uintptr_t own_start;
static uintptr_t own_end;

/* The first object is the program. */
static int find_own(struct dl_phdr_info *object, size_t size, void *arg)
{
    (void)size;
    (void)arg;
    for (int i = 0; i < object->dlpi_phnum; i++) {
        const ElfW(Phdr) *part = &object->dlpi_phdr[i];
        if (part->p_type != PT_LOAD || (part->p_flags & PF_X) == 0)
            continue;
        own_start = object->dlpi_addr + part->p_vaddr;
        own_end = own_start + part->p_memsz;
    }
    return 1;
}

__attribute__((constructor)) static void map_file(void)
{
    const char *path = getenv(SCARCE_VARIABLE);
    int fd = path == NULL ? -1 : open(path, O_RDWR | O_CLOEXEC);
    if (fd < 0)
        return;
    void *mapped = mmap(NULL, sizeof(struct scarce), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    close(fd);
    dl_iterate_phdr(find_own, NULL);
    scarce = mapped == MAP_FAILED ? NULL : mapped;
}

/* Whether this call, which returns to that address, is the one. */
static bool is_chosen(const void *caller)
{
    uintptr_t address = (uintptr_t)caller;
    if (scarce == NULL || address < own_start || address >= own_end)
        return false;
    unsigned number = atomic_fetch_add(&scarce->calls, 1) + 1;
    if (number != atomic_load(&scarce->fail_at))
        return false;
    atomic_fetch_add(&scarce->failed, 1);
    errno = ENOMEM;
    return true;
}

/* The functions behind these, which may be a sanitizer's. Looking for them allocates nothing. */
static void *find(_Atomic(void *) *found, const char *name)
{
    void *next = atomic_load(found);
    if (next == NULL) {
        next = dlsym(RTLD_NEXT, name);
        atomic_store(found, next);
    }
    return next;
}

void *malloc(size_t size)
{
    static _Atomic(void *) found;
    if (is_chosen(__builtin_return_address(0)))
        return NULL;
    void *next = find(&found, "malloc");
    void *(*function)(size_t);
    memcpy(&function, &next, sizeof(function)); /* C knows no cast from one to the other */
    return function(size);
}

void *calloc(size_t count, size_t size)
{
    static _Atomic(void *) found;
    if (is_chosen(__builtin_return_address(0)))
        return NULL;
    void *next = find(&found, "calloc");
    void *(*function)(size_t, size_t);
    memcpy(&function, &next, sizeof(function));
    return function(count, size);
}

void *realloc(void *memory, size_t size)
{
    static _Atomic(void *) found;
    if (is_chosen(__builtin_return_address(0)))
        return NULL;
    void *next = find(&found, "realloc");
    void *(*function)(void *, size_t);
    memcpy(&function, &next, sizeof(function));
    return function(memory, size);
}

char *strdup(const char *text)
{
    static _Atomic(void *) found;
    if (is_chosen(__builtin_return_address(0)))
        return NULL;
    void *next = find(&found, "strdup");
    char *(*function)(const char *);
    memcpy(&function, &next, sizeof(function));
    return function(text);
}
