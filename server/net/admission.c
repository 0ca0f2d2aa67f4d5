#include "net/admission.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>

#include "net/address.h"
#include "net/tally.h"

struct admission {
    struct admission_options options;
    pthread_mutex_t lock; /* guards the rest */
    uint32_t open;
    struct tally *tally; /* NULL when addresses are not counted */
};

struct admission *admission_new(const struct admission_options *options)
{
    struct admission *admission = calloc(1, sizeof(*admission));
    if (admission == NULL)
        return NULL;
    admission->options = *options;
    if (options->most_per_address > 0)
        admission->tally = tally_new(options->most);
    if (options->most_per_address > 0 && admission->tally == NULL) {
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
    if (admission->tally == NULL || !address_network(peer, &network))
        return ADMISSION_GRANTED;
    *seat = tally_add(admission->tally, network, &count);
    if (*seat != TALLY_NONE && count <= admission->options.most_per_address)
        return ADMISSION_GRANTED;
    if (*seat != TALLY_NONE)
        tally_remove(admission->tally, *seat);
    return ADMISSION_CROWDED;
}

enum admission_verdict admission_ask(struct admission *admission,
                                     const struct sockaddr_storage *peer, uint32_t *seat)
{
    if (admission->options.local_only && !address_is_local(peer))
        return ADMISSION_STRANGER;
    pthread_mutex_lock(&admission->lock);
    enum admission_verdict verdict = ADMISSION_FULL;
    if (admission->open < admission->options.most)
        verdict = count_address(admission, peer, seat);
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
