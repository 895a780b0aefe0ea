"""Streams that are larger, longer or otherwise than they say: bombs, chains of filters, wrong lengths, endless text."""

from __future__ import annotations

import random
import zlib
from collections.abc import Sequence
from pathlib import Path

from proofs.hostile.made.writing import FONT, TEXT, document, entries, page, stream

_SIZES = (1_000_000, 20_000_000, 120_000_000)  # bytes that come out


def bombs(chance: random.Random, _sound: Sequence[Path]) -> tuple[str, bytes]:
    """A little that becomes much: Flate, twice Flate, LZW, run lengths, hexadecimal, and predictors."""
    way = chance.choice(("flate", "flate-twice", "lzw", "runs", "hex", "predictor", "text", "many"))
    size = chance.choice(_SIZES)
    if way == "flate":
        return way, _contents(zlib.compress(b"q Q\n" * (size // 4), 9), b"/FlateDecode")
    if way == "flate-twice":
        once = zlib.compress(b"0 " * (size // 2), 9)
        return way, _contents(zlib.compress(once, 9), b"[/FlateDecode /FlateDecode]")
    if way == "lzw":
        return way, _contents(b"\x80" + chance.randbytes(3) * (size // 300), b"/LZWDecode")
    if way == "runs":
        return way, _contents(b"\x81 " * (size // 500) + b"\x80", b"/RunLengthDecode")
    if way == "hex":
        return way, _contents(zlib.compress(b"20" * (size // 4), 9), b"[/FlateDecode /ASCIIHexDecode]")
    if way == "predictor":
        bad = b"<< /Predictor %d /Columns %d /Colors %d /BitsPerComponent %d >>" % (
            chance.choice((2, 12, 15, 99)),
            chance.choice((1, 0, -1, 2_147_483_647)),
            chance.choice((1, 32, 4_000_000)),
            chance.choice((8, 16, 255)),
        )
        return way, _contents(zlib.compress(bytes(100_000), 9), b"/FlateDecode /DecodeParms " + bad)
    if way == "text":
        lines = b"BT /F 1 Tf (aaaaaaaa) Tj ET\n" * (size // 400)
        return way, document(lines)
    bomb = stream(zlib.compress(b" " * (size // 10), 9), b"/Filter /FlateDecode")
    return way, document(objects={4: page(contents=b"[" + b"6 0 R " * 40 + b"5 0 R]")}, extra=[bomb])


def chains(chance: random.Random, _sound: Sequence[Path]) -> tuple[str, bytes]:
    """Filters upon filters: a thousand of them, unknown ones, ones that do not fit, lists that lead to themselves."""
    way = chance.choice(("thousand", "unknown", "wrong", "self", "crypt", "images", "nested"))
    number = chance.choice((10, 300, 1_000))
    if way == "thousand":
        return way, _contents(TEXT, b"[" + b"/ASCIIHexDecode " * number + b"]")
    if way == "unknown":
        return way, _contents(TEXT, chance.choice((b"/Nope", b"[/Fl /AHx /Nope]", b"(x)", b"-1", b"[[/Fl]]")))
    if way == "wrong":
        name = chance.choice(
            (b"/LZWDecode", b"/ASCII85Decode", b"/RunLengthDecode", b"/FlateDecode", b"/ASCIIHexDecode")
        )
        return way, _contents(chance.randbytes(30_000), name)
    if way == "self":
        return way, document(objects={5: stream(TEXT, b"/Filter 5 0 R /DecodeParms 5 0 R /Length 5 0 R")})
    if way == "crypt":
        return way, _contents(TEXT, b"/Crypt /DecodeParms << /Name /StdCF >>")
    if way == "images":
        name = chance.choice((b"/DCTDecode", b"/JPXDecode", b"/JBIG2Decode", b"/CCITTFaxDecode"))
        return way, _contents(chance.randbytes(5_000), name)
    data = TEXT
    depth = chance.choice((5, 60))
    for _ in range(depth):
        data = zlib.compress(data)
    return way, _contents(data, b"[" + b"/FlateDecode " * depth + b"]")


def lengths(chance: random.Random, _sound: Sequence[Path]) -> tuple[str, bytes]:
    """Lengths that are negative, too long, too short, no number, or the stream itself."""
    said = chance.choice((b"-1", b"0", b"5", b"99999999", b"4294967296", b"5 0 R", b"77 0 R", b"(x)", b"1e9", b"null"))
    body = stream(zlib.compress(TEXT), b"/Filter /FlateDecode", said)
    if chance.random() < 0.3:
        body = body.replace(b"endstream", chance.choice((b"", b"endobj", b"endstream endstream")))
    return "length", document(objects={5: body})


def texts(chance: random.Random, _sound: Sequence[Path]) -> tuple[str, bytes]:
    """Text without end, at one place, in one line, in every direction, in sizes of no size."""
    way = chance.choice(("one-place", "one-line", "sizes", "turned", "wide", "words", "marked", "list", "columns"))
    number = chance.choice((300, 3_000, 20_000))
    if way == "one-place":
        return way, document(b"BT /F 9 Tf 9 9 Td (References 2001) Tj ET\n" * number)
    if way == "one-line":
        return way, document(
            b"BT /F 1 Tf 9 9 Td ("
            + b"".join(chance.choice((b"a", b"1", b"-")) for _ in range(number * 20))
            + b") Tj ET"
        )
    if way == "sizes":
        sizes = (b"0", b"-9", b"1e30", b"0.00001", b"1e-30", b"99999999")
        return way, document(
            b"".join(b"BT /F %s Tf 9 %d Td (Aa 2001 [1]) Tj ET\n" % (chance.choice(sizes), n) for n in range(900))
        )
    if way == "turned":
        return way, document(
            b"".join(
                b"BT /F 9 Tf %.3f %.3f %.3f %.3f %d %d Tm ([%d] Aa B. Title 2001) Tj ET\n"
                % (*(chance.uniform(-1, 1) for _ in range(4)), chance.randrange(600), chance.randrange(800), n)
                for n in range(min(number, 3_000))
            )
        )
    if way == "wide":
        return way, document(
            b"BT /F 9 Tf 9e9 Tc -9e9 Tw 1e30 Tz 1e30 TL 9 9 Td " + b"([1] Aa B. 2001) Tj T*\n" * 500 + b"ET"
        )
    if way == "words":
        return way, document(b"BT /F 9 Tf 9 TL 9 700 Td " + b"[(R) -9999 (e) 9999 (f)] TJ T*\n" * number + b"ET")
    if way == "marked":
        return way, document(b"/Span << /ActualText (" + b"x" * 60_000 + b") >> BDC " + TEXT + b" EMC\n" * 90)
    if way == "list":
        return way, document(entries(chance, min(number, 3_000)))
    grid = b"".join(
        b"BT /F 2 Tf %d %d Td ([%d]) Tj ET\n" % (x * 8, y * 3, x)
        for x in range(70)
        for y in range(chance.choice((60, 250)))
    )
    return way, document(grid)


def _contents(data: bytes, filters: bytes) -> bytes:
    return document(objects={4: page(resources=FONT), 5: stream(data, b"/Filter " + filters)})


FAMILIES = {"bombs": bombs, "chains": chains, "lengths": lengths, "texts": texts}
