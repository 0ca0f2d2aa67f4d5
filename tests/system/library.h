/*
 * A library under test: one object of libleveret, and the daemon that it talks to.
 */
#ifndef LEVERET_TESTS_SYSTEM_LIBRARY_H
#define LEVERET_TESTS_SYSTEM_LIBRARY_H

#include <criterion/criterion.h>

#include "client/leveret.h"
#include "tests/lib/daemon.h"

/* What library_open made, for one test at a time. */
extern struct daemon *library_server;
extern struct leveret *library_db;

/* A daemon on a port and on a Unix socket, with one more option unless it is NULL, and an object
 * that is not connected to it yet. */
void library_open(const char *option, const char *value);
void library_close(void);

/* Stops the daemon, and starts it again where it was. */
void library_restart(void);

/* The call must answer LEVERET_OK. */
#define OK(call) cr_assert_eq((call), LEVERET_OK, "%s", leveret_error_text(library_db))

void library_expect_bytes(struct leveret_bytes got, struct leveret_bytes expected);
void library_expect_text(struct leveret_bytes got, const char *expected);

/* The keys of the range must be exactly these, NULL at the end. */
void library_expect_keys(const struct leveret_range *range, ...) __attribute__((sentinel));

#endif
