/*
 * telnet on a terminal: what it really sends and gets is captured between it and the daemon.
 *
 *     typed keys --> pty --> telnet --> near | far --> daemon
 *                                     (this test)
 */
#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/lib/daemon.h"
#include "tests/lib/deadline.h"
#include "tests/lib/report.h"

struct session {
    pid_t telnet;
    int pty;
    int near; /* to telnet */
    int far;  /* to the daemon */
    struct buffer screen;
    struct buffer up;   /* every byte from telnet to the daemon */
    struct buffer down; /* every byte from the daemon to telnet */
};

static struct sockaddr_in loopback(int port)
{
    return (struct sockaddr_in){
        .sin_family = AF_INET,
        .sin_port = htons((uint16_t)port),
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
    };
}

/* A socket that waits for telnet on a free port. */
static int listen_for_telnet(int *port)
{
    struct sockaddr_in address = loopback(0);
    socklen_t len = sizeof(address);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    cr_assert(fd >= 0 && bind(fd, (struct sockaddr *)&address, len) == 0 && listen(fd, 1) == 0);
    cr_assert(getsockname(fd, (struct sockaddr *)&address, &len) == 0);
    *port = ntohs(address.sin_port);
    return fd;
}

static int connect_to_daemon(int port)
{
    struct sockaddr_in address = loopback(port);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    cr_assert(fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0);
    return fd;
}

static void start_telnet(struct session *session, int port)
{
    char text[16];
    snprintf(text, sizeof(text), "%d", port);
    session->telnet = forkpty(&session->pty, NULL, NULL, NULL);
    cr_assert(session->telnet >= 0, "forkpty: %s", strerror(errno));
    if (session->telnet == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        setenv("TERM", "dumb", 1);
        execlp("telnet", "telnet", "127.0.0.1", text, (char *)NULL);
        _exit(127);
    }
}

static struct session session_open(const struct daemon *daemon)
{
    struct session session = {0};
    int port;
    int listener = listen_for_telnet(&port);
    start_telnet(&session, port);
    struct pollfd ready = {.fd = listener, .events = POLLIN};
    cr_assert(poll(&ready, 1, DEADLINE_SECONDS * 1000) == 1, "telnet did not connect");
    session.near = accept(listener, NULL, NULL);
    cr_assert(session.near >= 0);
    close(listener);
    session.far = connect_to_daemon(daemon_port(daemon));
    return session;
}

static void session_close(struct session *session)
{
    kill(session->telnet, SIGKILL);
    waitpid(session->telnet, NULL, 0);
    close(session->pty);
    close(session->near);
    close(session->far);
    buffer_fini(&session->screen);
    buffer_fini(&session->up);
    buffer_fini(&session->down);
}

static void pass_on(int to, const char *bytes, size_t len)
{
    cr_assert(send(to, bytes, len, MSG_NOSIGNAL) == (ssize_t)len);
}

/* Moves what one side has to say, and keeps a copy. False when it has hung up. */
static bool move(int from, int to, struct buffer *copy)
{
    char bytes[4096];
    ssize_t got = read(from, bytes, sizeof(bytes));
    if (got <= 0) {
        if (to >= 0)
            shutdown(to, SHUT_WR);
        return false;
    }
    buffer_append(copy, bytes, (size_t)got);
    if (to >= 0)
        pass_on(to, bytes, (size_t)got);
    return true;
}

/* Passes bytes on in all directions until `seen` holds the text. */
static void session_await(struct session *session, const struct buffer *seen, const char *text)
{
    int64_t deadline = deadline_in(DEADLINE_SECONDS);
    struct pollfd fds[] = {
        {.fd = session->pty, .events = POLLIN},
        {.fd = session->near, .events = POLLIN},
        {.fd = session->far, .events = POLLIN},
    };
    while (seen->len == 0 || !memmem(seen->data, seen->len, text, strlen(text))) {
        int ready = poll(fds, 3, deadline_left(deadline));
        cr_assert(ready > 0, "waited in vain for %s; the screen shows %s",
                  report_show(slice_from_string(text)),
                  report_show(buffer_slice(&session->screen)));
        if (fds[0].revents && !move(session->pty, -1, &session->screen))
            fds[0].fd = -1;
        if (fds[1].revents && !move(session->near, session->far, &session->up))
            fds[1].fd = -1;
        if (fds[2].revents && !move(session->far, session->near, &session->down))
            fds[2].fd = -1;
    }
}

/* The Enter key of a terminal is a carriage return. */
static void session_type(struct session *session, const char *keys)
{
    cr_assert(write(session->pty, keys, strlen(keys)) == (ssize_t)strlen(keys));
}

Test(telnet, lines_go_out_and_come_in_with_crlf)
{
    struct daemon *daemon = daemon_run();
    struct session session = session_open(daemon);
    session_await(&session, &session.screen, "Escape character");
    session_type(&session, "PUT name \"son goku\"\r");
    session_await(&session, &session.down, "OK\r\n");
    session_type(&session, "GET name\r");
    session_await(&session, &session.screen, "OK \"son goku\"");
    session_type(&session, "SCAN na\r");
    session_await(&session, &session.screen, "OK 1");
    session_type(&session, "QUIT\r");
    session_await(&session, &session.screen, "Connection closed by foreign host.");

    report_equal("what telnet sent", buffer_slice(&session.up),
                 SLICE("PUT name \"son goku\"\r\nGET name\r\nSCAN na\r\nQUIT\r\n"));
    report_equal("what telnet got", buffer_slice(&session.down),
                 SLICE("OK\r\nOK \"son goku\"\r\n\"name\" \"son goku\"\r\nOK 1\r\nOK\r\n"));
    session_close(&session);
    daemon_free(daemon);
}
