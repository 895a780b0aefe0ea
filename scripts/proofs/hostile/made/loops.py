"""What is drawn by drawing itself: forms, patterns, fonts whose letters use the font, functions of themselves."""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path

from proofs.hostile.made.writing import TEXT, document, page, stream


def drawing(chance: random.Random, _sound: Sequence[Path]) -> tuple[str, bytes]:
    """Forms, patterns, masks and Type 3 fonts that call themselves, or each other many times over."""
    way = chance.choice(("form", "forms", "fan", "pattern", "mask", "type3", "type3-deep"))
    form = b"/Type /XObject /Subtype /Form /BBox [0 0 600 800] /Resources << /Font << /F 3 0 R >> /XObject << %s >> >>"
    if way == "form":
        return way, _drawn([stream(b"/X Do " + TEXT + b" /X Do", form % b"/X 6 0 R")])
    if way == "forms":
        ring = chance.choice((2, 50, 1_000))
        return way, _drawn(
            [stream(b"/X Do " + TEXT, form % (b"/X %d 0 R" % (6 + (n + 1) % ring))) for n in range(ring)]
        )
    if way == "fan":  # each draws the next ten times: ten to the power of its depth
        depth = chance.choice((4, 8, 30))
        last = stream(TEXT, form % b"")
        return way, _drawn([*(stream(b"/X Do " * 10, form % (b"/X %d 0 R" % (7 + n))) for n in range(depth)), last])
    if way == "pattern":
        tile = b"/Type /Pattern /PatternType 1 /PaintType 1 /TilingType 1 /BBox [0 0 1 1] /XStep %s /YStep 0.0001"
        steps = chance.choice((b"0.0001", b"0", b"-1", b"1e-30"))
        own = b" /Resources << /Pattern << /P 6 0 R >> >>"
        return way, document(
            b"/Pattern cs /P scn 0 0 600 800 re f " + TEXT,
            objects={4: page(resources=b"<< /Font << /F 3 0 R >> /Pattern << /P 6 0 R >> >>")},
            extra=[stream(b"/Pattern cs /P scn 0 0 1 1 re f", tile % steps + own)],
        )
    if way == "mask":
        state = b"<< /Type /ExtGState /SMask << /S /Luminosity /G 7 0 R >> >>"
        group = form % b"" + b" /Group << /S /Transparency >> /ExtGState << /G 6 0 R >>"
        return way, document(
            b"/G gs " + TEXT,
            objects={4: page(resources=b"<< /Font << /F 3 0 R >> /ExtGState << /G 6 0 R >> >>")},
            extra=[state, stream(b"/G gs 0 0 9 9 re f", group)],
        )
    letters = b"d0 BT /T 9 Tf (a) Tj ET" if way == "type3" else b"d0 BT /T 9 Tf " + b"(aaaaaaaaaa) Tj " * 40 + b"ET"
    font = (
        b"<< /Type /Font /Subtype /Type3 /FontBBox [0 0 9 9] /FontMatrix [%s 0 0 1 0 0] /FirstChar 97 /LastChar 97"
        b" /Widths [%s] /CharProcs << /a 7 0 R >> /Encoding << /Differences [97 /a] >>"
        b" /Resources << /Font << /T 6 0 R >> >> >>"
    ) % (chance.choice((b"1", b"0", b"1e30")), chance.choice((b"1", b"-1e30", b"6 0 R")))
    return way, document(
        b"BT /T 9 Tf 9 700 Td (aaa) Tj ET " + TEXT,
        objects={4: page(resources=b"<< /Font << /F 3 0 R /T 6 0 R >> >>")},
        extra=[font, stream(letters)],
    )


def functions(chance: random.Random, _sound: Sequence[Path]) -> tuple[str, bytes]:
    """Functions, shadings and colour spaces that are made of themselves or of far too much."""
    way = chance.choice(("stitch", "sampled", "calculator", "shading", "colours", "mesh"))
    extra = {
        "stitch": [b"<< /FunctionType 3 /Domain [0 1] /Functions [6 0 R 6 0 R] /Bounds [0.5] /Encode [0 1 0 1] >>"],
        "sampled": [
            stream(
                b"x" * 99,
                b"/FunctionType 0 /Domain [%s] /Range [0 1] /Size [%s] /BitsPerSample 32"
                % (b"0 1 " * chance.choice((1, 30)), b"65535 " * chance.choice((1, 30))),
            )
        ],
        "calculator": [stream(b"{ " * 5_000 + b"dup mul " * 9_000, b"/FunctionType 4 /Domain [0 1] /Range [0 1]")],
        "shading": [b"<< /FunctionType 2 /Domain [0 1] /N %s >>" % chance.choice((b"1e30", b"-1e30", b"0"))],
        "colours": [b"[/Indexed 6 0 R 255 6 0 R]", b"[/Separation /X 7 0 R 6 0 R]"],
        "mesh": [b"<< /FunctionType 2 /Domain [0 1] /N 1 >>"],
    }[way]
    shading = b"<< /ShadingType 2 /ColorSpace %s /Coords [0 0 1e9 1e9] /Function 6 0 R /Extend [true true] >>" % (
        b"6 0 R" if way == "colours" else b"/DeviceGray"
    )
    if way == "mesh":
        shading = (
            b"<< /ShadingType 4 /ColorSpace /DeviceRGB /BitsPerCoordinate 32 /BitsPerComponent 16 /Decode [6 0 R] >>"
        )
    return way, document(
        b"/S sh /C cs 0.5 scn 0 0 9 9 re f " + TEXT,
        objects={
            4: page(
                resources=b"<< /Font << /F 3 0 R >> /Shading << /S " + shading + b" >> /ColorSpace << /C 6 0 R >> >>"
            )
        },
        extra=extra,
    )


def _drawn(forms: Sequence[bytes]) -> bytes:
    resources = b"<< /Font << /F 3 0 R >> /XObject << /X 6 0 R >> >>"
    return document(b"/X Do " + TEXT, objects={4: page(resources=resources)}, extra=forms)


FAMILIES = {"drawing": drawing, "functions": functions}
