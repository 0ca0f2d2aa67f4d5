#include "net/tls.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "ops/file.h"

/* See SSL_CTX_set_security_level: 112 bits; RSA keys of 2048, no SHA-1. */
#define SECURITY_LEVEL 2

struct tls {
    SSL_CTX *context;
    bool names_users;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* guards the pointer, not what it shows */
static struct tls *in_force;

/* Errors ------------------------------------------------------------------- */

static bool __attribute__((format(printf, 2, 3)))
fail(struct tls_error *error, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(error->text, sizeof(error->text), format, args);
    va_end(args);
    return false;
}

/* What OpenSSL complained of last; it may say nothing when there was no memory. */
static const char *reason(void)
{
    const char *text = ERR_reason_error_string(ERR_peek_last_error());
    return text == NULL ? "OpenSSL gives no reason" : text;
}

/* Files -------------------------------------------------------------------- */

/* The file as OpenSSL reads it, until it and the text are freed; NULL with *error. */
static BIO *open_file(const char *what, const char *path, struct buffer *text, struct stat *about,
                      struct tls_error *error)
{
    if (!file_read(path, TLS_FILE, text, about)) {
        fail(error, "cannot read the %s %s: %s", what, path, strerror(errno));
        return NULL;
    }
    BIO *file = BIO_new_mem_buf(text->data, (int)text->len);
    if (file == NULL)
        fail(error, "cannot read the %s %s: %s", what, path, reason());
    return file;
}

/* Nobody is there to be asked for the password of a key. */
static int no_password(char *password, int size, int writing, void *arg)
{
    (void)password;
    (void)size;
    (void)writing;
    (void)arg;
    return -1;
}

/* The next certificate in the file; NULL behind the last, or with *bad when it is none. */
static X509 *next_certificate(BIO *file, bool *bad)
{
    ERR_clear_error();
    X509 *certificate = PEM_read_bio_X509(file, NULL, no_password, NULL);
    *bad = certificate == NULL && ERR_GET_REASON(ERR_peek_last_error()) != PEM_R_NO_START_LINE;
    return certificate;
}

/* Own certificate ------------------------------------------------------------ */

static bool check_dates(const X509 *certificate, const char *path, struct tls_error *error)
{
    if (X509_cmp_current_time(X509_get0_notBefore(certificate)) > 0)
        return fail(error, "the certificate in %s is not valid yet; is the clock right?", path);
    if (X509_cmp_current_time(X509_get0_notAfter(certificate)) < 0)
        return fail(error, "the certificate in %s has expired", path);
    return true;
}

/* The first is the server's own. */
static bool use_certificate(SSL_CTX *context, X509 *certificate, size_t place, const char *path,
                            struct tls_error *error)
{
    if (!check_dates(certificate, path, error))
        return false;
    int used = place == 0 ? SSL_CTX_use_certificate(context, certificate)
                          : (int)SSL_CTX_add1_chain_cert(context, certificate);
    return used == 1 || fail(error, "cannot use the certificate in %s: %s", path, reason());
}

static bool use_chain(SSL_CTX *context, BIO *file, const char *path, struct tls_error *error)
{
    size_t count = 0;
    bool bad = false;
    for (X509 *next; (next = next_certificate(file, &bad)) != NULL; count++) {
        bool used = use_certificate(context, next, count, path, error);
        X509_free(next);
        if (!used)
            return false;
    }
    if (bad)
        return fail(error, "cannot read the certificate %s: %s", path, reason());
    return count > 0 || fail(error, "there is no certificate in %s", path);
}

static bool load_certificate(SSL_CTX *context, const char *path, struct tls_error *error)
{
    struct buffer text = {0};
    struct stat about;
    BIO *file = open_file("certificate", path, &text, &about, error);
    bool loaded = file != NULL && use_chain(context, file, path, error);
    BIO_free(file);
    buffer_fini(&text);
    return loaded;
}

static bool use_key(SSL_CTX *context, BIO *file, const char *path, struct tls_error *error)
{
    EVP_PKEY *key = PEM_read_bio_PrivateKey(file, NULL, no_password, NULL);
    if (key == NULL && ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_BAD_PASSWORD_READ)
        return fail(error, "the key in %s has a password; the server needs one without", path);
    if (key == NULL)
        return fail(error, "there is no private key in %s", path);
    bool used =
        SSL_CTX_use_PrivateKey(context, key) == 1 && SSL_CTX_check_private_key(context) == 1;
    EVP_PKEY_free(key);
    return used ||
           fail(error, "the key in %s does not belong to the certificate: %s", path, reason());
}

static bool load_key(SSL_CTX *context, const char *path, struct tls_error *error)
{
    struct buffer text = {0};
    struct stat about;
    ERR_clear_error();
    BIO *file = open_file("key", path, &text, &about, error);
    bool loaded = file != NULL;
    if (loaded && (about.st_mode & 077) != 0)
        loaded = fail(error, "the key %s is open to others: its mode is %03o and must be 600", path,
                      (unsigned)about.st_mode & 0777);
    loaded = loaded && use_key(context, file, path, error);
    BIO_free(file);
    if (text.data != NULL)
        explicit_bzero(text.data, text.cap);
    buffer_fini(&text);
    return loaded;
}

/* Clients -------------------------------------------------------------------- */

/* Trusts those in the file, and tells clients whom. */
static bool trust_all(SSL_CTX *context, BIO *file, const char *path, struct tls_error *error)
{
    size_t count = 0;
    bool bad = false;
    for (X509 *next; (next = next_certificate(file, &bad)) != NULL; count++) {
        bool trusted = X509_STORE_add_cert(SSL_CTX_get_cert_store(context), next) == 1 &&
                       SSL_CTX_add_client_CA(context, next) == 1;
        X509_free(next);
        if (!trusted)
            return fail(error, "cannot trust a certificate in %s: %s", path, reason());
    }
    if (bad)
        return fail(error, "cannot read the certificates %s: %s", path, reason());
    return count > 0 || fail(error, "there is no certificate in %s", path);
}

static bool load_clients(SSL_CTX *context, const struct tls_options *options,
                         struct tls_error *error)
{
    struct buffer text = {0};
    struct stat about;
    if (options->client_ca == NULL)
        return true;
    int refuse = options->client_required ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0;
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER | refuse, NULL);
    BIO *file = open_file("certificates", options->client_ca, &text, &about, error);
    bool loaded = file != NULL && trust_all(context, file, options->client_ca, error);
    BIO_free(file);
    buffer_fini(&text);
    return loaded;
}

