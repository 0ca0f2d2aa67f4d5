/*
 * Memory that runs out under a request: it ends that request or that connection, and is nothing
 * that another peer hears of.
 */
#include <criterion/criterion.h>

#include "tests/lib/daemon.h"
#include "tests/system/gate.h"

/* From so many bytes on nothing grows, and so many there are of a line that does not end: short
 * enough to arrive at once. */
#define SCARCE 8192
#define UNENDED (2 * (size_t)SCARCE)

static struct daemon *server;
static struct gate *gate;
static struct wire *wire;

/* One worker, so that its connections share what it has. */
static void start(void)
{
    server = daemon_new();
    gate = gate_open(server);
    daemon_start(server, "--workers", "1", NULL);
    wire = daemon_connect(server);
}

static void stop(void)
{
    wire_close(wire);
    daemon_stop(server);
    daemon_free(server);
}

TestSuite(scarcity, .init = start, .fini = stop, .timeout = 60);

static void grow_scarce(void)
{
    atomic_store(&gate->scarce, SCARCE);
}

static const char no_memory[] = "ERR MEMORY \"the server has no memory for this request\"\n";

/* Only the request whose reply does not fit fails. */
Test(scarcity, under_a_reply_is_an_error)
{
    struct buffer request = {0};
    buffer_append_string(&request, "PUT large ");
    cr_assert(buffer_reserve(&request, UNENDED));
    memset(request.data + request.len, 'a', UNENDED);
    request.len += UNENDED;
    buffer_append_byte(&request, '\n');
    wire_send(wire, buffer_slice(&request));
    wire_expect(wire, "OK\n");
    grow_scarce();
    wire_ask(wire, "GET large\n", no_memory);
    wire_ask(wire, "MGET none large\nPING\n",
             "ERR MEMORY \"the server has no memory for this request\"\nOK \"PONG\"\n");
    buffer_fini(&request);
}

/* Where the next request would begin is unknown then, so it is the last. */
Test(scarcity, under_a_request_is_told)
{
    char half[5000];
    memset(half, 'a', sizeof(half));
    wire_send(wire, slice_of(half, sizeof(half)));
    while (daemon_info(server, "buffered") == 0)
        continue; /* until it has arrived */
    grow_scarce();
    wire_send(wire, slice_of(half, sizeof(half)));
    wire_expect(wire, no_memory);
    wire_expect_gone(wire);
}

/* The first peer's request is answered, but what came behind it cannot be kept. */
Test(scarcity, never_gives_one_peer_the_answer_for_another)
{
    struct wire *other = daemon_connect(server);
    struct buffer request = {0};
    wire_ask(wire, "PUT secret hidden\n", "OK\n");
    buffer_append_string(&request, "GET secret\n");
    cr_assert(buffer_reserve(&request, UNENDED));
    memset(request.data + request.len, 'a', UNENDED);
    request.len += UNENDED;
    grow_scarce();
    wire_send(wire, buffer_slice(&request));
    wire_expect(wire, "OK \"hidden\"\n");
    wire_expect(wire, no_memory);
    wire_expect_gone(wire);
    atomic_store(&gate->scarce, 0);
    wire_ask(other, "PING\n", "OK \"PONG\"\n");
    wire_close(other);
    buffer_fini(&request);
}
