#include "server/ops/thread.h"

#include <criterion/criterion.h>
#include <sched.h>

Test(thread, patient_one_pushes_nobody_aside)
{
    cr_assert_eq(sched_getscheduler(0), SCHED_OTHER);
    thread_be_patient();
    cr_assert_eq(sched_getscheduler(0), SCHED_BATCH);
}

Test(thread, policy_that_an_administrator_chose_stays)
{
    static const struct sched_param unused = {0};
    cr_assert_eq(sched_setscheduler(0, SCHED_IDLE, &unused), 0);
    thread_be_patient();
    cr_assert_eq(sched_getscheduler(0), SCHED_IDLE);
}
