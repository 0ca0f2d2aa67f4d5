#include "net/admission.h"

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <netinet/in.h>
#include <pthread.h>

static struct sockaddr_storage peer_at(const char *text)
{
    struct sockaddr_storage peer = {0};
    struct sockaddr_in *v4 = (struct sockaddr_in *)&peer;
    v4->sin_family = AF_INET;
    cr_assert_eq(inet_pton(AF_INET, text, &v4->sin_addr), 1);
    return peer;
}

static const struct sockaddr_storage at_unix_socket = {.ss_family = AF_UNIX};

static uint32_t enter(struct admission *admission, const struct sockaddr_storage *peer)
{
    uint32_t seat = 0;
    cr_assert_eq(admission_ask(admission, peer, &seat), ADMISSION_GRANTED);
    return seat;
}

static void expect(struct admission *admission, const struct sockaddr_storage *peer,
                   enum admission_verdict verdict)
{
    uint32_t seat = 0;
    cr_assert_eq(admission_ask(admission, peer, &seat), verdict);
}

Test(admission, lets_in_as_many_as_there_may_be)
{
    struct admission *admission = admission_new(&(struct admission_options){.most = 2});
    struct sockaddr_storage peer = peer_at("127.0.0.1");
    uint32_t first = enter(admission, &peer);
    uint32_t second = enter(admission, &at_unix_socket);
    expect(admission, &peer, ADMISSION_FULL);
    expect(admission, &at_unix_socket, ADMISSION_FULL);
    admission_leave(admission, first);
    first = enter(admission, &peer);
    expect(admission, &peer, ADMISSION_FULL);
    admission_leave(admission, first);
    admission_leave(admission, second);
    admission_free(admission);
}

Test(admission, counts_those_of_one_address_but_none_at_unix_sockets)
{
    struct admission *admission =
        admission_new(&(struct admission_options){.most = 8, .most_per_address = 1});
    struct sockaddr_storage hare = peer_at("198.51.100.1");
    struct sockaddr_storage rabbit = peer_at("198.51.100.2");
    uint32_t seats[4];
    seats[0] = enter(admission, &hare);
    expect(admission, &hare, ADMISSION_CROWDED);
    seats[1] = enter(admission, &rabbit);
    seats[2] = enter(admission, &at_unix_socket);
    seats[3] = enter(admission, &at_unix_socket);
    admission_leave(admission, seats[0]);
    seats[0] = enter(admission, &hare);
    expect(admission, &hare, ADMISSION_CROWDED);
    for (unsigned i = 0; i < 4; i++)
        admission_leave(admission, seats[i]);
    admission_free(admission);
}

Test(admission, of_local_peers_only_lets_no_stranger_in)
{
    struct admission *admission =
        admission_new(&(struct admission_options){.most = 2, .local_only = true});
    struct sockaddr_storage stranger = peer_at("198.51.100.1");
    struct sockaddr_storage neighbour = peer_at("127.0.0.1");
    expect(admission, &stranger, ADMISSION_STRANGER);
    uint32_t seat = enter(admission, &neighbour);
    admission_leave(admission, seat);
    seat = enter(admission, &at_unix_socket);
    admission_leave(admission, seat);
    admission_free(admission);
}

static void *come_and_go(void *arg)
{
    struct sockaddr_storage peer = peer_at("198.51.100.1");
    for (unsigned i = 0; i < 20000; i++) {
        uint32_t seat = 0;
        if (admission_ask(arg, &peer, &seat) == ADMISSION_GRANTED)
            admission_leave(arg, seat);
    }
    return NULL;
}

/* admission_free asserts that nobody is counted any more. */
Test(admission, keeps_count_of_peers_that_come_and_go_on_many_threads)
{
    struct admission *admission =
        admission_new(&(struct admission_options){.most = 3, .most_per_address = 2});
    pthread_t threads[4];
    for (unsigned i = 0; i < 4; i++)
        cr_assert_eq(pthread_create(&threads[i], NULL, come_and_go, admission), 0);
    for (unsigned i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    struct sockaddr_storage peer = peer_at("198.51.100.1");
    uint32_t first = enter(admission, &peer);
    uint32_t second = enter(admission, &peer);
    expect(admission, &peer, ADMISSION_CROWDED);
    admission_leave(admission, first);
    admission_leave(admission, second);
    admission_free(admission);
}
