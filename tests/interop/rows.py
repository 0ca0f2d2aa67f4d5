"""Binary rows that another program writes, the daemon serves and changes, and others read again.

    rows.py write DIRECTORY     plyvel makes a store of the rows
    rows.py scan                standard input must be a SCAN "" of exactly the rows
    rows.py changed DIRECTORY   plyvel must find the rows as rows.c changed them, byte for byte
    rows.py print               the rows for programs in other languages: hexadecimal, one a line
    rows.py print-changed       the same as rows.c changed them
"""

import contextlib
import random
import re
import sys

import plyvel


def original():
    """Every single byte as a key, and random ones of every length: NULs, 0xff, no text at all."""
    chance = random.Random(5383)
    rows = {bytes([byte]): bytes([byte]) * 3 for byte in range(256)}
    rows.update({bytes([byte, 0]): b"" for byte in range(256)})
    for length in range(200):
        rows[chance.randbytes(length)] = chance.randbytes(length * 7)
    rows[b""] = b"under the empty key"
    rows[b"\0\0\0"] = b"\0"
    rows[b"\xff" * 300] = bytes(range(256)) * 400
    rows["Grüße".encode("latin-1")] = "Grüße".encode("latin-1")
    rows["Grüße".encode()] = "Grüße, 狐".encode()
    rows[b"line\r\nend\ttab\"quote'\\"] = b"line\r\nend\ttab\"quote'\\"
    # Enough for tables, not only a log: some that snappy makes small, and some that it cannot.
    for number in range(30000):
        rows[b"table:%05d" % number] = b"row %d of a table, " % number * 5
    rows[b"large"] = chance.randbytes(1 << 20)
    rows[b"large and even"] = b"leveret" * 100000
    return rows


def changed():
    """What rows.c does through netcat."""
    rows = original()
    del rows[b""]
    del rows[b"\0\0\0"]
    rows[b"\0new\xff"] = b"\xfe\0\r\n"
    rows[b"\xff" * 300] = b""
    rows["Grüße".encode()] = "grüß Gott".encode()
    rows[b"A"] = b"A was here"
    return rows


ESCAPE = re.compile(rb"\\(x[0-9A-F]{2}|.)", re.DOTALL)
LETTERS = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"\\": b"\\", b'"': b'"'}


def unquoted(token):
    def byte(match):
        name = match.group(1)
        return LETTERS[name] if name in LETTERS else bytes([int(name[1:], 16)])

    return ESCAPE.sub(byte, token)


def scanned(text):
    """The rows of a scan; its text must be readable as it stands, and end with their number."""
    text.decode("utf-8")
    lines = text.split(b"\n")
    assert lines[-1] == b"", "the scan has no last line end"
    assert lines[-2] == b"OK %d" % (len(lines) - 2), lines[-2]
    rows = {}
    for line in lines[:-2]:
        key, value = re.fullmatch(rb'"((?:[^"\\]|\\.)*)" "((?:[^"\\]|\\.)*)"', line).groups()
        rows[unquoted(key)] = unquoted(value)
    assert list(rows) == sorted(rows), "the scan is out of order"
    return rows


def print_rows(rows):
    for key in sorted(rows):
        print(key.hex(), rows[key].hex())


def stored(directory):
    with contextlib.closing(plyvel.DB(directory)) as database:
        return dict(database)


def compare(found, expected):
    for key in sorted(found.keys() | expected.keys()):
        assert found.get(key) == expected.get(key), (key, found.get(key), expected.get(key))


def write(directory):
    with contextlib.closing(plyvel.DB(directory, create_if_missing=True)) as database:
        for key, value in original().items():
            database.put(key, value)


if sys.argv[1] == "write":
    write(sys.argv[2])
elif sys.argv[1] == "scan":
    compare(scanned(sys.stdin.buffer.read()), original())
elif sys.argv[1] == "changed":
    compare(stored(sys.argv[2]), changed())
elif sys.argv[1] == "print":
    print_rows(original())
elif sys.argv[1] == "print-changed":
    print_rows(changed())
else:
    sys.exit(__doc__)
