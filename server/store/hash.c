#include "store/hash.h"

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

/* Up to eight bytes, the first one lowest; behind the last bytes stands the length. */
static uint64_t word_at(struct slice bytes, size_t at)
{
    size_t left = bytes.len - at < 8 ? bytes.len - at : 8;
    uint64_t word = left < 8 ? (uint64_t)bytes.len << 56 : 0;
    for (size_t i = 0; i < left; i++)
        word |= (uint64_t)(unsigned char)bytes.data[at + i] << 8 * i;
    return word;
}

uint64_t hash_bytes(const uint64_t key[2], struct slice bytes)
{
    uint64_t v[4] = {
        key[0] ^ 0x736f6d6570736575u,
        key[1] ^ 0x646f72616e646f6du,
        key[0] ^ 0x6c7967656e657261u,
        key[1] ^ 0x7465646279746573u,
    };
    for (size_t at = 0; at <= bytes.len; at += 8) {
        uint64_t word = word_at(bytes, at);
        v[3] ^= word;
        mix(v);
        v[0] ^= word;
    }
    v[2] ^= 0xff;
    for (int i = 0; i < 3; i++)
        mix(v);
    return v[0] ^ v[1] ^ v[2] ^ v[3];
}
