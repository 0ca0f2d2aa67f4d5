#include "protocol/limits.h"
#include "setting.h"

#define MIB ((uint64_t)1024 * 1024)
#define AT(field) offsetof(struct config, field)

/* A day: nobody waits longer on purpose. */
#define LONGEST_TIMEOUT 86400

/* Columns that most rows share. */
#define TEXT(name, field, argument) name, argument, SETTING_TEXT, AT(field), 0, 0
#define LIST(name, field, argument) name, argument, SETTING_LIST, AT(field), 0, 0
#define NUMBER(name, field, least, most) name, "N", SETTING_NUMBER, AT(field), least, most
#define SIZE(name, field, least, most) name, "SIZE", SETTING_SIZE, AT(field), least, most
#define TIME(name, field, least) name, "SECONDS", SETTING_NUMBER, AT(field), least, LONGEST_TIMEOUT
#define CHOICE(name, field, words) name, words, SETTING_CHOICE, AT(field), 0, 0
#define WORD(name, field, words) name, words, SETTING_WORD, AT(field), 0, 0
#define FLAG(name, field) name, NULL, SETTING_FLAG, AT(field), 0, 0

/* clang-format off */
const struct setting setting_table[] = {
    {TEXT("data", data, "DIR"), 0, NULL, "the LevelDB directory; made if missing",
     "One daemon serves one directory, and no other process may have it open meanwhile."},
    {LIST("listen", listen, "HOST:PORT"), 0, "127.0.0.1:5383",
     "serve TCP there; may be repeated; port 0 picks one",
     "Name an address of a network to serve other machines, which protected-mode must allow too."},
    {LIST("unix", local, "PATH"), 0, NULL, "serve a Unix socket there; may be repeated",
     "The quickest way for programs on the same machine; the directory's rights say who gets in."},
    {NUMBER("workers", workers, 1, 64), 0, NULL, "threads that serve [one a processor]",
     "Fewer leave processors to other programs."},
    {"sync", "always|never|SECONDS", SETTING_SYNC, AT(sync), 1, 3600, 0, "always",
     "whether a write is on disk before its reply, or that many seconds later at most",
     "Anything but always loses acknowledged writes when the power fails."},
    {SIZE("min-free", min_free, 0, 1024 * 1024 * MIB), 0, "64M",
     "refuse to put when the disk has less free; deletions go on down to half of it; 0: never refuse",
     "A disk that fills up under LevelDB stops it; keep four times write-buffer at least."},

    {SIZE("write-buffer", write_buffer, MIB / 16, 1024 * MIB), 0, "16M",
     "bytes collected in memory before they become a table",
     "More means fewer and larger tables, and a longer start after a crash."},
    {SIZE("cache", cache, 0, 1024 * 1024 * MIB), 0, "96M", "bytes of table blocks kept in memory",
     "Reads of what is in it cost no system call; the system caches files besides."},
    {SIZE("hot-values", hot_values, 0, 64 * 1024 * MIB), 0, "32M",
     "bytes of memory for values that are read often; 0 keeps none",
     "Keys that are asked for again and again are answered without asking LevelDB."},
    {NUMBER("bloom-bits", bloom_bits, 0, 64), 0, "10",
     "bits a key in the filters that spare reads; 0 for none",
     "Ten spare 99 of 100 reads of tables that do not hold the key."},
    {NUMBER("max-open-files", max_open_files, 74, 50000), 0, "1000", "files LevelDB keeps open",
     "Raise it when the directory has more tables than this."},
    {SIZE("block-size", block_size, 1024, 4 * MIB), 0, "4K",
     "bytes of rows read at once from a table",
     "Larger blocks compress better and make single reads dearer."},
    {NUMBER("block-restart-interval", block_restart_interval, 1, 65536), 0, "16",
     "keys of a block of which one is stored whole",
     "More save space where keys share long beginnings, and make single reads dearer."},
    {SIZE("max-file-size", max_file_size, MIB, 1024 * MIB), 0, "2M",
     "bytes at which compaction begins the next table",
     "Larger ones mean fewer files, and longer compactions."},
    {CHOICE("compression", compression, "snappy|none"), 0, "snappy",
     "how blocks of tables are compressed",
     "Values that are compressed already gain nothing by it."},
    {CHOICE("create-if-missing", create_if_missing, "yes|no"), 0, "yes",
     "whether to begin a LevelDB where there is none",
     "With no, a wrong directory is an error and not an empty store."},
    {CHOICE("error-if-exists", error_if_exists, "yes|no"), 0, "no",
     "whether to refuse a LevelDB that is there", "For a start that must begin a new one."},
    {CHOICE("paranoid-checks", paranoid_checks, "yes|no"), 0, "yes",
     "whether to refuse damaged data; no serves what can be read, and verifies only for VERIFY",
     "With no, damage can be silent."},

    {NUMBER("max-snapshots", max_snapshots, 0, 10000), 0, "64",
     "snapshots held at a time; each keeps deleted data on disk",
     "Bounds the disk that clients can hold by SNAPSHOT."},
    {SIZE("feed-history", feed_history, 0, 16 * 1024 * MIB), 0, "64M",
     "bytes of the latest changes kept for FOLLOW; 0 turns it off",
     "A follower that was away for longer than this reaches back has to read everything anew."},
    {CHOICE("allow-flush", allow_flush, "yes|no"), SETTING_LIVE, "no",
     "whether FLUSHDB and FLUSHALL may delete everything",
     "Tests of Redis clients want it; nobody else should."},

    {NUMBER("max-connections", max_connections, 1, 1000000), SETTING_LIVE, "10000",
     "connections at a time; fewer where ulimit -n leaves less room",
     "Those beyond it are told so and closed."},
    {NUMBER("max-connections-per-address", max_connections_per_address, 0, 1000000), SETTING_LIVE,
     "0", "connections at a time from one address, or one /64 network of IPv6; 0 for any number",
     "Keeps one machine from taking all connections."},
    {CHOICE("protected-mode", protected_mode, "yes|no"), SETTING_LIVE, "yes",
     "whether to serve loopback and Unix sockets only, while peers need not log in",
     "Saves a server without passwords from the network it was put on by mistake."},
    {TEXT("users", users, "FILE"), SETTING_LIVE, NULL, "who may log in; a line for each",
     "Lines come from `leveret passwd`; nobody but its owner may have rights on the file."},
    {WORD("anonymous", anonymous, "none|read|write|admin"), SETTING_LIVE, NULL,
     "what peers may do who did not log in [admin; with --users: none]",
     "Grant read to publish something, or none to let nobody in without a password."},
    {LIST("anonymous-prefix", anonymous_prefix, "PREFIX"), SETTING_LIVE, NULL,
     "what the keys begin with that those peers may have; may be repeated",
     "Without any, they may have every key."},
    {LIST("tls-listen", tls_listen, "HOST:PORT"), 0, NULL,
     "serve TCP with TLS there; may be repeated; port 0 picks one",
     "Nobody on the way can read or change what is said; needs tls-cert and tls-key."},
    {TEXT("tls-cert", tls_cert, "FILE"), SETTING_LIVE, NULL,
     "the server's certificate, and behind it those that lead to a known one; PEM",
     "Clients check that it names the host that they connect to."},
    {TEXT("tls-key", tls_key, "FILE"), SETTING_LIVE, NULL,
     "the private key of that certificate; PEM, without a password",
     "Nobody but its owner may have rights on the file."},
    {TEXT("tls-client-ca", tls_client_ca, "FILE"), SETTING_LIVE, NULL,
     "who signs clients' certificates; with --users their common names are users",
     "Programs log in by a certificate in place of a password."},
    {CHOICE("tls-client-required", tls_client_required, "yes|no"), SETTING_LIVE, "no",
     "whether a client without a certificate is turned away",
     "Strangers do not get as far as a password."},

    {SIZE("max-line", max_line, 1024, LIMIT_LINE), SETTING_LIVE, "65793K", "longest request",
     "The default is enough for the longest key and value with every byte escaped."},
    {SIZE("max-value", max_value, LIMIT_KEY, LIMIT_VALUE), SETTING_LIVE, "16M",
     "longest value that is written", "Longer ones that the directory holds already are served."},
    {NUMBER("max-arguments", max_arguments, 16, LIMIT_WORDS), SETTING_LIVE, "1048576",
     "words of a request; a line has 65536 at most", "Redis clients send one MSET of many pairs."},
    {SIZE("max-batch", max_batch, 1024, LIMIT_BATCH), SETTING_LIVE, "32M",
     "largest batch or transaction", "It is held in memory until it is committed."},
    {SIZE("max-output", max_output, MIB, 1024 * MIB), SETTING_LIVE, "128M",
     "bytes of a reply that are made before they are sent; no more than --max-buffered",
     "Scans are never held; replies that must be counted first are, such as those of KEYS."},
    {SIZE("max-buffered", max_buffered, MIB, 1024 * 1024 * MIB), SETTING_LIVE, "256M",
     "bytes held for all clients together; beyond it, who holds the most is closed",
     "The bound on memory beside LevelDB's own."},
    {NUMBER("max-scans", max_scans, 1, 1000000), SETTING_LIVE, "2000",
     "scans open at a time over all connections",
     "Each holds some hundred kilobytes, and old data on disk."},
    {NUMBER("turn-requests", turn_requests, 1, 1000000), SETTING_LIVE, "2048",
     "requests taken of one connection before others have their turn",
     "Fewer are fairer, more are faster for long pipelines."},

    {TIME("request-timeout", request_timeout, 1), SETTING_LIVE, "60",
     "a request must arrive whole within this", "Ends peers that send slowly on purpose."},
    {TIME("stall-timeout", stall_timeout, 1), SETTING_LIVE, "60",
     "a peer must take some of a reply within this", "Ends peers that never read."},
    {TIME("scan-timeout", scan_timeout, 1), SETTING_LIVE, "3600", "a scan must end within this",
     "A scan keeps what is deleted meanwhile on disk."},
    {TIME("idle-timeout", idle_timeout, 0), SETTING_LIVE, "0",
     "a peer must ask something within this; 0 for whenever it likes",
     "Idle connections cost little; programs that never close theirs add up."},

    {TEXT("metrics", metrics, "[HOST:]PORT"), 0, NULL,
     "serve HTTP there: /metrics, /healthz, /readyz; without a host on 127.0.0.1",
     "Prometheus and probes ask there. It shows no data, but asks nobody who he is."},
    {"slow", "MILLISECONDS", SETTING_NUMBER, AT(slow), 0, 3600000, SETTING_LIVE, "100",
     "requests that take longer are kept for SLOWLOG; 0 keeps none",
     "Below 20 an exact clock is read for every request that goes to the engine."},

    {TEXT("log", log, "FILE"), 0, NULL, "log there instead of to standard error; SIGHUP reopens it",
     "Under systemd leave it alone: the journal has the log."},
    {WORD("log-level", log_level, "error|info|debug"), SETTING_LIVE, "info",
     "what is logged; debug adds each connection that is opened and closed",
     "Debug finds out who connects; error is for those who count lines."},
    {FLAG("daemonize", daemonize), SETTING_NO_FILE, NULL,
     "go to the background once it serves; logs to syslog unless --log is given", NULL},
    {TEXT("pidfile", pidfile, "FILE"), 0, NULL, "write the process id there",
     "For init scripts; systemd needs none."},
    {TEXT("user", user, "NAME"), 0, NULL,
     "become that user for good, once addresses, log and pid file are open",
     "For a start by root without systemd, whose units say User= instead."},

    {TEXT("config", file, "FILE"), SETTING_NO_FILE, NULL,
     "read settings from there, a line `name = value` each; what stands here goes before", NULL},
    {FLAG("check", check), SETTING_NO_FILE, NULL,
     "say whether the configuration is good, touch nothing and exit", NULL},

    {TEXT("repair", repair, "DIR"), SETTING_NO_FILE, NULL,
     "serve nobody; make a damaged LevelDB one that opens again", NULL},
    {TEXT("destroy", destroy, "DIR"), SETTING_NO_FILE, NULL,
     "serve nobody; tell what removing this LevelDB would remove", NULL},
    {FLAG("yes", yes), SETTING_NO_FILE, NULL, "with --destroy: remove it", NULL},
    {FLAG("help", help), SETTING_NO_FILE, NULL, "print this and exit", NULL},
    {FLAG("version", version), SETTING_NO_FILE, NULL, "print the version and exit", NULL},
};
/* clang-format on */

const size_t setting_count = sizeof(setting_table) / sizeof(setting_table[0]);

_Static_assert(sizeof(setting_table) / sizeof(setting_table[0]) <= CONFIG_MOST, "room for all");

const struct setting_group setting_groups[] = {
    {"data", "What is served, and where"},
    {"sync", "Safety"},
    {"write-buffer", "LevelDB"},
    {"max-snapshots", "Views, changes and deletions"},
    {"max-connections", "Who is served"},
    {"max-line", "Sizes and numbers"},
    {"request-timeout", "Times"},
    {"metrics", "Watching it"},
    {"log", "The process"},
    {"config", "The configuration"},
    {"repair", "Instead of serving"},
    {"help", "Help"},
};

const size_t setting_group_count = sizeof(setting_groups) / sizeof(setting_groups[0]);
