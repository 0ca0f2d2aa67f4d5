#include "net/channel.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdlib.h>

#include "net/tls.h"

/* What OpenSSL holds for a record that has not all come, or not all gone: its 16 KiB and a little.
 * Without such a record it holds nothing of the kind. */
#define RECORD_HELD ((size_t)17 * 1024)

/* And until a handshake that has begun is over: its buffers and keys, as measured, and its
 * messages, which it collects whole in room that it makes anew. */
#define HANDSHAKE_HELD ((size_t)48 * 1024)

struct channel {
    SSL *session;
    bool names_users;
    bool broken;         /* nothing more can be received or sent */
    bool half_sent;      /* a record is with OpenSSL that the socket did not take whole */
    const char *problem; /* why the handshake failed; OpenSSL's own text */
};

struct channel *channel_new(int fd)
{
    struct channel *channel = calloc(1, sizeof(*channel));
    if (channel == NULL)
        return NULL;
    channel->session = tls_begin(&channel->names_users);
    if (channel->session == NULL || SSL_set_fd(channel->session, fd) != 1) {
        channel_free(channel);
        return NULL;
    }
    SSL_set_accept_state(channel->session);
    return channel;
}

void channel_free(struct channel *channel)
{
    if (channel == NULL)
        return;
    SSL_free(channel->session);
    free(channel);
}

/* What an operation that did not succeed means, right after it. */
static enum transport_result classify(struct transport *transport, int outcome)
{
    struct channel *channel = transport->channel;
    switch (SSL_get_error(channel->session, outcome)) {
    case SSL_ERROR_WANT_WRITE:
        transport->blocked = true;
        return TRANSPORT_AGAIN;
    case SSL_ERROR_WANT_READ:
        return TRANSPORT_AGAIN;
    case SSL_ERROR_ZERO_RETURN:
        return TRANSPORT_END;
    default:
        channel->broken = true;
        return TRANSPORT_LOST;
    }
}

/* One of which nothing has come holds no more than one that is idle. */
static size_t count_handshake(SSL *session)
{
    uint64_t came = BIO_number_read(SSL_get_rbio(session));
    return came == 0 ? 0 : HANDSHAKE_HELD + 2 * (size_t)came;
}

static void count_held(struct transport *transport)
{
    const struct channel *channel = transport->channel;
    if (transport->opening) {
        transport->held = count_handshake(channel->session);
        return;
    }
    transport->held = (SSL_has_pending(channel->session) ? RECORD_HELD : 0) +
                      (channel->half_sent ? RECORD_HELD : 0);
}

/* In ----------------------------------------------------------------------- */

/* NULL when the peer just went away. */
static const char *why_not(const SSL *session)
{
    long verdict = SSL_get_verify_result(session);
    if (verdict != X509_V_OK)
        return X509_verify_cert_error_string(verdict);
    return ERR_reason_error_string(ERR_peek_last_error());
}

static enum transport_result shake_hands(struct transport *transport)
{
    struct channel *channel = transport->channel;
    ERR_clear_error();
    int outcome = SSL_do_handshake(channel->session);
    transport->opening = outcome != 1;
    count_held(transport);
    if (outcome == 1) {
        transport->inside = true; /* its first request may have come with it */
        return TRANSPORT_MET;
    }
    enum transport_result result = classify(transport, outcome);
    if (result == TRANSPORT_LOST)
        channel->problem = why_not(channel->session);
    return result == TRANSPORT_END ? TRANSPORT_LOST : result;
}

static enum transport_result read_record(struct transport *transport, char *bytes, size_t size,
                                         size_t *count)
{
    ERR_clear_error();
    *count = 0;
    if (SSL_read_ex(transport->channel->session, bytes, size, count) == 1)
        return TRANSPORT_OK;
    return classify(transport, 0);
}

/* Reads record after record while there are any inside, because no event tells of those. What ends
 * behind some bytes is told next time. */
enum transport_result channel_recv(struct transport *transport, void *bytes, size_t size,
                                   size_t *count)
{
    struct channel *channel = transport->channel;
    enum transport_result result = TRANSPORT_OK;
    size_t total = 0;
    transport->inside = false;
    transport->blocked = false;
    if (channel->broken)
        return TRANSPORT_LOST;
    if (transport->opening)
        return shake_hands(transport);
    do {
        size_t got = 0;
        result = read_record(transport, (char *)bytes + total, size - total, &got);
        total += got;
    } while (result == TRANSPORT_OK && total < size && SSL_has_pending(channel->session));
    count_held(transport);
    if (total == 0)
        return result;
    *count = total;
    transport->inside =
        result == TRANSPORT_OK ? SSL_has_pending(channel->session) == 1 : result != TRANSPORT_AGAIN;
    return TRANSPORT_OK;
}

/* Out ---------------------------------------------------------------------- */

/* Nothing is ever said to a peer before the handshake is over. */
enum transport_result channel_send(struct transport *transport, struct slice bytes, size_t *count)
{
    struct channel *channel = transport->channel;
    bool reads_blocked = transport->blocked;
    if (channel->broken || transport->opening)
        return TRANSPORT_LOST;
    ERR_clear_error();
    if (SSL_write_ex(channel->session, bytes.data, bytes.len, count) == 1) {
        channel->half_sent = false;
        count_held(transport);
        return TRANSPORT_OK;
    }
    transport->blocked = false;
    enum transport_result result = classify(transport, 0);
    channel->half_sent = result == TRANSPORT_AGAIN && transport->blocked;
    transport->blocked = reads_blocked;
    count_held(transport);
    /* Without renegotiation nothing has to be received before something can be sent. */
    return channel->half_sent ? TRANSPORT_AGAIN : TRANSPORT_LOST;
}

enum transport_result channel_finish(struct transport *transport)
{
    struct channel *channel = transport->channel;
    if (channel->broken || transport->opening)
        return TRANSPORT_OK;
    ERR_clear_error();
    int outcome = SSL_shutdown(channel->session);
    if (outcome >= 0)
        return TRANSPORT_OK;
    bool full = SSL_get_error(channel->session, outcome) == SSL_ERROR_WANT_WRITE;
    return full ? TRANSPORT_AGAIN : TRANSPORT_OK;
}

/* The peer ----------------------------------------------------------------- */

/* The one common name; nothing when there are several, or it is no text. */
static void append_common_name(const X509 *certificate, struct buffer *name)
{
    const X509_NAME *subject = X509_get_subject_name(certificate);
    int first = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
    if (first < 0 || X509_NAME_get_index_by_NID(subject, NID_commonName, first) >= 0)
        return;
    unsigned char *text = NULL;
    const X509_NAME_ENTRY *entry = X509_NAME_get_entry(subject, first);
    int length = ASN1_STRING_to_UTF8(&text, X509_NAME_ENTRY_get_data(entry));
    if (length > 0)
        buffer_append(name, (const char *)text, (size_t)length);
    OPENSSL_free(text);
}

bool channel_peer_name(const struct channel *channel, struct buffer *name)
{
    const X509 *certificate =
        channel->names_users ? SSL_get0_peer_certificate(channel->session) : NULL;
    if (certificate != NULL)
        append_common_name(certificate, name);
    return certificate != NULL;
}

const char *channel_problem(const struct channel *channel)
{
    return channel->problem;
}
