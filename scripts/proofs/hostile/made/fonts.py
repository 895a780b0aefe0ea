"""Fonts without maps, with maps that lie, with programs that are none."""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path

from proofs.hostile.made.writing import document, entries, flate, stream

_MAP = (
    b"/CIDInit /ProcSet findresource begin begincmap\n1 begincodespacerange <0000> <FFFF> endcodespacerange\n%s endcmap"
)
_RANGES = (
    b"1 beginbfrange <0000> <FFFF> <0041> endbfrange",
    b"1 beginbfrange <0000> <FFFF> [<0041>] endbfrange",
    b"1 beginbfrange <FFFF> <0000> <D800> endbfrange",
    b"1 beginbfrange <00000000> <FFFFFFFF> <00000000> endbfrange",
    b"100 beginbfrange " + b"<0000> <FFFF> <0041> " * 900 + b"endbfrange",
    b"1 beginbfchar <0041> <" + b"0041" * 20_000 + b"> endbfchar",
    b"3 beginbfchar <0041> <D800> <0042> <0000> <0043> <202E> endbfchar",
    b"1 beginbfchar <0041> <0A0D2028> endbfchar 1 beginbfchar <0042> <FFFE> endbfchar",
    b"1 begincidrange <0000> <FFFF> 99999999999 endcidrange /Identity-H usecmap",
    b"999999999 beginbfrange",
)


def maps(chance: random.Random, _sound: Sequence[Path]) -> tuple[str, bytes]:
    """What letters mean: not told, told of millions, told as nothing, as halves, as controls."""
    way = chance.choice(("none", "range", "noise", "self", "encoding", "differences", "codes"))
    told = chance.choice(_RANGES)
    unicode_map = {
        "range": flate(_MAP % told),
        "codes": flate(_MAP.replace(b"<0000> <FFFF>", b"<00> <FFFFFFFF>") % told),
        "noise": flate(chance.randbytes(20_000)),
        "self": stream(b"6 0 R", b"/UseCMap 6 0 R"),
    }.get(way, b"null")
    encoding = {
        "encoding": chance.choice((b"/Nope", b"6 0 R", b"(x)", b"/Identity-V", b"[/a]")),
        "differences": b"<< /Differences ["
        + b"0 /a /uni0000 /u10FFFF /gFFFFFFFF /.notdef " * 400
        + b"-5 /b 999999 /c] >>",
    }.get(way, b"/Identity-H" if way != "none" else b"null")
    subtype = chance.choice((b"/Type0", b"/Type1", b"/TrueType", b"/Type3", b"/MMType1", b"/CIDFontType2"))
    font = b"<< /Type /Font /Subtype %s /BaseFont /X+Nothing /Encoding %s /ToUnicode 6 0 R /DescendantFonts [%s] >>" % (
        subtype,
        encoding,
        chance.choice((b"7 0 R", b"3 0 R", b"6 0 R", b"")),
    )
    below = (
        b"<< /Type /Font /Subtype /CIDFontType2 /BaseFont /X /CIDSystemInfo << /Registry (A) /Ordering (J) >> /W %s >>"
        % (chance.choice((b"[0 [500]]", b"[0 2000000000 500]", b"[0 [" + b"1e30 " * 9_000 + b"]]", b"7 0 R")))
    )
    return way, document(entries(chance, chance.choice((3, 40))), objects={3: font}, extra=[unicode_map, below])


def programs(chance: random.Random, _sound: Sequence[Path]) -> tuple[str, bytes]:
    """Embedded fonts that are noise, cut, of another kind, or far larger than they say."""
    way = chance.choice(("FontFile", "FontFile2", "FontFile3"))
    head = {
        "FontFile": b"%!PS-AdobeFont-1.0: X\n/FontMatrix [0 0 0 0 0 0] def\neexec ",
        "FontFile2": b"\0\1\0\0"
        + chance.choice((b"\xff\xff", b"\0\4", b"\0\0"))
        + b"\0" * 6
        + b"glyf" * 4
        + b"loca"
        + b"cmap",
        "FontFile3": b"\1\0\4\4\0\1\1\1" + b"\xff" * 12,
    }[way]
    program = head + chance.randbytes(chance.choice((0, 40, 4_000)))
    lying = b"/Length1 %d /Length2 -1 /Length3 99999999" % chance.choice((0, 9, 2_000_000_000))
    kind = chance.choice((b"", b"/Subtype /Type1C", b"/Subtype /OpenType", b"/Subtype /CIDFontType0C"))
    descriptor = (
        b"<< /Type /FontDescriptor /FontName /X /Flags 4 /FontBBox [%s] /Ascent %s /Descent 1e30 /%s 7 0 R >>"
        % (
            chance.choice((b"0 0 0 0", b"-1e30 -1e30 1e30 1e30", b"NaN 0 1 1", b"9 9")),
            chance.choice((b"0", b"1e38", b"-99999")),
            way.encode(),
        )
    )
    widths = b"[" + chance.choice((b"0 ", b"1e30 ", b"-5 ")) * 256 + b"]"
    font = (
        b"<< /Type /Font /Subtype /%s /BaseFont /X /FirstChar %d /LastChar %d /Widths %s /FontDescriptor 6 0 R >>"
        % (
            chance.choice((b"Type1", b"TrueType")),
            chance.choice((0, -9, 255)),
            chance.choice((255, 0, 2_000_000_000)),
            widths,
        )
    )
    return way, document(
        entries(chance, 12), objects={3: font}, extra=[descriptor, flate(program, lying + b" " + kind)]
    )


FAMILIES = {"maps": maps, "programs": programs}
