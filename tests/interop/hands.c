/* The tools that people have at hand, each as it is commonly called. */
#include <criterion/criterion.h>

#include "tests/interop/place.h"
#include "tests/lib/shell.h"

#define SAY "printf 'PUT name goku\\nGET name\\nGET nothing\\n' | "
#define SAY_QUIT "printf 'PUT name goku\\nGET name\\nGET nothing\\nQUIT\\n' | "
#define HEARD "OK\nOK \"goku\"\nNOT_FOUND\n"

/* One daemon, one command line, and what it must print. */
static void expect(const char *out, const char *command)
{
    struct daemon *daemon = place_run();
    shell_expect(0, out, "%s", command);
    daemon_free(daemon);
}

Test(hands, openbsd_netcat_that_half_closes_gets_every_reply)
{
    expect(HEARD, SAY "nc.openbsd -N 127.0.0.1 $PORT");
}

Test(hands, openbsd_netcat_that_does_not_half_close_ends_with_quit)
{
    expect(HEARD "OK\n", SAY_QUIT "nc.openbsd 127.0.0.1 $PORT");
}

Test(hands, openbsd_netcat_that_waits_a_second_gets_every_reply)
{
    expect(HEARD HEARD,
           SAY "nc.openbsd -q 1 127.0.0.1 $PORT; " SAY "nc.openbsd -w 1 127.0.0.1 $PORT");
}

Test(hands, openbsd_netcat_that_ends_lines_with_crlf_gets_crlf)
{
    expect("OK\r\nOK \"goku\"\r\nNOT_FOUND\r\n", SAY "nc.openbsd -C -N 127.0.0.1 $PORT");
}

Test(hands, openbsd_netcat_speaks_through_the_unix_socket)
{
    expect(HEARD, SAY "nc.openbsd -N -U $SOCKET");
}

Test(hands, traditional_netcat_ends_with_quit)
{
    expect(HEARD "OK\n", SAY_QUIT "nc.traditional 127.0.0.1 $PORT");
}

Test(hands, traditional_netcat_that_waits_a_second_gets_every_reply)
{
    expect(HEARD, SAY "nc.traditional -q 1 127.0.0.1 $PORT");
}

Test(hands, socat_over_tcp_gets_every_reply)
{
    expect(HEARD, SAY "socat -t 30 - TCP:127.0.0.1:$PORT");
}

Test(hands, socat_over_the_unix_socket_gets_every_reply)
{
    expect(HEARD, SAY "socat -t 30 - UNIX-CONNECT:$SOCKET");
}

Test(hands, socat_that_ends_lines_with_crlf_gets_crlf)
{
    expect(HEARD, SAY "socat -t 30 - TCP:127.0.0.1:$PORT,crnl");
}

Test(hands, bash_alone_asks_and_reads_line_by_line)
{
    expect("OK\nOK \"goku\"\n\"name\" \"goku\"\nOK 1\n",
           "exec 3<>/dev/tcp/127.0.0.1/$PORT\n"
           "ask() { echo \"$1\" >&3; read -r line <&3; echo \"$line\"; }\n"
           "ask 'PUT name goku'\n"
           "ask 'GET name'\n"
           "echo 'SCAN na' >&3\n"
           "while read -r line <&3; do\n"
           "    echo \"$line\"\n"
           "    [ \"${line:0:1}\" = '\"' ] || break\n"
           "done\n");
}

Test(hands, a_long_pipeline_through_netcat_is_answered_to_its_last_line)
{
    expect("20000 OK\nOK 20000\n",
           "seq -f 'PUT key:%05.0f some-value' 1 20000 | nc.openbsd -N 127.0.0.1 $PORT |"
           " uniq -c | sed 's/^ *//'; echo 'COUNT key:' | nc.openbsd -N 127.0.0.1 $PORT");
}

Test(hands, a_reader_that_takes_only_the_head_of_a_scan_harms_nobody)
{
    expect("\"key:00001\" \"v\"\nOK 20000\n",
           "seq -f 'PUT key:%05.0f v' 1 20000 | nc.openbsd -N 127.0.0.1 $PORT >/dev/null;"
           "set +o pipefail;"
           "echo 'SCAN key:' | nc.openbsd -N 127.0.0.1 $PORT | head -n 1;"
           "echo 'COUNT key:' | nc.openbsd -N 127.0.0.1 $PORT");
}
