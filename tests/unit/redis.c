#include "protocol/redis.h"

#include <criterion/criterion.h>

#include "tests/lib/report.h"

Test(redis, commands_are_found_by_name_whatever_its_case)
{
    for (unsigned i = 0; i < REDIS_TOTAL; i++) {
        const struct redis_command *command = redis_at((enum redis_id)i);
        cr_assert_eq(command->id, (enum redis_id)i);
        cr_assert_eq(redis_find(slice_from_string(command->name)), command);
    }
    cr_assert_eq(redis_find(SLICE("gEt")), redis_at(REDIS_GET));
    cr_assert_eq(redis_find(SLICE("")), NULL);
    cr_assert_eq(redis_find(SLICE("GE")), NULL);
    cr_assert_eq(redis_find(SLICE("GET\0")), NULL);
    cr_assert_eq(redis_find(SLICE("LPUSH")), NULL);
}

Test(redis, commands_take_as_many_words_as_they_say)
{
    cr_assert(redis_takes(redis_at(REDIS_GET), 2));
    cr_assert_not(redis_takes(redis_at(REDIS_GET), 1));
    cr_assert_not(redis_takes(redis_at(REDIS_GET), 3));
    cr_assert_not(redis_takes(redis_at(REDIS_DEL), 1));
    cr_assert(redis_takes(redis_at(REDIS_DEL), 2));
    cr_assert(redis_takes(redis_at(REDIS_DEL), 1000000));
}
