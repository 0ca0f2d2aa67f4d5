#include "net/admission.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>

#include "net/address.h"
#include "net/tally.h"

struct admission {
    pthread_mutex_t lock; /* guards the rest */
    struct admission_options options;
    uint32_t open;
    struct tally *tally; /* addresses are counted bounded or not: a bound may come later */
};

struct admission *admission_new(const struct admission_options *options)
{
    struct admission *admission = calloc(1, sizeof(*admission));
    if (admission == NULL)
        return NULL;
    admission->options = *options;
    admission->tally = tally_new(options->most);
    if (admission->tally == NULL) {
        free(admission);
        return NULL;
    }
    pthread_mutex_init(&admission->lock, NULL);
    return admission;
}

void admission_free(struct admission *admission)
{
    if (admission == NULL)
        return;
    assert(admission->open == 0);
    pthread_mutex_destroy(&admission->lock);
    tally_free(admission->tally);
    free(admission);
}

/* Behind the lock. Peers without an address, at the other end of a Unix socket, have no row. */
static enum admission_verdict count_address(struct admission *admission,
                                            const struct sockaddr_storage *peer, uint32_t *seat)
{
    uint64_t network = 0;
    uint32_t count = 0;
    *seat = TALLY_NONE;
    uint32_t most = admission->options.most_per_address;
    if (!address_network(peer, &network))
        return ADMISSION_GRANTED;
    *seat = tally_add(admission->tally, network, &count);
    if (*seat != TALLY_NONE && (most == 0 || count <= most))
        return ADMISSION_GRANTED;
    if (*seat != TALLY_NONE)
        tally_remove(admission->tally, *seat);
    return ADMISSION_CROWDED;
}

bool admission_reserve(struct admission *admission, uint32_t most)
{
    pthread_mutex_lock(&admission->lock);
    bool reserved = tally_reserve(admission->tally, most);
    pthread_mutex_unlock(&admission->lock);
    return reserved;
}

void admission_change(struct admission *admission, const struct admission_options *options)
{
    pthread_mutex_lock(&admission->lock);
    admission->options = *options;
    pthread_mutex_unlock(&admission->lock);
}

/* Behind the lock. */
static enum admission_verdict decide(struct admission *admission,
                                     const struct sockaddr_storage *peer, uint32_t *seat)
{
    if (admission->options.local_only && !address_is_local(peer))
        return ADMISSION_STRANGER;
    if (admission->open >= admission->options.most)
        return ADMISSION_FULL;
    return count_address(admission, peer, seat);
}

enum admission_verdict admission_ask(struct admission *admission,
                                     const struct sockaddr_storage *peer, uint32_t *seat)
{
    pthread_mutex_lock(&admission->lock);
    enum admission_verdict verdict = decide(admission, peer, seat);
    admission->open += verdict == ADMISSION_GRANTED;
    pthread_mutex_unlock(&admission->lock);
    return verdict;
}

void admission_leave(struct admission *admission, uint32_t seat)
{
    pthread_mutex_lock(&admission->lock);
    assert(admission->open > 0);
    admission->open--;
    if (seat != TALLY_NONE)
        tally_remove(admission->tally, seat);
    pthread_mutex_unlock(&admission->lock);
}
