#include "tests/interop/place.h"

#include <stdio.h>
#include <stdlib.h>

static void name_number(const char *name, int number)
{
    char text[16];
    snprintf(text, sizeof(text), "%d", number);
    setenv(name, text, 1);
}

void place_name(const struct daemon *daemon)
{
    name_number("PORT", daemon_port(daemon));
    setenv("DIR", daemon_directory(daemon), 1);
}

struct daemon *place_run(void)
{
    struct daemon *daemon = daemon_new();
    daemon_start(daemon, "--listen", "127.0.0.1:0", "--unix", daemon_socket(daemon), NULL);
    place_name(daemon);
    setenv("SOCKET", daemon_socket(daemon), 1);
    return daemon;
}

struct daemon *place_run_other(void)
{
    struct daemon *daemon = daemon_run();
    name_number("OTHER", daemon_port(daemon));
    return daemon;
}
