/*
 * The printed table: one line for each figure, with its target beside it.
 */
#ifndef LEVERET_TESTS_BENCH_LIB_TABLE_H
#define LEVERET_TESTS_BENCH_LIB_TABLE_H

/* Starts a group of figures with its title and a sentence on how they were taken. */
void table_title(const char *title, const char *how);

/* A figure that was only measured. */
void table_figure(const char *name, double value, const char *unit);

/* A figure that should be at most, or at least, `target`; says whether it is. */
void table_at_most(const char *name, double value, double target, const char *unit);
void table_at_least(const char *name, double value, double target, const char *unit);

#endif
