#include "client/lib/tls.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/poll.h>
#include <sys/socket.h>

#include "client/lib/clock.h"
#include "client/lib/dial.h"
#include "client/lib/distrust.h"

/* Four records of requests and what TLS adds to them. */
#define SEND_MOST ((size_t)64 * 1024)
#define OUT_SIZE (SEND_MOST + (size_t)4096)

/* One reading. */
#define IN_SIZE ((size_t)64 * 1024)

#define RECORD ((size_t)16 * 1024)

struct tls {
    SSL *ssl;
    BIO *net; /* the socket's side of the memory in between; the other belongs to `ssl` */
    bool greeted;
    const char *reason;
    struct distrust distrust;
};

/* Settings ------------------------------------------------------------------ */

static bool fail_file(struct tls_problem *problem, const char *what, const char *path)
{
    unsigned long error = ERR_peek_last_error();
    const char *reason =
        ERR_SYSTEM_ERROR(error) ? strerror(ERR_GET_REASON(error)) : ERR_reason_error_string(error);
    snprintf(problem->text, sizeof(problem->text), "cannot use the %s %s: %s", what, path,
             reason == NULL ? "nothing in it is one" : reason);
    return false;
}

/* Nobody is asked for the password of a key: a library has no terminal. */
static int give_no_password(char *buffer, int size, int writing, void *argument)
{
    (void)buffer, (void)size, (void)writing, (void)argument;
    return 0;
}

static bool load_authorities(SSL_CTX *context, const char *path, struct tls_problem *problem)
{
    if (path == NULL)
        return SSL_CTX_set_default_verify_paths(context) == 1;
    return SSL_CTX_load_verify_file(context, path) == 1 ||
           fail_file(problem, "file of authorities", path);
}

static bool load_identity(SSL_CTX *context, const char *certificate, const char *key,
                          struct tls_problem *problem)
{
    if (certificate == NULL && key == NULL)
        return true;
    if (certificate == NULL || key == NULL) {
        snprintf(problem->text, sizeof(problem->text), "a certificate and its key go together");
        return false;
    }
    if (SSL_CTX_use_certificate_chain_file(context, certificate) != 1)
        return fail_file(problem, "certificate", certificate);
    if (SSL_CTX_use_PrivateKey_file(context, key, SSL_FILETYPE_PEM) != 1)
        return fail_file(problem, "key", key);
    return true;
}

static SSL_CTX *make_context(char *const settings[TLS_SETTINGS], struct tls_problem *problem)
{
    SSL_CTX *context = SSL_CTX_new(TLS_client_method());
    if (context == NULL)
        return NULL;
    SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
    SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
    SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                  SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_default_passwd_cb(context, give_no_password);
    if (load_authorities(context, settings[LEVERET_TLS_CA], problem) &&
        load_identity(context, settings[LEVERET_TLS_CERT], settings[LEVERET_TLS_KEY], problem))
        return context;
    SSL_CTX_free(context);
    return NULL;
}

