#include "http.h"

#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/http.h>
#include <event2/keyvalq_struct.h>
#include <event2/listener.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "net/address.h"
#include "net/inbox.h"
#include "ops/clock.h"
#include "ops/log.h"
#include "ops/thread.h"

#define DEFAULT_HOST "127.0.0.1"

/* Longest text of an address. */
#define HTTP_ADDRESS 256

/* Of a request: far more than any client of these pages sends. Bytes. */
#define MOST_HEADERS (8 * 1024)
#define MOST_BODY 1024

/* How long a connection may be there at all, in seconds. */
#define LONGEST_STAY 10

/* So many have to go when all places are taken. */
#define GUESTS_TO_GO (HTTP_GUESTS / 4)

/* How often it is looked who has gone, and how soon when there is no place left. */
static const struct timeval sweep_interval = {.tv_sec = 1};
static const struct timeval crowded_interval = {.tv_usec = 20 * 1000};

/* A connection. libevent tells nobody when it frees one, but then it takes its callbacks off: so
 * each is held once more, until that is seen. */
struct guest {
    struct bufferevent *stream; /* NULL: a free place */
    int64_t since;              /* clock_ms */
    bool told_to_go;
};

struct http {
    struct pages *pages;
    struct event_base *base;
    struct evhttp *server;
    struct evconnlistener *listener;
    struct event *sweep_event;
    struct inbox inbox;
    struct message stop_message;
    pthread_t thread;
    struct guest guests[HTTP_GUESTS];
};

/* Guests --------------------------------------------------------------------- */

static bool has_gone(struct bufferevent *stream)
{
    bufferevent_data_cb on_read;
    bufferevent_data_cb on_write;
    bufferevent_event_cb on_event;
    void *arg;
    bufferevent_getcb(stream, &on_read, &on_write, &on_event, &arg);
    return on_event == NULL;
}

/* libevent finds the end of the connection next, and frees it. */
static void show_out(struct guest *guest)
{
    if (!guest->told_to_go)
        shutdown(bufferevent_getfd(guest->stream), SHUT_RDWR);
    guest->told_to_go = true;
}

/* Clears the places of those who have gone; how many are taken. */
static size_t sweep(struct http *http)
{
    size_t count = 0;
    int64_t oldest = clock_ms() - LONGEST_STAY * 1000;
    for (size_t i = 0; i < HTTP_GUESTS; i++) {
        struct guest *guest = &http->guests[i];
        if (guest->stream != NULL && has_gone(guest->stream)) {
            bufferevent_decref(guest->stream);
            *guest = (struct guest){0};
        }
        if (guest->stream == NULL)
            continue;
        count++;
        if (guest->since <= oldest)
            show_out(guest);
    }
    return count;
}

static struct guest *find_longest(struct http *http)
{
    struct guest *found = NULL;
    for (size_t i = 0; i < HTTP_GUESTS; i++) {
        struct guest *guest = &http->guests[i];
        if (guest->stream != NULL && !guest->told_to_go && bufferevent_getfd(guest->stream) >= 0 &&
            (found == NULL || guest->since < found->since))
            found = guest;
    }
    return found;
}

/* Others wait in the system's queue until places are free. */
static void make_room(struct http *http)
{
    evconnlistener_disable(http->listener);
    for (unsigned i = 0; i < GUESTS_TO_GO; i++) {
        struct guest *guest = find_longest(http);
        if (guest != NULL)
            show_out(guest);
    }
    event_add(http->sweep_event, &crowded_interval);
}

static void on_sweep(evutil_socket_t fd, short what, void *arg)
{
    struct http *http = arg;
    (void)fd;
    (void)what;
    if (sweep(http) == HTTP_GUESTS) {
        make_room(http);
        return;
    }
    evconnlistener_enable(http->listener);
    event_add(http->sweep_event, &sweep_interval);
}

static struct guest *find_place(struct http *http)
{
    for (size_t i = 0; i < HTTP_GUESTS; i++)
        if (http->guests[i].stream == NULL)
            return &http->guests[i];
    return NULL; /* never: the listener rests while there is none */
}

/* Somebody comes: libevent asks for a stream, which gets its socket behind this. */
static struct bufferevent *new_stream(struct event_base *base, void *arg)
{
    struct http *http = arg;
    size_t count = sweep(http);
    struct bufferevent *stream = bufferevent_socket_new(base, -1, BEV_OPT_CLOSE_ON_FREE);
    struct guest *place = find_place(http);
    if (stream != NULL && place != NULL) {
        *place = (struct guest){.stream = stream, .since = clock_ms()};
        bufferevent_incref(stream);
    }
    if (count + 1 >= HTTP_GUESTS)
        make_room(http);
    return stream;
}

/* Requests ------------------------------------------------------------------- */

static void refuse_method(struct evhttp_request *request)
{
    evhttp_add_header(evhttp_request_get_output_headers(request), "Allow", "GET, HEAD");
    evhttp_send_reply(request, HTTP_BADMETHOD, "Method Not Allowed", NULL);
}

