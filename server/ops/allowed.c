#include "ops/allowed.h"

/* An hour, for a process that sets nothing. */
#define HOUR_MS ((int64_t)3600 * 1000)

struct allowed allowed = {
    .line = LIMIT_LINE,
    .value = LIMIT_VALUE,
    .arguments = LIMIT_WORDS,
    .batch = LIMIT_BATCH,
    .output = LIMIT_OUTPUT,
    .scans = LIMIT_SCANS,
    .turn_requests = SIZE_MAX,
    .request_ms = HOUR_MS,
    .stall_ms = HOUR_MS,
    .scan_ms = HOUR_MS,
};

struct limits allowed_limits(void)
{
    return (struct limits){
        .line = allowed.line,
        .value = allowed.value,
        .arguments = allowed.arguments,
        .batch = allowed.batch,
        .output = allowed.output,
    };
}
