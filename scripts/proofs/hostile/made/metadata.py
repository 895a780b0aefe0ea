"""What a file says of itself: too much, in circles, in controls, in halves, in other encodings."""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path

from proofs.hostile.made.writing import document, entries, flate, page, stream

_TITLES = (
    b"<FEFF202E0041202D>",
    b"<FEFFD8000041>",
    b"<FEFF00410000000042>",
    b"<FFFE410000D8>",
    b"(\\000\\000\\000)",
    b"(../../x\\n\\r\\tForged: line)",
    b"<FEFF" + b"0041" * 30_000 + b">",
    b"(=cmd|'/c calc'!A0)",
    b"(\\\\input{/etc/passwd} ${x} <script>)",
    b"<4g>",
    b"(unclosed",
    b"9 0 R",
)


def packets(chance: random.Random, _sound: Sequence[Path]) -> tuple[str, bytes]:
    """XMP: a billion laughs, elements without end, what refers to files, packets of white space."""
    way = chance.choice(("laughs", "quadratic", "external", "deep", "unclosed", "white", "values", "bomb", "utf-16"))
    inside = {
        "laughs": b"".join(b"<!ENTITY l%d '%s'>" % (n + 1, b"&l%d;" % n * 10) for n in range(12)),
        "quadratic": b"<!ENTITY a '" + b"a" * 50_000 + b"'>",
        "external": b"<!ENTITY a SYSTEM 'file:///etc/passwd'><!ENTITY % b SYSTEM 'http://127.0.0.1/x'> %b;",
    }.get(way, b"")
    body = {
        "laughs": b"<dc:title>&l12;</dc:title>",
        "quadratic": b"<dc:title>" + b"&a;" * 5_000 + b"</dc:title>",
        "external": b"<dc:title>&a;</dc:title>",
        "deep": b"<rdf:li>" * 30_000,
        "unclosed": b"<dc:title>" * 9_000 + b"<prism:doi" * 9_000,
        "white": b" " * 150_000 + b"<dc:title" + b" " * 40_000,
        "values": b"<dc:creator>" + b"<rdf:li>A &#xD800; &#0; &lt;" * 4_000 + b"</dc:creator>",
        "bomb": b"<x/>" * 6_000_000,
        "utf-16": "<dc:title>Ein Titel</dc:title>".encode("utf-16"),
    }[way]
    packet = b"<?xpacket?><!DOCTYPE x [" + inside + b"]><x:xmpmeta xmlns:x='adobe:ns:meta/'>" + body + b"</x:xmpmeta>"
    entry = b"/Type /Metadata /Subtype /XML"
    held = flate(packet, entry) if chance.random() < 0.5 or way == "bomb" else stream(packet, entry)
    return way, document(entries(chance, 8), catalogue=b"/Metadata 6 0 R", extra=[held])


def titles(chance: random.Random, _sound: Sequence[Path]) -> tuple[str, bytes]:
    """Titles, people and dates with controls, NULs, turned directions and halves of surrogate pairs."""
    said = b" ".join(
        b"/%s %s" % (name, chance.choice(_TITLES))
        for name in (b"Title", b"Author", b"Subject", b"Keywords", b"doi", b"CreationDate", b"Trapped", b"A#00B")
    )
    return "information", document(entries(chance, 8), extra=[b"<< " + said + b" >>"], trailer=b"/Info 6 0 R")


_NUMBERS = (
    b"1e308",
    b"-1e308",
    b"NaN",
    b"inf",
    b"1e-308",
    b"99999999999999999999999",
    b"--5",
    b"0x10",
    b"+.",
    b"1.2.3",
    b"3.4e38",
)
_OPERATORS = (
    b"Tf",
    b"Td",
    b"Tm",
    b"cm",
    b"Tc",
    b"Tw",
    b"Tz",
    b"TL",
    b"Ts",
    b"Tr",
    b"w",
    b"re",
    b"c",
    b"d",
    b"i",
    b"Tj",
    b"TJ",
)


def numbers(chance: random.Random, _sound: Sequence[Path]) -> tuple[str, bytes]:
    """Sizes and places that are no numbers, or far beyond any page."""
    way = chance.choice(("boxes", "rotation", "units", "operators", "matrix"))

    def some(count: int) -> bytes:
        return b" ".join(chance.choice((*_NUMBERS, b"0", b"1", b"600")) for _ in range(count))

    if way == "boxes":
        boxes = b" ".join(
            b"/%s [%s]" % (name, some(chance.choice((4, 4, 2)))) for name in (b"CropBox", b"BleedBox", b"ArtBox")
        )
        return way, document(entries(chance, 8), objects={4: page(box=b"[" + some(4) + b"]", more=boxes)})
    if way == "rotation":
        return way, document(
            entries(chance, 8), objects={4: page(more=b"/Rotate " + chance.choice((*_NUMBERS, b"45", b"-90", b"450")))}
        )
    if way == "units":
        return way, document(entries(chance, 8), objects={4: page(more=b"/UserUnit " + some(1))})
    if way == "matrix":
        return way, document(b"q " + some(6) + b" cm " + entries(chance, 8) + b" Q")
    lines = b"\n".join(some(chance.randrange(7)) + b" " + chance.choice(_OPERATORS) for _ in range(2_000))
    return way, document(b"BT /F 9 Tf 9 9 Td (a) Tj\n" + lines + b"\nET " + entries(chance, 4))


FAMILIES = {"packets": packets, "titles": titles, "numbers": numbers}
