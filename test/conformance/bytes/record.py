"""Records how Python decodes bytes with surrogateescape: `python3 record.py > recorded.json`.

Each case is the bytes in hexadecimal and the code points of the text.
"""

import itertools
import json
import sys

EDGES = [0x00, 0x41, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xC1, 0xC2, 0xDF, 0xE0, 0xE1, 0xEC, 0xED, 0xEE, 0xEF,
         0xF0, 0xF1, 0xF3, 0xF4, 0xF5, 0xFF]
TEXTS = ["", "caf\u00e9", "\ufeff", "\ufffd", "\u20ac\U0001f600", "\U0010ffff", "\ue000\ud7ff"]


def cases():
    yield bytes(range(256))
    for text in TEXTS:
        whole = text.encode()
        yield whole
        for at in range(1, len(whole)):
            yield whole[:at]
            yield whole[at:]
            yield whole[:at] + b"x"
            yield whole[:at] + b"\xe9" + whole[at:]
    yield from (bytes(two) for two in itertools.product(EDGES, repeat=2))
    for lead, second in [(0xE0, 0x9F), (0xE0, 0xA0), (0xED, 0x9F), (0xED, 0xA0), (0xEF, 0xBF), (0xF0, 0x8F), (0xF0, 0x90),
                         (0xF4, 0x8F), (0xF4, 0x90), (0xF5, 0x80)]:
        for tail in (b"", b"\x80", b"\x80\x80", b"\xbf\xbf", b"\x80\x41", b"\x41", b"\xc2\x80", b"\x80\xe9"):
            yield bytes([lead, second]) + tail


seen = dict.fromkeys(cases())
records = [[case.hex(), [ord(c) for c in case.decode("utf-8", "surrogateescape")]] for case in seen]
sys.stdout.write("[\n" + ",\n".join(json.dumps(record, separators=(",", ":")) for record in records) + "\n]\n")
