/*
 * Processes that a measurement runs, and the CPU time that they use. Each dies with the program.
 * Trouble ends the program.
 */
#ifndef LEVERET_TESTS_BENCH_LIB_PROCESS_H
#define LEVERET_TESTS_BENCH_LIB_PROCESS_H

#include <stddef.h>
#include <sys/types.h>

/* Starts a program found along $PATH, NULL behind its arguments. Its standard output goes to
 * `out`, its standard error to `err_out`; descriptors that stay the caller's, or -1: to /dev/null,
 * and where the caller's own goes. */
pid_t process_start(const char *const *argv, int out, int err_out);

/* The seconds of CPU that the process used, all threads and both modes, by the clock's tick. */
double process_cpu(pid_t pid);

/* Waits until the process does nothing any more: compactions that a load leaves behind belong to
 * it, and not to whoever takes the next turn. At most some seconds. */
void process_settle(pid_t pid);

/* Waits for the end of a process, which must be a good one; the seconds of CPU it used. */
double process_wait(pid_t pid);

/* SIGTERM, and the end, which may be of any kind. */
void process_end(pid_t pid);

/* Runs a program to its end, keeping the start of what it prints as a string; the seconds of CPU
 * it used. `text` may be NULL. */
double process_run(const char *const *argv, char *text, size_t size);

#endif
