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

/* As Redis has it: ten arguments, and of each no more than some passwords' worth. */
#define LOGIN_ARGUMENTS 10
#define LOGIN_ARGUMENT ((size_t)16 * 1024)
#define LOGIN_LINE (LOGIN_ARGUMENTS * (LOGIN_ARGUMENT + 16))
#define LOGIN_OUTPUT ((size_t)64 * 1024)

static size_t lesser(size_t a, size_t b)
{
    return a < b ? a : b;
}

struct limits allowed_before_login(void)
{
    return (struct limits){
        .line = lesser(allowed.line, LOGIN_LINE),
        .value = LOGIN_ARGUMENT,
        .arguments = LOGIN_ARGUMENTS,
        .batch = 0,
        .output = lesser(allowed.output, LOGIN_OUTPUT),
    };
}

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
