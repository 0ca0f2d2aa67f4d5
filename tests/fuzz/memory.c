#include "tests/fuzz/memory.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include "server/net/transport.h"
#include "tests/fuzz/target.h"
#include "tests/lib/chance.h"

/* One of so many calls finds the peer not ready; one of so many finds it gone. */
#define SELDOM 6
#define RARELY 16

static struct {
    struct slice input;
    size_t sent; /* of the input */
    enum memory_manner manner;
    struct chance chance;
    struct buffer output;
    bool finished; /* the connection says no more */
} memory;

int memory_open(struct slice input, enum memory_manner manner, uint64_t seed)
{
    int fd = eventfd(1, EFD_NONBLOCK | EFD_CLOEXEC);
    target_expect(fd >= 0, "there is a descriptor");
    memory.input = input;
    memory.sent = 0;
    memory.manner = manner;
    memory.chance.state = seed;
    memory.finished = false;
    buffer_clear(&memory.output);
    return fd;
}

struct slice memory_output(void)
{
    return buffer_slice(&memory.output);
}

/* How the next call goes when up to `most` bytes could move: small pieces are as likely as large
 * ones. */
static enum transport_result move(size_t most, size_t *count)
{
    *count = most;
    if (memory.manner == MEMORY_WHOLE)
        return TRANSPORT_OK;
    if (memory.manner == MEMORY_LEAVES && chance_below(&memory.chance, RARELY) == 0)
        return TRANSPORT_LOST;
    if (chance_below(&memory.chance, SELDOM) == 0)
        return TRANSPORT_AGAIN;
    size_t limit = (size_t)1 << chance_below(&memory.chance, 12);
    *count = 1 + chance_below(&memory.chance, limit < most ? limit : most);
    return TRANSPORT_OK;
}

bool transport_open(struct transport *transport, int fd, bool secure)
{
    *transport = (struct transport){.fd = fd};
    return !secure;
}

enum transport_result transport_recv(struct transport *transport, void *bytes, size_t size,
                                     size_t *count)
{
    size_t left = memory.input.len - memory.sent;
    (void)transport;
    *count = 0;
    if (left == 0)
        return TRANSPORT_END;
    size_t most = left < size ? left : size;
    size_t moved = 0;
    enum transport_result result = move(most, &moved);
    if (result != TRANSPORT_OK)
        return result;
    memcpy(bytes, memory.input.data + memory.sent, moved);
    memory.sent += moved;
    *count = moved;
    return TRANSPORT_OK;
}

uint32_t transport_waiting(const struct transport *transport)
{
    (void)transport;
    return (uint32_t)(memory.input.len - memory.sent);
}

enum transport_result transport_send(struct transport *transport, struct slice bytes, size_t *count)
{
    (void)transport;
    target_expect(bytes.len > 0 && !memory.finished, "something is sent, and before the end");
    enum transport_result result = move(bytes.len, count);
    if (result == TRANSPORT_OK)
        buffer_append(&memory.output, bytes.data, *count);
    return result;
}

enum transport_result transport_finish(struct transport *transport)
{
    (void)transport;
    memory.finished = true;
    return TRANSPORT_OK;
}

bool transport_peer_name(const struct transport *transport, struct buffer *name)
{
    (void)transport;
    (void)name;
    return false;
}

const char *transport_bare(struct transport *transport)
{
    (void)transport;
    return NULL;
}

void transport_abandon(struct transport *transport)
{
    (void)transport;
}

void transport_close(struct transport *transport)
{
    if (transport->fd >= 0)
        close(transport->fd);
    transport->fd = -1;
}
