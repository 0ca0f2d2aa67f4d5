/*
 * Rows: what the tests of foreign directories write, and change through the wire. rows.py makes
 * them, and knows what they are after the changes.
 */
#ifndef LEVERET_TESTS_INTEROP_ROWS_H
#define LEVERET_TESTS_INTEROP_ROWS_H

/* Begins a command line that runs rows.py; see there. */
#define ROWS "/usr/bin/python3 $SOURCE/tests/interop/rows.py "

/* Changes the rows that the daemon on $PORT serves. */
void rows_change(void);

#endif
