#include "store/hash.h"

#include <endian.h>
#include <string.h>
#include <sys/random.h>

bool hash_new_key(uint64_t key[2])
{
    return getrandom(key, 2 * sizeof(*key), 0) == 2 * (ssize_t)sizeof(*key);
}

#define ROTATE(word, bits) ((word) << (bits) | (word) >> (64 - (bits)))

/* One round of SipHash. */
static void mix(uint64_t v[4])
{
    v[0] += v[1];
    v[1] = ROTATE(v[1], 13) ^ v[0];
    v[0] = ROTATE(v[0], 32);
    v[2] += v[3];
    v[3] = ROTATE(v[3], 16) ^ v[2];
    v[0] += v[3];
    v[3] = ROTATE(v[3], 21) ^ v[0];
    v[2] += v[1];
    v[1] = ROTATE(v[1], 17) ^ v[2];
    v[2] = ROTATE(v[2], 32);
}

/* Eight bytes, the first one lowest. */
static uint64_t whole_word(const char *bytes)
{
    uint64_t word;
    memcpy(&word, bytes, sizeof(word));
    return le64toh(word);
}

/* The bytes behind the last whole word, and above them the length. */
static uint64_t last_word(struct slice bytes)
{
    uint64_t word = (uint64_t)bytes.len << 56;
    size_t at = bytes.len & ~(size_t)7;
    for (size_t i = 0; at + i < bytes.len; i++)
        word |= (uint64_t)(unsigned char)bytes.data[at + i] << 8 * i;
    return word;
}

static void absorb(uint64_t v[4], uint64_t word)
{
    v[3] ^= word;
    mix(v);
    v[0] ^= word;
}

uint64_t hash_bytes(const uint64_t key[2], struct slice bytes)
{
    uint64_t v[4] = {
        key[0] ^ 0x736f6d6570736575u,
        key[1] ^ 0x646f72616e646f6du,
        key[0] ^ 0x6c7967656e657261u,
        key[1] ^ 0x7465646279746573u,
    };
    for (size_t at = 0; at + 8 <= bytes.len; at += 8)
        absorb(v, whole_word(bytes.data + at));
    absorb(v, last_word(bytes));
    v[2] ^= 0xff;
    for (int i = 0; i < 3; i++)
        mix(v);
    return v[0] ^ v[1] ^ v[2] ^ v[3];
}

/* Large, odd, and without a pattern: the golden ratio's. */
#define FACTOR 0x9e3779b97f4a7c15u

/* A product's high bits depend on all of both factors; they are brought down for the next one. */
static uint64_t stir(uint64_t hash, uint64_t word)
{
    hash = (hash ^ word) * FACTOR;
    return hash ^ hash >> 32;
}

uint64_t hash_quick(struct slice bytes)
{
    uint64_t hash = 0;
    for (size_t at = 0; at + 8 <= bytes.len; at += 8)
        hash = stir(hash, whole_word(bytes.data + at));
    return stir(stir(hash, last_word(bytes)), 0);
}
