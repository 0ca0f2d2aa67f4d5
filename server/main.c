/*
 * leveretd: the command line and the exit status.
 */
#include <errno.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config.h"
#include "offline.h"
#include "ops/daemon.h"
#include "ops/log.h"
#include "parts.h"
#include "server.h"

#define EXIT_USAGE 2

/* Memory of so many bytes goes back to the system when it is freed. The allocator would raise that
 * to 32 MiB by itself, and keep several such beside one another for the next large request. */
#define LARGE_BYTES (512 * 1024)

static int serve(const struct config *config)
{
    log_find_journal();
    if (config->log != NULL && !log_open(config->log)) {
        log_error("cannot open the log %s: %s", config->log, strerror(errno));
        return EXIT_FAILURE;
    }
    if (config->daemonize && !daemon_begin()) {
        log_error("cannot go to the background: %s", strerror(errno));
        return EXIT_FAILURE;
    }
    switch (server_run(config)) {
    case SERVER_STOPPED:
        return EXIT_SUCCESS;
    case SERVER_INTERRUPTED:
        _exit(EXIT_SUCCESS); /* other threads still run; exit would tear down under them */
    case SERVER_FORCED:
        _exit(EXIT_FAILURE);
    case SERVER_FAILED:
        break;
    }
    return EXIT_FAILURE;
}

static int errand_status(enum offline_result result)
{
    switch (result) {
    case OFFLINE_DONE:
        return EXIT_SUCCESS;
    case OFFLINE_UNCONFIRMED:
        return EXIT_USAGE;
    case OFFLINE_FAILED:
        break;
    }
    return EXIT_FAILURE;
}

/* What is done without serving. */
static int run_errand(const struct config *config)
{
    if (config->check)
        return printf("the configuration is good\n") < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
    return errand_status(config->repair != NULL ? offline_repair(config) : offline_destroy(config));
}

static int refuse(const struct config_error *error)
{
    fprintf(stderr, "leveretd: %s\n", error->text);
    return EXIT_USAGE;
}

int main(int argc, char **argv)
{
    mallopt(M_MMAP_THRESHOLD, LARGE_BYTES);
    static struct config config; /* threads that are not waited for still look at it */
    struct config_error error;
    if (!config_read(&config, argc, argv, &error))
        return refuse(&error);
    if (config.help) {
        config_print_help();
        return EXIT_SUCCESS;
    }
    if (config.version) {
        printf("leveretd %s\n", LEVERET_VERSION);
        return EXIT_SUCCESS;
    }
    if (!parts_prepare(&config, &error))
        return refuse(&error);
    if (config.check || config.repair != NULL || config.destroy != NULL) {
        parts_cancel();
        return run_errand(&config);
    }
    parts_commit();
    return serve(&config);
}
