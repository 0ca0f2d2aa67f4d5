/*
 * The live logs of a store: those whose writes are in no table yet. Looks at them without changing
 * any.
 *
 * Each record of a log begins with the number of its first write, its sequence, and how many it
 * holds (db/write_batch.cc in LevelDB's source). The writes of the live logs are numbered without a
 * gap, from behind those that the tables hold on. A log is named by the manifest while it is the
 * one that is written to, so its first write is not above what the manifest then knew of. So a
 * record that is missing shows even where all others are whole, as when a log was cut between two
 * of them.
 */
#ifndef LEVERET_STORE_LOGS_H
#define LEVERET_STORE_LOGS_H

#include "store/store.h"
#include "store/survey.h"
#include "store/version.h"

struct logs_one {
    uint64_t number;
    struct survey survey;
};

struct logs {
    struct logs_one *items; /* owned; oldest first */
    size_t count;
};

void logs_fini(struct logs *logs);

/*
 * Finds and surveys the logs that the version needs. True when no write is missing in them, except
 * what a crash may have left behind the last whole record. Otherwise *error says which file is
 * damaged, and where: STATUS_CORRUPT; or what else is wrong. End with logs_fini in both cases.
 */
MUST_CHECK bool logs_survey(struct logs *logs, const char *path, const struct version *version,
                            struct store_error *error);

#endif
