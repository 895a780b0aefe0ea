"""Images that say that they are larger than any memory, or are none."""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path

from proofs.hostile.made.writing import document, page, stream

_HEADS = {
    b"DCTDecode": b"\xff\xd8\xff\xc0\0\x11\x08\xff\xff\xff\xff\x03\x01\x22\0\x02\x11\x01\x03\x11\x01\xff\xda",
    b"JPXDecode": b"\0\0\0\x0cjP  \r\n\x87\n\0\0\0\x14ftypjp2 \0\0\0\0jp2 \0\0\0\x2djp2h"
    b"\0\0\0\x16ihdr\x7f\xff\xff\xff\x7f\xff\xff\xff\0\x03\x07\x07",
    b"JBIG2Decode": b"\0\0\0\0\x30\0\x01\0\0\0\x13\xff\xff\xff\xff\xff\xff\xff\xff\0\0\0\0\0\0\0\0\0\0\0",
    b"CCITTFaxDecode": b"\0\x10\x01" * 50,
    b"FlateDecode": b"x\x9c",
}


def images(chance: random.Random, _sound: Sequence[Path]) -> tuple[str, bytes]:
    """Images of lying sizes, noise behind a proper head, masks of masks; with and without text beside."""
    name = chance.choice(sorted(_HEADS))
    size = chance.choice((b"1", b"65535", b"2147483647", b"-1", b"0", b"1e9"))
    parts = b"/DecodeParms << /K -1 /Columns %s /Rows %s /JBIG2Globals 7 0 R >>" % (size, size)
    said = (
        b"/Type /XObject /Subtype /Image /Width %s /Height %s /BitsPerComponent %s /ColorSpace %s /Filter /%s %s %s"
        % (
            *(size, chance.choice((size, b"1", b"2147483647"))),
            *(
                chance.choice((b"1", b"8", b"16", b"99")),
                chance.choice((b"/DeviceRGB", b"/DeviceGray", b"6 0 R", b"/Nope")),
            ),
            *(
                name,
                parts,
                chance.choice((b"", b"/SMask 6 0 R", b"/Mask [0 9 0 9]", b"/Alternates [6 0 R]", b"/Mask 6 0 R")),
            ),
        )
    )
    data = _HEADS[name] + chance.randbytes(chance.choice((0, 30, 3_000)))
    text = chance.choice((b"", b"BT /F 9 Tf 9 9 Td (References 2001) Tj ET"))
    inline = b"BI /W %s /H %s /BPC 8 /CS /RGB /F /%s ID " % (size, size, name) + data + b" EI "
    return name.decode(), document(
        chance.choice((b"", inline)) + b"q 600 0 0 800 0 0 cm /X Do Q " + text,
        objects={4: page(resources=b"<< /Font << /F 3 0 R >> /XObject << /X 6 0 R >> >>")},
        extra=[stream(data, said), stream(chance.randbytes(200))],
    )


FAMILIES = {"images": images}
