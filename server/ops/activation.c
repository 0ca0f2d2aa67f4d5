#include "ops/activation.h"

#ifdef LEVERET_SYSTEMD

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <systemd/sd-daemon.h>

static bool refuse(struct activation_error *error, int fd, const char *name, const char *problem)
{
    snprintf(error->text, sizeof(error->text), "cannot serve the socket %.80s (descriptor %d): %s",
             name, fd, problem);
    return false;
}

static bool is_served(int fd)
{
    static const int families[] = {AF_INET, AF_INET6, AF_UNIX};
    for (size_t i = 0; i < sizeof(families) / sizeof(families[0]); i++)
        if (sd_is_socket(fd, families[i], SOCK_STREAM, 1) > 0)
            return true;
    return false;
}

static bool take(struct activation *activation, int fd, const char *name,
                 struct activation_error *error)
{
    if (!is_served(fd))
        return refuse(error, fd, name, "it is no listening stream socket of TCP or Unix");
    if (activation->count == ACTIVATION_MOST)
        return refuse(error, fd, name, "there are too many");
    int flags = fcntl(fd, F_GETFL);
    if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) != 0)
        return refuse(error, fd, name, strerror(errno));
    activation->sockets[activation->count++] =
        (struct activation_socket){.fd = fd, .tls = strcmp(name, "tls") == 0};
    return true;
}

bool activation_take(struct activation *activation, struct activation_error *error)
{
    char **names = NULL;
    bool taken = true;
    activation->count = 0;
    int count = sd_listen_fds_with_names(1, &names);
    if (count < 0)
        return refuse(error, SD_LISTEN_FDS_START, "of the service manager", strerror(-count));
    for (int i = 0; i < count; i++) {
        const char *name = names == NULL || names[i] == NULL ? "unknown" : names[i];
        taken = taken && take(activation, SD_LISTEN_FDS_START + i, name, error);
    }
    for (int i = 0; names != NULL && names[i] != NULL; i++)
        free(names[i]);
    free(names);
    return taken;
}

#else

bool activation_take(struct activation *activation, struct activation_error *error)
{
    (void)error;
    activation->count = 0;
    return true;
}

#endif
