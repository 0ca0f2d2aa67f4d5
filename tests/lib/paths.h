/*
 * Paths: where the build put what is under test.
 */
#ifndef LEVERET_TESTS_LIB_PATHS_H
#define LEVERET_TESTS_LIB_PATHS_H

/* leveretd and leveret; $LEVERETD and $LEVERET win, to test other builds than this one. */
const char *paths_daemon(void);
const char *paths_client(void);

/* The top of the source tree, and of the build tree. */
const char *paths_source(void);
const char *paths_build(void);

#endif
