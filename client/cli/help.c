#include "client/cli/help.h"

#include <strings.h>

#include "client/cli/bench.h"
#include "client/cli/options.h"
#include "client/cli/passwd.h"
#include "protocol/command.h"

const struct help_topic help_topics[] = {
    {"import", "[FILE]", "store the rows of a file, or of standard input",
     "Each line is a row: a key, a TAB and a value, with the protocol's escapes (\\n \\r \\t \\\\ "
     "\\\"\n"
     "\\xHH), as SCAN prints them; or PUT key value, as export writes it. A line that holds a TAB\n"
     "is a pair, whatever else it holds. Empty lines and lines that start with # are passed over.\n"
     "The import stops at the first line that is neither, before anything behind it is sent, and\n"
     "says how many rows are in. Keys that are there already are replaced.\n",
     NULL},
    {"export", "PREFIX", "write the rows under a prefix as lines of PUT",
     "Each row becomes PUT \"key\" \"value\" on standard output; import takes them back byte for "
     "byte,\n"
     "and so do netcat and standard input of leveret. The prefix '' is everything. The rows are\n"
     "one consistent view. The exit status is 0 only when all of them were written.\n",
     NULL},
    {"bench", bench_usage, "measure how fast the server answers many connections", bench_help,
     bench_rows},
    {"passwd", passwd_usage, "make a line for the users file; needs no server", passwd_help,
     passwd_rows},
    {"help", "[COMMAND]", "this list, or one command; needs no server", "", NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

static void print_options(FILE *out)
{
    fputs("usage: leveret [OPTION]... [COMMAND [ARG]...]\n"
          "\n"
          "Runs one command on a Leveret server. Without one: a prompt on a terminal, else the\n"
          "lines of standard input, one request each. `leveret help` lists the commands.\n"
          "\n",
          out);
    option_print(out, options_rows);
    fputs(
        "\n"
        "LEVERET_CONNECT names the default server, as [tls:]HOST[:PORT] or unix:PATH; without it\n"
        "that is 127.0.0.1:5383. LEVERET_USER names the user, LEVERET_PASSWORD is the password.\n"
        "\n",
        out);
}

void help_usage(FILE *out)
{
    print_options(out);
    fputs(
        "BEGIN and USE hold for one connection, and so for nothing behind one command: give a "
        "batch\n"
        "to standard input, a request a line, and a prefix to --use.\n"
        "\n"
        "FOLLOW runs until it is interrupted and prints each change at once, as PUT<TAB>key<TAB>\n"
        "value<TAB>sequence, DEL<TAB>key<TAB>sequence, or SEQ<TAB>sequence when all is quiet.\n"
        "COMPACT and DELPREFIX tell how far they are on standard error, if it is a terminal.\n"
        "\n"
        "Output: rows are key<TAB>value, one a line, with the protocol's escapes; a lone value or\n"
        "number is a line of its own; a write that answers a bare OK prints OK. Rows that remain\n"
        "behind a LIMIT, NOT_FOUND, CONFLICT and errors are told on standard error; between the\n"
        "replies to standard input, NOT_FOUND and CONFLICT<TAB>key are lines of output.\n"
        "  --raw   no escapes; a lone value exactly as it is, nothing added; no OK. Good for GET,\n"
        "          and for PROPERTY leveldb.stats, which is a text of many lines.\n"
        "  --json  {\"key\":...,\"value\":...} for a row, {\"value\":...}, {\"count\":...} or\n"
        "          {\"status\":...}. What is not UTF-8 is \"key_base64\" or \"value_base64\" "
        "instead.\n"
        "          A change is {\"change\":\"PUT\",\"key\":...,\"value\":...,\"sequence\":...}.\n"
        "          A key that MGET did not find has the value null. For standard input every\n"
        "          reply ends in one object that is no row; behind rows it is {\"rows\":...}.\n"
        "\n"
        "Exit status: 0 OK, 1 NOT_FOUND or CONFLICT, 2 usage, 3 an error of the server, bad input\n"
        "or failed output, 4 no connection. For several requests, the largest.\n",
        out);
}

static void print_line(FILE *out, const char *name, const char *usage, const char *summary)
{
    fprintf(out, "  %s%s%s\n      %s\n", name, usage[0] == '\0' ? "" : " ", usage, summary);
}

void help_commands(FILE *out)
{
    fputs("Commands of the client:\n", out);
    for (const struct help_topic *topic = help_topics; topic->name != NULL; topic++)
        print_line(out, topic->name, topic->usage, topic->summary);
    fputs("\nCommands of the server, in capitals or not:\n", out);
    for (unsigned id = 0; id < COMMAND_TOTAL; id++) {
        const struct command *command = command_at((enum command_id)id);
        print_line(out, command->name, command->usage, command->summary);
    }
}

bool help_command(FILE *out, const char *name)
{
    for (const struct help_topic *topic = help_topics; topic->name != NULL; topic++) {
        if (strcasecmp(name, topic->name) != 0)
            continue;
        fprintf(out, "leveret %s %s\n%s\n%s", topic->name, topic->usage, topic->summary,
                topic->text);
        if (topic->options != NULL)
            option_print(out, topic->options);
        return true;
    }
    const struct command *command = command_find(slice_from_string(name));
    if (command == NULL)
        return false;
    fprintf(out, "%s%s%s\n%s\n", command->name, command->usage[0] == '\0' ? "" : " ",
            command->usage, command->summary);
    return true;
}
