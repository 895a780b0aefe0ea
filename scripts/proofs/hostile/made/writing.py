"""A PDF written object by object, so that any of them can be wrong on purpose."""

from __future__ import annotations

import random
import zlib
from collections.abc import Mapping, Sequence

FONT = b"<< /Font << /F 3 0 R >> >>"
TEXT = b"BT /F 9 Tf 50 700 Td (References) Tj 0 -20 Td ([1] Aa B. A title of some length. Journal 2001; 1: 2-3.) Tj ET"

# 1 is the catalogue, 2 the page tree, 3 a font, 4 a page, 5 its contents; what is added begins with 6.
EXTRA = 6


def stream(data: bytes, entries: bytes = b"", length: bytes | None = None) -> bytes:
    """A stream object; `length` is what it says that it is long."""
    said = b"%d" % len(data) if length is None else length
    return b"<< /Length " + said + b" " + entries + b" >>\nstream\n" + data + b"\nendstream"


def flate(data: bytes, entries: bytes = b"") -> bytes:
    """A compressed stream object."""
    return stream(zlib.compress(data, 9), b"/Filter /FlateDecode " + entries)


def page(
    *, contents: bytes = b"5 0 R", resources: bytes = FONT, box: bytes = b"[0 0 600 800]", more: bytes = b""
) -> bytes:
    """A page object."""
    return (
        b"<< /Type /Page /Parent 2 0 R /MediaBox " + box + b" /Contents " + contents
        + b" /Resources " + resources + b" " + more + b" >>"
    )  # fmt: skip


def document(
    content: bytes = TEXT,
    *,
    objects: Mapping[int, bytes] | None = None,
    extra: Sequence[bytes] = (),
    catalogue: bytes = b"",
    trailer: bytes = b"",
) -> bytes:
    """A sound document of one page, with `objects` in the place of its own and `extra` behind them."""
    bodies: dict[int, bytes] = {
        1: b"<< /Type /Catalog /Pages 2 0 R " + catalogue + b" >>",
        2: b"<< /Type /Pages /Kids [4 0 R] /Count 1 >>",
        3: b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        4: page(),
        5: flate(content),
        **dict(enumerate(extra, EXTRA)),
        **(objects or {}),
    }
    return written(bodies, trailer)


def written(bodies: Mapping[int, bytes], trailer: bytes = b"", version: bytes = b"1.7") -> bytes:
    """The objects as a file with a table of where they are."""
    out = bytearray(b"%PDF-" + version + b"\n%\xe2\xe3\xcf\xd3\n")
    places = {}
    for number, body in bodies.items():
        places[number] = len(out)
        out += b"%d 0 obj\n" % number + body + b"\nendobj\n"
    size = max(places) + 1
    start = len(out)
    out += b"xref\n0 1\n0000000000 65535 f \n"
    for number, at in sorted(places.items()):
        out += b"%d 1\n%010d 00000 n \n" % (number, at)
    out += b"trailer\n<< /Size %d /Root 1 0 R " % size + trailer + b" >>\nstartxref\n%d\n%%%%EOF\n" % start
    return bytes(out)


def entries(chance: random.Random, count: int) -> bytes:
    """Contents that print a list of references, so that what is read of a file is more than its letters."""
    lines = [
        b"BT /F 9 Tf 11 TL 50 760 Td (Introduction) Tj T* (As shown in [1, 2], text is text.) Tj T* (References) Tj"
    ]
    lines += [
        b"T* ([%d] Aa %s., Bb C. A title of %s and %s. Journal of Things %d\\(%d\\), %d-%d \\(%d\\).) Tj"
        % (
            n,
            bytes([chance.randrange(65, 91)]),
            chance.choice((b"rivers", b"tides", b"\\(unclosed", b"\\377\\000")),
            chance.choice((b"graphs", b"https://x.example/a", b"doi:10.1000/x")),
            chance.randrange(99),
            chance.randrange(9),
            chance.randrange(1, 500),
            chance.randrange(500, 999),
            chance.randrange(1950, 2026),
        )
        for n in range(1, count + 1)
    ]
    return b"\n".join((*lines, b"ET"))
