#include "tests/system/scrape.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/lib/report.h"

int scrape_port(struct daemon *server)
{
    static const char start[] = "metrics on http://127.0.0.1:";
    daemon_await_log(server, "/metrics\n");
    const char *at = strstr(daemon_log(server), start);
    cr_assert(at != NULL, "%s", daemon_log(server));
    return atoi(at + strlen(start));
}

struct buffer scrape_send(struct daemon *server, const char *request)
{
    struct wire *wire = wire_open_tcp("127.0.0.1", scrape_port(server));
    struct buffer answer = {0};
    wire_say(wire, request);
    buffer_append_slice(&answer, wire_rest(wire));
    buffer_append_byte(&answer, '\0');
    cr_assert(!answer.failed);
    answer.len--;
    wire_close(wire);
    return answer;
}

struct buffer scrape_get(struct daemon *server, const char *path, int status)
{
    char request[200];
    char start[32];
    snprintf(request, sizeof(request), "GET %s HTTP/1.1\r\nHost: localhost\r\n\r\n", path);
    snprintf(start, sizeof(start), "HTTP/1.1 %d ", status);
    struct buffer answer = scrape_send(server, request);
    cr_assert(slice_has_prefix(buffer_slice(&answer), slice_from_string(start)), "%s: %s", path,
              report_show(buffer_slice(&answer)));
    return answer;
}

double scrape_number(struct daemon *server, const char *sample)
{
    char line[200];
    struct buffer answer = scrape_get(server, "/metrics", 200);
    snprintf(line, sizeof(line), "\n%s ", sample);
    const char *at = strstr(answer.data, line);
    double number = at == NULL ? 0 : strtod(at + strlen(line), NULL);
    buffer_fini(&answer);
    return number;
}
