/*
 * The meters of two workers, and what is read of both.
 */
#include <criterion/criterion.h>
#include <stdlib.h>

#include "server/ops/meter.h"

static struct meter *meter;
static struct meter_totals *totals;

static void start(void)
{
    meter = meter_new();
    cr_assert(meter != NULL);
}

static void stop(void)
{
    free(totals);
    meter_free(meter);
}

TestSuite(meter, .init = start, .fini = stop);

static const unsigned get = METER_OWN + COMMAND_GET;
static const unsigned put = METER_OWN + COMMAND_PUT;

static void read_totals(void)
{
    free(totals);
    totals = meter_total();
    cr_assert(totals != NULL);
}

Test(meter, gives_all_requests_of_a_turn_its_length)
{
    meter_answered(meter, get);
    meter_answered(meter, get);
    meter_answered(meter, put);
    read_totals();
    cr_assert_eq(totals->commands[get].calls, 0, "the turn is not over");
    meter_end_turn(meter, 15);
    meter_answered(meter, get);
    meter_end_turn(meter, 150);
    read_totals();
    cr_assert_eq(totals->commands[get].calls, 3);
    cr_assert_eq(totals->commands[get].latency.counts[1], 2);
    cr_assert_eq(totals->commands[get].latency.counts[4], 1);
    cr_assert_eq(totals->commands[get].latency.sum, 2 * 15 + 150);
    cr_assert_eq(totals->commands[put].calls, 1);
    cr_assert_eq(totals->commands[put].latency.sum, 15);
}

Test(meter, counts_a_follower_without_a_time)
{
    meter_began(meter, METER_OWN + COMMAND_FOLLOW);
    read_totals();
    cr_assert_eq(totals->commands[METER_OWN + COMMAND_FOLLOW].calls, 1);
    cr_assert_eq(totals->commands[METER_OWN + COMMAND_FOLLOW].latency.total, 0);
}

Test(meter, gives_a_call_over_turns_a_time_of_its_own)
{
    meter_answered(meter, get);
    meter_answered_late(meter, METER_OWN + COMMAND_SCAN, 3000000);
    meter_end_turn(meter, 10);
    read_totals();
    cr_assert_eq(totals->commands[METER_OWN + COMMAND_SCAN].latency.sum, 3000000);
    cr_assert_eq(totals->commands[METER_OWN + COMMAND_SCAN].calls, 1);
    cr_assert_eq(totals->commands[get].latency.sum, 10);
}

Test(meter, sums_all_that_are_there)
{
    struct meter *other = meter_new();
    cr_assert(other != NULL);
    meter_received(meter, 5);
    meter_received(other, 7);
    meter_sent(other, 11);
    meter_failed(meter, get, STATUS_IO);
    meter_failed(other, METER_REDIS + REDIS_GET, STATUS_COUNT);
    read_totals();
    cr_assert_eq(totals->received, 12);
    cr_assert_eq(totals->sent, 11);
    cr_assert_eq(totals->errors[STATUS_IO], 1);
    cr_assert_eq(totals->errors[STATUS_COUNT], 1);
    cr_assert_eq(totals->commands[get].failed, 1);
    cr_assert_eq(totals->commands[METER_REDIS + REDIS_GET].failed, 1);
    meter_free(other);
    read_totals();
    cr_assert_eq(totals->received, 5);
}

Test(meter, names_what_it_counts)
{
    cr_assert_str_eq(meter_name(get), "GET");
    cr_assert_str_eq(meter_vocabulary(get), "leveret");
    cr_assert_str_eq(meter_name(METER_REDIS + REDIS_MGET), "MGET");
    cr_assert_str_eq(meter_vocabulary(METER_REDIS + REDIS_MGET), "redis");
    cr_assert_str_eq(meter_name(METER_UNKNOWN), "unknown");
    cr_assert_str_eq(meter_name(METER_MALFORMED), "malformed");
    cr_assert_str_eq(meter_vocabulary(METER_MALFORMED), "none");
    cr_assert_str_eq(meter_error_word(STATUS_IO), "IO");
    cr_assert_str_eq(meter_error_word(STATUS_COUNT), "ERR");
}
