#include "tests/bench/lib/loader.h"

#include <ctype.h>
#include <err.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/bench/lib/client.h"
#include "tests/bench/lib/clock.h"
#include "tests/bench/lib/process.h"

#define TURN_SECONDS 1.0

/* Requests of the first turn, for each that a connection has on the way. */
#define FIRST_REQUESTS 10000

#define NUMBER_LEN 24

static void print_number(char text[NUMBER_LEN], uint64_t number)
{
    snprintf(text, NUMBER_LEN, "%" PRIu64, number);
}

static const char *leveret(void)
{
    const char *program = getenv("LEVERET");
    if (!program)
        errx(1, "LEVERET must name the command line client");
    return program;
}

/* The number behind `"name":` in an object of JSON. */
static double field(const char *json, const char *name)
{
    const char *found = strstr(json, name);
    if (!found)
        errx(1, "no %s in: %s", name, json);
    return strtod(found + strlen(name), NULL);
}

static double run_lines(struct loader *loader, double *cpu)
{
    char address[32];
    char numbers[5][NUMBER_LEN];
    char json[2048];
    snprintf(address, sizeof(address), "%s127.0.0.1:%d", loader->tls ? "tls:" : "", loader->port);
    print_number(numbers[0], loader->clients);
    print_number(numbers[1], loader->requests);
    print_number(numbers[2], loader->pipeline);
    print_number(numbers[3], loader->keys);
    print_number(numbers[4], loader->hot);
    const char *argv[] = {leveret(),   "--connect", address,      "--json",     "bench",
                          "--clients", numbers[0],  "--requests", numbers[1],   "--pipeline",
                          numbers[2],  "--keys",    numbers[3],   loader->work, "--hot",
                          numbers[4],  NULL};
    if (loader->hot == 0)
        argv[14] = NULL;
    *cpu = process_run(argv, json, sizeof(json));
    if (field(json, "\"not_found\":") > 0)
        errx(1, "rows are missing: %s", json);
    loader->latency =
        (struct loader_latency){field(json, "\"p50_ms\":"), field(json, "\"p99.9_ms\":")};
    return field(json, "\"per_second\":");
}

/* "GET","123456.78","0.4",... behind a line of names. */
static double run_resp(struct loader *loader, double *cpu)
{
    char port[NUMBER_LEN];
    char numbers[4][NUMBER_LEN];
    char csv[4096];
    char name[16];
    print_number(port, (uint64_t)loader->port);
    print_number(numbers[0], loader->clients);
    print_number(numbers[1], loader->requests);
    print_number(numbers[2], loader->pipeline);
    print_number(numbers[3], loader->keys);
    const char *argv[] = {"redis-benchmark", "-p", port,       "-t",    loader->work, "-c",
                          numbers[0],        "-n", numbers[1], "-P",    numbers[2],   "-r",
                          numbers[3],        "-d", "100",      "--csv", NULL};
    *cpu = process_run(argv, csv, sizeof(csv));
    snprintf(name, sizeof(name), "\"%s\",\"", loader->work);
    for (char *at = name; *at; at++)
        *at = (char)toupper((unsigned char)*at);
    return field(csv, name);
}

void loader_run(struct loader *loader, struct turn *turn)
{
    bool first = loader->requests == 0;
    double cpu = 0;
    if (first)
        loader->requests = (uint64_t)FIRST_REQUESTS * loader->pipeline;
    turn->figure = (loader->face == LOADER_RESP ? run_resp : run_lines)(loader, &cpu);
    turn->client_cpu = cpu * 1e6 / (double)loader->requests;
    turn->server_cpu = -1;
    loader->done = loader->requests;
    if (first)
        loader->requests = (uint64_t)(turn->figure * TURN_SECONDS) + 1;
}

void loader_take(void *how, struct turn *turn)
{
    struct loader *loader = how;
    double before = process_cpu(loader->server);
    loader_run(loader, turn);
    process_settle(loader->server);
    turn->server_cpu = (process_cpu(loader->server) - before) * 1e6 / (double)loader->done;
}

pid_t loader_write_on(int port, unsigned clients, uint64_t keys)
{
    char address[32];
    char numbers[2][NUMBER_LEN];
    snprintf(address, sizeof(address), "127.0.0.1:%d", port);
    print_number(numbers[0], clients);
    print_number(numbers[1], keys);
    const char *argv[] = {leveret(), "--connect", address,     "bench", "--clients", numbers[0],
                          "--keys",  numbers[1],  "--seconds", "600",   "set",       NULL};
    struct client *client = client_open(port);
    uint64_t before = client_info(client, "committed_writes");
    pid_t pid = process_start(argv, -1, -1);
    while (client_info(client, "committed_writes") < before + 100 * clients)
        clock_pause(0.005);
    client_close(client);
    return pid;
}
