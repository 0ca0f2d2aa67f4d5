"""What a scan of the whole catalogue must print, worked out on its own.

Reads `apt-cache dumpavail` and prints the rows of PROTOCOL.md, sorted by their bytes and with the
ending. Shares nothing with catalogue.awk, so that both must be right to agree.
"""

import re
import sys

ESCAPES = {"\n": r"\n", "\r": r"\r", "\t": r"\t", "\\": r"\\", '"': r"\""}


def quoted(text):
    return '"' + "".join(ESCAPES.get(letter, letter) for letter in text) + '"'


rows = {}
for stanza in sys.stdin.buffer.read().decode("utf-8").split("\n\n"):
    # A field ends where the next line does not go on with a space.
    pairs = re.findall(r"^([^:\s]+): ?((?:.*)(?:\n[ \t].*)*)", stanza, re.MULTILINE)
    fields = dict(pairs)
    for name, value in pairs:
        key = ":".join(["pkg", fields.get("Section", ""), fields["Package"], name])
        rows[key.encode()] = value

out = sys.stdout
out.reconfigure(encoding="utf-8", newline="\n")
for key in sorted(rows):
    print(quoted(key.decode()), quoted(rows[key]), file=out)
print("OK", len(rows), file=out)