static void send_answer(struct evhttp_request *request, const struct pages_answer *answer)
{
    struct evkeyvalq *headers = evhttp_request_get_output_headers(request);
    bool wants_text = evhttp_request_get_command(request) == EVHTTP_REQ_GET;
    struct evbuffer *body = evbuffer_new();
    char length[24];
    snprintf(length, sizeof(length), "%zu", answer->text.len);
    evhttp_add_header(headers, "Content-Type", answer->type);
    evhttp_add_header(headers, "Content-Length", length);
    evhttp_add_header(headers, "Cache-Control", "no-store");
    if (body != NULL && wants_text)
        evbuffer_add(body, answer->text.data, answer->text.len);
    evhttp_send_reply(request, answer->status, NULL, body);
    if (body != NULL)
        evbuffer_free(body);
}

static void on_request(struct evhttp_request *request, void *arg)
{
    struct http *http = arg;
    enum evhttp_cmd_type command = evhttp_request_get_command(request);
    const struct evhttp_uri *uri = evhttp_request_get_evhttp_uri(request);
    struct pages_answer answer = {0};
    evhttp_add_header(evhttp_request_get_output_headers(request), "Connection", "close");
    if (command != EVHTTP_REQ_GET && command != EVHTTP_REQ_HEAD) {
        refuse_method(request);
        return;
    }
    pages_answer(http->pages, uri == NULL ? NULL : evhttp_uri_get_path(uri), &answer);
    send_answer(request, &answer);
    buffer_fini(&answer.text);
}

/* Life ----------------------------------------------------------------------- */

/* Splits the address; a port alone is one of this machine. */
static bool split(const char *address, char host[HTTP_ADDRESS], char port[8])
{
    char full[HTTP_ADDRESS];
    bool alone = address[0] != '\0' && strspn(address, "0123456789") == strlen(address);
    int len = snprintf(full, sizeof(full), "%s%s", alone ? DEFAULT_HOST ":" : "", address);
    return len > 0 && (size_t)len < sizeof(full) &&
           address_split(full, host, HTTP_ADDRESS, port, 8);
}

bool http_accepts(const char *address)
{
    char host[HTTP_ADDRESS];
    char port[8];
    return split(address, host, port);
}

static void end_loop(struct message *message, void *owner)
{
    struct http *http = owner;
    (void)message;
    event_base_loopbreak(http->base);
}

static void *run(void *arg)
{
    struct http *http = arg;
    thread_begin("http");
    thread_be_patient();
    event_base_dispatch(http->base);
    return NULL;
}

static bool prepare(struct http *http)
{
    http->base = event_base_new();
    if (http->base == NULL || !inbox_init(&http->inbox, http->base, http))
        return false;
    http->stop_message.run = end_loop;
    http->server = evhttp_new(http->base);
    http->sweep_event = event_new(http->base, -1, 0, on_sweep, http);
    if (http->server == NULL || http->sweep_event == NULL)
        return false;
    evhttp_set_max_headers_size(http->server, MOST_HEADERS);
    evhttp_set_max_body_size(http->server, MOST_BODY);
    evhttp_set_timeout(http->server, LONGEST_STAY);
    evhttp_set_allowed_methods(http->server, UINT16_MAX); /* those of no use are told so */
    evhttp_set_bevcb(http->server, new_stream, http);
    evhttp_set_gencb(http->server, on_request, http);
    return event_add(http->sweep_event, &sweep_interval) == 0;
}

static bool listen_on(struct http *http, const char *address)
{
    char host[HTTP_ADDRESS];
    char port[8];
    char bound[ADDRESS_TEXT] = "";
    struct sockaddr_storage local = {0};
    socklen_t size = sizeof(local);
    errno = EINVAL;
    if (!split(address, host, port))
        return false;
    errno = ENOENT; /* for a host that is not known */
    struct evhttp_bound_socket *handle =
        evhttp_bind_socket_with_handle(http->server, host, (uint16_t)atoi(port));
    if (handle == NULL)
        return false;
    http->listener = evhttp_bound_socket_get_listener(handle);
    getsockname(evhttp_bound_socket_get_fd(handle), (struct sockaddr *)&local, &size);
    address_format(&local, bound);
    log_info("metrics on http://%s/metrics", bound);
    return true;
}

static void release(struct http *http)
{
    if (http->server != NULL)
        evhttp_free(http->server);
    if (http->base != NULL)
        sweep(http);
    if (http->sweep_event != NULL)
        event_free(http->sweep_event);
    if (http->inbox.wake_event != NULL)
        inbox_fini(&http->inbox);
    if (http->base != NULL)
        event_base_free(http->base);
    free(http);
}

struct http *http_start(const char *address, struct pages *pages)
{
    struct http *http = calloc(1, sizeof(*http));
    if (http == NULL)
        return NULL;
    http->pages = pages;
    if (!prepare(http) || !listen_on(http, address))
        log_error("cannot listen on %s for metrics: %s", address, strerror(errno));
    else if (pthread_create(&http->thread, NULL, run, http) == 0)
        return http;
    release(http);
    return NULL;
}

void http_stop(struct http *http)
{
    if (http == NULL)
        return;
    inbox_post(&http->inbox, &http->stop_message);
    pthread_join(http->thread, NULL);
    release(http);
}
