/*
 * Hashes of bytes. One is under a secret key, so that no peer can choose bytes that collide: that
 * would not slow one peer but everybody who shares the table.
 */
#ifndef LEVERET_STORE_HASH_H
#define LEVERET_STORE_HASH_H

#include "protocol/bytes.h"

/* Makes a new secret. False with errno when the system has none. */
MUST_CHECK bool hash_new_key(uint64_t key[2]);

/* SipHash-1-3 (Aumasson and Bernstein, 2012). */
uint64_t hash_bytes(const uint64_t key[2], struct slice bytes);

/* Of a few instructions, and no secret: for tables where bytes that collide cost but themselves. */
uint64_t hash_quick(struct slice bytes);

#endif
