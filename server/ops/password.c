#include "ops/password.h"

#include <sodium.h>
#include <stdio.h>
#include <sys/mman.h>

/* What the hash costs; false when it does not say. */
static bool read_cost(const char *hash, unsigned long *kib, unsigned long *passes)
{
    unsigned version;
    return sscanf(hash, "$argon2id$v=%u$m=%lu,t=%lu,", &version, kib, passes) == 3;
}

const char *password_hash_problem(const char *hash)
{
    unsigned long kib;
    unsigned long passes;
    if (!read_cost(hash, &kib, &passes) ||
        crypto_pwhash_str_needs_rehash(hash, crypto_pwhash_OPSLIMIT_MIN,
                                       crypto_pwhash_MEMLIMIT_MIN) < 0)
        return "the hash is none of argon2id; `leveret passwd` makes them";
    if (kib > PASSWORD_HASH_KIB || passes > PASSWORD_HASH_PASSES)
        return "the hash costs more than 256 MiB or 16 passes";
    return NULL;
}

_Static_assert(PASSWORD_HASH_KIB == 256 * 1024 && PASSWORD_HASH_PASSES == 16,
               "the sentence above names them");

/* Whether the memory that the hash takes is there right now. */
static bool has_memory(const char *hash)
{
    unsigned long kib = 0;
    unsigned long passes = 0;
    if (!read_cost(hash, &kib, &passes) || kib == 0)
        return true;
    size_t size = (size_t)kib * 1024;
    void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED)
        return false;
    munmap(memory, size);
    return true;
}

/* libsodium says the same of a wrong password and of one for which it had no memory. When another
 * thread gives some back between its try and ours, a right one counts as wrong. */
enum password_fit password_fits(const char *hash, struct slice password)
{
    if (crypto_pwhash_str_verify(hash, password.data, password.len) == 0)
        return PASSWORD_FITS;
    return has_memory(hash) ? PASSWORD_WRONG : PASSWORD_NO_MEMORY;
}
