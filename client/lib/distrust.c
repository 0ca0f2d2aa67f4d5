#include "client/lib/distrust.h"

#include <arpa/inet.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <string.h>

static void write_address(char *text, size_t size, const ASN1_OCTET_STRING *address)
{
    int family = ASN1_STRING_length(address) == 4 ? AF_INET : AF_INET6;
    if (inet_ntop(family, ASN1_STRING_get0_data(address), text, (socklen_t)size) == NULL)
        text[0] = '\0';
}

/* One name of a certificate; "" for kinds that no host has. */
static void write_name(char *text, size_t size, const GENERAL_NAME *name)
{
    text[0] = '\0';
    if (name->type == GEN_DNS)
        snprintf(text, size, "%.*s", ASN1_STRING_length(name->d.dNSName),
                 (const char *)ASN1_STRING_get0_data(name->d.dNSName));
    else if (name->type == GEN_IPADD)
        write_address(text, size, name->d.iPAddress);
}

/* The first hosts that the certificate is for, or else its common name. */
static void write_names(char *text, size_t size, X509 *certificate)
{
    GENERAL_NAMES *names = X509_get_ext_d2i(certificate, NID_subject_alt_name, NULL, NULL);
    text[0] = '\0';
    for (int i = 0; i < sk_GENERAL_NAME_num(names); i++) {
        char one[80];
        write_name(one, sizeof(one), sk_GENERAL_NAME_value(names, i));
        size_t len = strlen(text);
        if (one[0] != '\0' && len + strlen(one) + 3 < size)
            snprintf(text + len, size - len, "%s%s", len > 0 ? ", " : "", one);
    }
    if (text[0] == '\0')
        (void)X509_NAME_get_text_by_NID(X509_get_subject_name(certificate), NID_commonName, text,
                                        (int)size);
    GENERAL_NAMES_free(names);
}

static void write_time(char *text, size_t size, const ASN1_TIME *time)
{
    struct tm moment;
    if (ASN1_TIME_to_tm(time, &moment) != 1 ||
        strftime(text, size, "%Y-%m-%d %H:%M:%S UTC", &moment) == 0)
        snprintf(text, size, "an unknown time");
}

static void explain(struct distrust *distrust, int error, X509 *certificate)
{
    char about[128] = "";
    char *text = distrust->text;
    size_t size = sizeof(distrust->text);
    switch (error) {
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
        write_names(about, sizeof(about), certificate);
        snprintf(text, size, "the certificate is for %s, not %.80s",
                 about[0] == '\0' ? "nobody" : about, distrust->name);
        break;
    case X509_V_ERR_CERT_HAS_EXPIRED:
        write_time(about, sizeof(about), X509_get0_notAfter(certificate));
        snprintf(text, size, "the certificate expired at %s", about);
        break;
    case X509_V_ERR_CERT_NOT_YET_VALID:
        write_time(about, sizeof(about), X509_get0_notBefore(certificate));
        snprintf(text, size, "the certificate begins to hold at %s", about);
        break;
    default:
        snprintf(text, size, "the certificate is not trusted: %s",
                 X509_verify_cert_error_string(error));
    }
    for (char *at = text; *at != '\0'; at++) /* a certificate says what it likes */
        if (*at < ' ' || *at > '~')
            *at = '?';
}

static int verify(int good, X509_STORE_CTX *context)
{
    SSL *ssl = X509_STORE_CTX_get_ex_data(context, SSL_get_ex_data_X509_STORE_CTX_idx());
    struct distrust *distrust = SSL_get_app_data(ssl);
    X509 *certificate = X509_STORE_CTX_get_current_cert(context);
    if (good != 1 && distrust->text[0] == '\0' && certificate != NULL)
        explain(distrust, X509_STORE_CTX_get_error(context), certificate);
    return good;
}

void distrust_watch(struct distrust *distrust, SSL *ssl, const char *name)
{
    distrust->name = name;
    SSL_set_app_data(ssl, distrust);
    SSL_set_verify(ssl, SSL_VERIFY_PEER, verify);
}
