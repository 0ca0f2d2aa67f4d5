/*
 * Salvage: makes the logs of a damaged directory fit for LevelDB's repair, which reads them without
 * looking at checksums and would bring back whatever the damage made of a value.
 */
#ifndef LEVERET_STORE_SALVAGE_H
#define LEVERET_STORE_SALVAGE_H

#include "store/store.h"

/*
 * Puts a copy in the place of each log with damaged records, in which these are passed over; the
 * log as it was goes to DIRECTORY/lost under its name with `.damaged-1` or a higher number behind
 * it. *damaged is how many there were. The directory must be locked.
 */
MUST_CHECK bool salvage_logs(const char *path, size_t *damaged, struct store_error *error);

#endif