/* Certificates name addresses apart from names, and only names are told to the server. */
static bool expect_name(SSL *ssl, const char *name)
{
    X509_VERIFY_PARAM *wanted = SSL_get0_param(ssl);
    X509_VERIFY_PARAM_set_hostflags(wanted, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    if (X509_VERIFY_PARAM_set1_ip_asc(wanted, name) == 1)
        return true;
    ERR_clear_error();
    return X509_VERIFY_PARAM_set1_host(wanted, name, 0) == 1 &&
           SSL_set_tlsext_host_name(ssl, name) == 1;
}

static bool set_up(struct tls *tls, SSL_CTX *context, const char *name)
{
    BIO *inner = NULL;
    tls->ssl = SSL_new(context);
    if (tls->ssl == NULL || BIO_new_bio_pair(&inner, OUT_SIZE, &tls->net, IN_SIZE) != 1)
        return false;
    SSL_set_bio(tls->ssl, inner, inner);
    SSL_set_connect_state(tls->ssl);
    distrust_watch(&tls->distrust, tls->ssl, name);
    return expect_name(tls->ssl, name);
}

struct tls *tls_open(char *const settings[TLS_SETTINGS], const char *host,
                     struct tls_problem *problem)
{
    const char *name = settings[LEVERET_TLS_NAME] == NULL ? host : settings[LEVERET_TLS_NAME];
    *problem = (struct tls_problem){.text = "no memory for TLS"};
    ERR_clear_error();
    SSL_CTX *context = make_context(settings, problem);
    if (context == NULL)
        return NULL;
    struct tls *tls = calloc(1, sizeof(*tls));
    bool good = tls != NULL && set_up(tls, context, name);
    SSL_CTX_free(context);
    if (good)
        return tls;
    tls_close(tls, -1);
    return NULL;
}

/* Bytes --------------------------------------------------------------------- */

size_t tls_held(const struct tls *tls)
{
    return BIO_ctrl_pending(tls->net);
}

/* Sends what waits, as far as the socket takes it. False and errno when it broke. */
static bool flush(struct tls *tls, int fd)
{
    char *bytes = NULL;
    int count;
    while ((count = BIO_nread0(tls->net, &bytes)) > 0) {
        ssize_t sent = send(fd, bytes, (size_t)count, MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR)
            continue;
        if (sent < 0)
            return errno == EAGAIN || errno == EWOULDBLOCK;
        (void)BIO_nread(tls->net, &bytes, (int)sent);
    }
    return true;
}

/* Brings in what the socket has, up to IN_SIZE. As recv. */
static ssize_t fetch(struct tls *tls, int fd)
{
    char *room = NULL;
    int size = BIO_nwrite0(tls->net, &room);
    ssize_t got;
    if (size <= 0) {
        errno = EPROTO; /* a record is smaller than the room for it */
        return -1;
    }
    do
        got = recv(fd, room, (size_t)size, 0);
    while (got < 0 && errno == EINTR);
    if (got > 0)
        (void)BIO_nwrite(tls->net, &room, (int)got);
    return got;
}

static ssize_t break_off(struct tls *tls)
{
    tls->reason = ERR_reason_error_string(ERR_peek_error());
    errno = EPROTO;
    return -1;
}

ssize_t tls_send(struct tls *tls, int fd, const void *data, size_t len)
{
    size_t taken = 0;
    if (!flush(tls, fd))
        return -1;
    if (tls_held(tls) > 0) {
        errno = EAGAIN;
        return -1;
    }
    ERR_clear_error();
    while (taken < len && taken < SEND_MOST) {
        size_t count = 0;
        size_t rest = len - taken < SEND_MOST - taken ? len - taken : SEND_MOST - taken;
        if (SSL_write_ex(tls->ssl, (const char *)data + taken, rest, &count) != 1)
            return break_off(tls);
        taken += count;
    }
    return flush(tls, fd) ? (ssize_t)taken : -1;
}

/* Appends all that has come. 1; 0 when it ended behind that; -1 and errno. */
static int decrypt(struct tls *tls, struct buffer *in)
{
    ERR_clear_error();
    for (;;) {
        size_t count = 0;
        if (!buffer_reserve(in, RECORD)) {
            errno = ENOMEM;
            return -1;
        }
        if (SSL_read_ex(tls->ssl, in->data + in->len, in->cap - in->len, &count) == 1) {
            in->len += count;
            continue;
        }
        switch (SSL_get_error(tls->ssl, 0)) {
        case SSL_ERROR_WANT_READ:
        case SSL_ERROR_WANT_WRITE: /* tls_held tells the same */
            return 1;
        case SSL_ERROR_ZERO_RETURN:
            return 0;
        default:
            return (int)break_off(tls);
        }
    }
}

ssize_t tls_receive(struct tls *tls, int fd, struct buffer *in)
{
    ssize_t got = fetch(tls, fd);
    if (got == 0)
        errno = ECONNRESET;
    if (got <= 0)
        return -1;
    int result = decrypt(tls, in);
    return result > 0 ? got : result;
}

const char *tls_reason(const struct tls *tls)
{
    return tls->reason;
}

/* Greeting ------------------------------------------------------------------ */

static bool fail(struct tls_problem *problem, const char *text)
{
    snprintf(problem->text, sizeof(problem->text), "%s", text);
    return false;
}

/* What the error that OpenSSL noted means for people. */
static bool explain(struct tls *tls, struct tls_problem *problem)
{
    unsigned long error = ERR_peek_error();
    const char *reason = ERR_reason_error_string(error);
    problem->distrust = tls->distrust.text[0] != '\0';
    if (problem->distrust)
        return fail(problem, tls->distrust.text);
    switch (ERR_GET_REASON(error)) {
    case SSL_R_WRONG_VERSION_NUMBER:
    case SSL_R_PACKET_LENGTH_TOO_LONG:
        return fail(problem, "the server does not speak TLS there");
    case SSL_R_UNSUPPORTED_PROTOCOL:
    case SSL_R_TLSV1_ALERT_PROTOCOL_VERSION:
        return fail(problem, "the server does not speak TLS 1.2 or later");
    default:
        snprintf(problem->text, sizeof(problem->text), "no agreement on TLS: %s",
                 reason == NULL ? "the server broke off" : reason);
        return false;
    }
}

/* Waits for the server's next words. */
static bool await(struct tls *tls, int fd, int64_t deadline, struct tls_problem *problem)
{
    short events = tls_held(tls) > 0 ? POLLIN | POLLOUT : POLLIN;
    int64_t left = deadline == 0 ? 0 : deadline - clock_ms();
    bool late = deadline != 0 && left <= 0;
    int ready = late ? 0 : dial_wait(fd, events, (unsigned)left);
    if (ready == 0)
        return fail(problem, "the server took too long to agree on TLS");
    if (ready < 0)
        return fail(problem, strerror(errno));
    if ((ready & ~POLLOUT) == 0)
        return true;
    ssize_t got = fetch(tls, fd);
    if (got == 0)
        return fail(problem, "the server ended the connection before it agreed on TLS");
    return got > 0 || errno == EAGAIN || fail(problem, strerror(errno));
}

bool tls_greet(struct tls *tls, int fd, unsigned timeout_ms, struct tls_problem *problem)
{
    int64_t deadline = timeout_ms == 0 ? 0 : clock_ms() + timeout_ms;
    *problem = (struct tls_problem){0};
    for (;;) {
        ERR_clear_error();
        int result = SSL_do_handshake(tls->ssl);
        bool flushed = flush(tls, fd);
        if (result == 1) {
            tls->greeted = flushed;
            return flushed || fail(problem, strerror(errno));
        }
        if (SSL_get_error(tls->ssl, result) != SSL_ERROR_WANT_READ)
            return explain(tls, problem);
        if (!flushed)
            return fail(problem, strerror(errno));
        if (!await(tls, fd, deadline, problem))
            return false;
    }
}

void tls_close(struct tls *tls, int fd)
{
    if (tls == NULL)
        return;
    ERR_clear_error();
    if (tls->greeted && tls->reason == NULL && SSL_shutdown(tls->ssl) >= 0)
        (void)flush(tls, fd);
    SSL_free(tls->ssl);
    BIO_free(tls->net);
    ERR_clear_error();
    free(tls);
}
