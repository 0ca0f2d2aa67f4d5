/*
 * The checksum that LevelDB puts before each record of its logs and manifests: crc32c, masked so
 * that a checksum over bytes that hold checksums stays a good one.
 */
#ifndef LEVERET_STORE_CHECKSUM_H
#define LEVERET_STORE_CHECKSUM_H

#include "protocol/bytes.h"

/* The crc32c (Castagnoli) of the bytes. */
uint32_t checksum_crc32c(struct slice bytes);

/* As LevelDB stores it. */
uint32_t checksum_mask(uint32_t crc);

#endif