/* Life --------------------------------------------------------------------- */

/*
 * What is unsent may move between two tries to send it, and is taken in parts; an idle connection
 * gives its buffers back. A peer that closes without saying so is as one that does: what ends
 * inside a request is not run in either case.
 */
static SSL_CTX *new_context(void)
{
    SSL_CTX *context = SSL_CTX_new(TLS_server_method());
    if (context == NULL)
        return NULL;
    SSL_CTX_set_security_level(context, SECURITY_LEVEL);
    SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
    SSL_CTX_set_options(context, SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_NO_RENEGOTIATION |
                                     SSL_OP_NO_COMPRESSION | SSL_OP_NO_TICKET |
                                     SSL_OP_IGNORE_UNEXPECTED_EOF);
    SSL_CTX_set_num_tickets(context, 0);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                  SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_read_ahead(context, 1);
    SSL_CTX_set_dh_auto(context, 1);
    return context;
}

struct tls *tls_load(const struct tls_options *options, struct tls_error *error)
{
    struct tls *tls = calloc(1, sizeof(*tls));
    SSL_CTX *context = tls == NULL ? NULL : new_context();
    if (context == NULL) {
        fail(error, "there is no memory for TLS");
        free(tls);
        return NULL;
    }
    tls->context = context;
    tls->names_users = options->names_users;
    if (load_certificate(context, options->certificate, error) &&
        load_key(context, options->key, error) && load_clients(context, options, error))
        return tls;
    tls_discard(tls);
    return NULL;
}

void tls_discard(struct tls *tls)
{
    if (tls == NULL)
        return;
    SSL_CTX_free(tls->context);
    free(tls);
}

/* OpenSSL counts the connections that still use the one before. */
void tls_install(struct tls *take_tls)
{
    pthread_mutex_lock(&lock);
    struct tls *before = in_force;
    in_force = take_tls;
    pthread_mutex_unlock(&lock);
    tls_discard(before);
}

struct ssl_st *tls_begin(bool *names_users)
{
    pthread_mutex_lock(&lock);
    struct ssl_st *session = in_force == NULL ? NULL : SSL_new(in_force->context);
    *names_users = in_force != NULL && in_force->names_users;
    pthread_mutex_unlock(&lock);
    return session;
}
