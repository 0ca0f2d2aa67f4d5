#include "certificates.h"

#include <stdio.h>

#include "net/tls.h"

static struct tls *prepared; /* not in force yet; NULL also when nobody wants TLS */

bool certificates_prepare(const struct config *config, struct config_error *error)
{
    struct tls_options options = {
        .certificate = config->tls_cert,
        .key = config->tls_key,
        .client_ca = config->tls_client_ca,
        .client_required = config->tls_client_required,
        .names_users = config->users != NULL,
    };
    struct tls_error problem;
    if (config->tls_cert == NULL && config->tls_key == NULL)
        return true;
    if (config->tls_key == NULL)
        return config_blame(config, "tls-cert", 0, "needs tls-key", error);
    if (config->tls_cert == NULL)
        return config_blame(config, "tls-key", 0, "needs tls-cert", error);
    prepared = tls_load(&options, &problem);
    if (prepared == NULL)
        snprintf(error->text, sizeof(error->text), "%s", problem.text);
    return prepared != NULL;
}

void certificates_commit(void)
{
    if (prepared != NULL) /* a socket that was passed for TLS goes on with what it had */
        tls_install(prepared);
    prepared = NULL;
}

void certificates_cancel(void)
{
    tls_discard(prepared);
    prepared = NULL;
}
