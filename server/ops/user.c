#include "ops/user.h"

const struct user user_anyone = {.name = "", .role = ROLE_ADMIN};
