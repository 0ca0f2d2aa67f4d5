/*
 * Work: what a load asks of a server, over and over, as request lines of one fixed length whose
 * keys are filled in.
 */
#ifndef LEVERET_CLIENT_CLI_WORK_H
#define LEVERET_CLIENT_CLI_WORK_H

#include "protocol/bytes.h"

/* Digits of a key: key:000000012345, as redis-benchmark -r writes them. */
#define WORK_DIGITS 12

/* One more than the largest number of a key. */
#define WORK_MOST_KEYS UINT64_C(1000000000000)

struct work {
    const char *name; /* as it is asked for: get */
    const char *verb; /* of the request: GET */
    bool has_key;
    bool has_value;
};

/* NULL when there is no work of that name, in capitals or not. */
const struct work *work_find(const char *name);

/* The names of all, with spaces between; a static string. */
const char *work_names(void);

/* So many requests of one work. End with work_fini. */
struct work_requests {
    struct buffer text;
    size_t count;
    size_t length; /* of one request */
    size_t digits; /* where its digits are, from its start; 0 when it has no key */
};

/* Writes `count` requests; those with a value carry one of that many bytes, the same in all. False
 * when there is no memory. */
MUST_CHECK bool work_init(struct work_requests *requests, const struct work *work, size_t count,
                          size_t value_size);
void work_fini(struct work_requests *requests);

/* Gives request `index` the key of that number. Only where there are keys. */
void work_set_key(struct work_requests *requests, size_t index, uint64_t number);

#endif
