/*
 * INFO, whose names programs rely on.
 */
#include <criterion/criterion.h>

#include "tests/lib/daemon.h"
#include "tests/lib/report.h"
#include "tests/lib/specification.h"

/* The name in the row, as the specification writes it: `name`, with <id> for a snapshot's digits,
 * and <NAME> for a command or an error. */
static void append_name(struct buffer *out, struct slice row)
{
    const char *end = memchr(row.data + 1, '"', row.len - 1);
    cr_assert(end != NULL && row.data[0] == '"', "%s", report_show(row));
    buffer_append_byte(out, '`');
    for (const char *at = row.data + 1; at < end; at++) {
        bool digit = *at >= '0' && *at <= '9';
        if (*at >= 'A' && *at <= 'Z') {
            buffer_append_string(out, "<NAME>");
            break;
        }
        if (!digit)
            buffer_append_byte(out, *at);
        else if (at[-1] == '_')
            buffer_append_string(out, "<id>");
    }
    buffer_append_byte(out, '`');
}

Test(info, has_no_name_that_the_specification_does_not_explain, .timeout = 60)
{
    struct buffer text = specification_read();
    struct buffer name = {0};
    struct daemon *server = daemon_run();
    struct wire *wire = daemon_connect(server);
    unsigned names = 0;
    wire_say(wire, "SNAPSHOT\n");
    wire_reply(wire);
    wire_ask(wire, "PUT a 1\n", "OK\n");
    wire_ask(wire, "FROB\n", "ERR UNKNOWN_COMMAND \"no command FROB; try HELP\"\n");
    wire_ask(wire, "*1\r\n$4\r\nPING\r\n", "+PONG\r\n");
    wire_say(wire, "INFO\n");
    for (struct slice row = wire_line(wire); row.data[0] == '"'; row = wire_line(wire)) {
        buffer_clear(&name);
        append_name(&name, row);
        cr_assert(memmem(text.data, text.len, name.data, name.len) != NULL, "no %s",
                  report_show(buffer_slice(&name)));
        names++;
    }
    cr_assert(names > 30, "only %u names came", names);
    wire_close(wire);
    daemon_stop(server);
    daemon_free(server);
    buffer_fini(&name);
    buffer_fini(&text);
}
