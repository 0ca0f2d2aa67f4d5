#include "store/hash.h"

#include <criterion/criterion.h>
#include <stdio.h>

struct vector {
    size_t length; /* of the bytes 0, 1, 2 and so on */
    uint64_t hash;
};

static void expect(const uint64_t key[2], const struct vector *vectors, size_t count)
{
    char bytes[64];
    for (size_t i = 0; i < sizeof(bytes); i++)
        bytes[i] = (char)i;
    for (size_t i = 0; i < count; i++)
        cr_assert_eq(hash_bytes(key, slice_of(bytes, vectors[i].length)), vectors[i].hash,
                     "%zu bytes", vectors[i].length);
}

/* Computed by CPython 3.11, whose hash of bytes is SipHash-1-3, with PYTHONHASHSEED=0. */
Test(hash, is_siphash_with_a_key_of_zeroes)
{
    static const uint64_t key[2] = {0, 0};
    static const struct vector vectors[] = {
        {1, 0x68a914128e01e473},  {7, 0x2f098ab0c751325a},  {8, 0xead411e67ebe2eea},
        {9, 0x75927f9d95124362},  {15, 0xf30eb725bb91c9ea}, {16, 0x8972188433a5c5b7},
        {17, 0x4883c49a2c009c1d}, {63, 0x385d3e39e5f37359}, {64, 0x75e05fd5bbc870c6},
    };
    expect(key, vectors, sizeof(vectors) / sizeof(vectors[0]));
}

/* The same with PYTHONHASHSEED=42, and the key that comes of that. */
Test(hash, is_siphash_with_another_key)
{
    static const uint64_t key[2] = {0xdc504fd368cd90af, 0xb920bb9ffe99e9c1};
    static const struct vector vectors[] = {
        {1, 0xce880c366bcf3489},  {7, 0xce280fabc397fbda},  {8, 0x60866c3c108c6afb},
        {9, 0x68814005f7469e03},  {15, 0x94ace24d68c18cf8}, {16, 0x339176f3ac59ce05},
        {17, 0xed2706b414c296f1}, {63, 0x06e24d6f0d014c37}, {64, 0x91639ef7de8d52cb},
    };
    expect(key, vectors, sizeof(vectors) / sizeof(vectors[0]));
}

Test(hash, takes_zeroes_at_the_end_for_what_they_are)
{
    static const uint64_t key[2] = {1, 2};
    cr_assert_neq(hash_bytes(key, SLICE("")), hash_bytes(key, SLICE("\0")));
    cr_assert_neq(hash_bytes(key, SLICE("a")), hash_bytes(key, SLICE("a\0")));
}

Test(hash, has_a_new_key_each_time)
{
    uint64_t one[2];
    uint64_t other[2];
    cr_assert(hash_new_key(one) && hash_new_key(other));
    cr_assert(one[0] != other[0] && one[1] != other[1]);
}

Test(hash, quick_tells_lengths_and_neighbours_apart)
{
    cr_assert_neq(hash_quick(SLICE("")), hash_quick(SLICE("\0")));
    cr_assert_neq(hash_quick(SLICE("12345678")), hash_quick(SLICE("12345678\0")));
    cr_assert_neq(hash_quick(SLICE("key:00000001")), hash_quick(SLICE("key:00000010")));
    cr_assert_eq(hash_quick(SLICE("key:00000001")), hash_quick(SLICE("key:00000001")));
}

/* A million keys that only differ in their digits fill the places of a table as chance would: none
 * has many. */
Test(hash, quick_spreads_numbered_keys)
{
    static unsigned char low[65536];
    static unsigned char high[65536];
    char text[32];
    for (unsigned i = 0; i < 1000000; i++) {
        int len = snprintf(text, sizeof(text), "key:%012u", i);
        uint64_t hash = hash_quick(slice_of(text, (size_t)len));
        low[hash & 0xffff]++;
        high[hash >> 48]++;
    }
    for (size_t i = 0; i < 65536; i++)
        cr_assert(low[i] < 60 && high[i] < 60, "%zu: %u, %u", i, low[i], high[i]);
}
