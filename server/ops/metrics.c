#include "ops/metrics.h"

struct metrics metrics;
