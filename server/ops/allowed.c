#include "ops/allowed.h"

struct limits allowed = LIMITS_DEFAULT;
