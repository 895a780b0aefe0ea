"""Trees that have themselves for branches, tables that lead in circles, declarations of what is not there."""

from __future__ import annotations

import random
import zlib
from collections.abc import Sequence
from pathlib import Path

from proofs.hostile.made.writing import EXTRA, TEXT, document, flate, page, stream, written


def page_trees(chance: random.Random, _sound: Sequence[Path]) -> tuple[str, bytes]:
    """Trees of pages that loop, are a thousand deep, empty, huge or lie about their number."""
    way = chance.choice(
        ("itself", "mutual", "deep", "same-page", "many", "declared", "no-kids", "wrong-type", "parent", "inherited")
    )
    count = chance.choice((b"1", b"0", b"-5", b"1000000", b"2147483647", b"99999999999"))
    pages = b"<< /Type /Pages /Kids [%s] /Count %s >>"
    if way == "itself":
        return way, document(objects={2: pages % (b"2 0 R 4 0 R 2 0 R", count)})
    if way == "mutual":
        loop = [pages % (b"%d 0 R" % n, count) for n in (7, 8, 2)]
        return way, document(objects={2: pages % (b"6 0 R 4 0 R", count)}, extra=loop)
    if way == "deep":
        depth = chance.choice((50, 500, 3_000))
        chain = [pages % (b"%d 0 R" % (EXTRA + n + 1), b"1") for n in range(depth)]
        return way, document(objects={2: pages % (b"6 0 R", b"1")}, extra=[*chain, page()])
    if way == "same-page":
        return way, document(objects={2: pages % (b"4 0 R " * chance.choice((100, 5_000)), b"5000")})
    if way == "many":
        number = chance.choice((3_000, 10_000))
        kids = b" ".join(b"%d 0 R" % n for n in range(EXTRA, EXTRA + number))
        return way, document(objects={2: pages % (kids, b"%d" % number)}, extra=[page(contents=b"null")] * number)
    if way == "declared":
        return way, document(objects={2: pages % (b"4 0 R", count)})
    if way == "no-kids":
        return way, document(objects={2: b"<< /Type /Pages /Count " + count + b" >>"})
    if way == "wrong-type":
        return way, document(
            objects={2: chance.choice((b"null", b"[4 0 R]", b"(pages)", flate(b"x"), b"4 0 R", b"2 0 R"))}
        )
    if way == "parent":
        return way, document(objects={4: page(more=b"/Parent 4 0 R /Rotate 4 0 R")})
    return way, document(objects={4: b"<< /Type /Page /Parent 4 0 R /Contents 5 0 R >>"})


def tables(chance: random.Random, sound: Sequence[Path]) -> tuple[str, bytes]:
    """Tables of places that are wrong, loop, or contradict each other."""
    way = chance.choice(("prev-self", "prev-chain", "places", "size", "none", "start", "stream-loop", "hybrid", "free"))
    plain = document()
    start = plain.rindex(b"startxref")
    table = plain.rindex(b"xref\n0 1")
    if way == "prev-self":
        return way, document(trailer=b"/Prev %d" % table)
    if way == "prev-chain":
        out = bytearray(plain)
        before = table
        places = []
        for _ in range(chance.choice((2, 200, 5_000))):
            places.append(len(out))
            out += b"xref\n0 0\ntrailer\n<< /Size 6 /Root 1 0 R /Prev %d >>\n" % before
            before = places[-1]
        if chance.random() < 0.5:  # the first leads to the last
            out = out.replace(b"/Prev %d" % table, b"/Prev %d" % (before % 10 ** len(str(table))), 1)
        return way, bytes(out) + b"startxref\n%d\n%%%%EOF" % before
    if way == "places":
        shift = chance.choice((-7, 1, 400, 99_999_999))
        lines = plain[table:start].split(b"\n")
        moved = [b"%010d 00000 n " % max(0, int(line[:10]) + shift) if line.endswith(b"n ") else line for line in lines]
        return way, plain[:table] + b"\n".join(moved) + plain[start:]
    if way == "size":
        return way, plain.replace(b"/Size 6", b"/Size " + chance.choice((b"0", b"-1", b"9999999999", b"1 0 R")))
    if way == "none":
        return way, plain[:table]
    if way == "start":
        return way, plain[:start] + b"startxref\n" + chance.choice((b"0", b"-1", b"99999999999", b"x")) + b"\n%%EOF"
    if way == "stream-loop":
        return way, _table_stream(chance)
    if way == "hybrid":
        return way, document(trailer=b"/XRefStm %d" % chance.randrange(len(plain)))
    chosen = bytearray(chance.choice(sound).read_bytes())
    return way, bytes(chosen).replace(b" n ", b" f ", chance.choice((1, 5, -1)))


def _table_stream(chance: random.Random) -> bytes:
    """A compressed table whose Prev is itself, with widths and indexes that are wrong."""
    out = bytearray(written({1: b"<< /Type /Catalog /Pages 2 0 R >>", 2: b"<< /Type /Pages /Kids [] /Count 0 >>"}))
    place = len(out)
    widths = chance.choice((b"[1 2 1]", b"[0 0 0]", b"[9 9 9]", b"[1 4000000000 1]", b"[-1 2 1]", b"[1]"))
    index = chance.choice((b"[0 3]", b"[0 4000000000]", b"[5 -1]", b"[0 3 0 3 0 3]"))
    rows = zlib.compress(chance.randbytes(40))
    out += b"9 0 obj\n" + stream(
        rows,
        b"/Type /XRef /Filter /FlateDecode /Size 10 /Root 1 0 R /W %s /Index %s /Prev %d" % (widths, index, place),
    )
    return bytes(out) + b"\nendobj\nstartxref\n%d\n%%%%EOF" % place


def object_streams(chance: random.Random, _sound: Sequence[Path]) -> tuple[str, bytes]:
    """Streams of objects that extend themselves, hold themselves, or lie about what they hold."""
    way = chance.choice(("extends-self", "extends-loop", "first", "number", "nested", "catalogue"))
    inside = b"20 0 21 30 << /A (x) >>                << /B 20 0 R >>"
    first, number, extends = b"12", b"2", b""
    if way == "extends-self":
        extends = b"/Extends 6 0 R"
    elif way == "extends-loop":
        extends = b"/Extends 7 0 R"
    elif way == "first":
        first = chance.choice((b"0", b"-1", b"999999999", b"6 0 R"))
    elif way == "number":
        number = chance.choice((b"0", b"-1", b"2000000000", b"1e9"))
    held = flate(inside, b"/Type /ObjStm /N %s /First %s %s" % (number, first, extends))
    other = flate(inside, b"/Type /ObjStm /N 2 /First 12 /Extends 6 0 R")
    out = document(
        objects={4: page(resources=b"20 0 R" if way == "catalogue" else b"<< /X 21 0 R >>")}, extra=[held, other]
    )
    place = len(out)
    rows = b"".join(bytes([2, 0, 6, n]) if way != "nested" else bytes([2, 0, 20, 0]) for n in range(2))
    out += b"30 0 obj\n" + stream(
        zlib.compress(rows),
        b"/Type /XRef /Filter /FlateDecode /Size 31 /Root 1 0 R /W [1 2 1] /Index [20 2] /Prev %d"
        % out.rindex(b"xref\n0 1"),
    )
    return way, out + b"\nendobj\nstartxref\n%d\n%%%%EOF" % place


def nesting(chance: random.Random, _sound: Sequence[Path]) -> tuple[str, bytes]:
    """Lists in lists, dictionaries in dictionaries, brackets that never close, references in circles."""
    way = chance.choice(("lists", "dictionaries", "mixed", "unclosed", "strings", "references", "contents", "names"))
    depth = chance.choice((64, 500, 5_000, 100_000))
    many = {
        "lists": b"[" * depth + b"]" * depth,
        "dictionaries": b"<< /A " * depth + b"1" + b" >>" * depth,
        "mixed": b"[ << /A " * depth + b"1" + b" >> ]" * depth,
        "unclosed": b"<< /A [" * depth,
        "strings": b"(" * depth + b")" * depth,
        "names": b"/" + b"A#41" * depth,
    }
    if way == "references":
        chain = [b"%d 0 R" % (EXTRA + (n + 1) % 300) for n in range(300)]
        return way, document(objects={4: page(contents=b"6 0 R", resources=b"7 0 R", box=b"8 0 R")}, extra=chain)
    if way == "contents":
        return way, document(TEXT + b" " + b"[" * depth + b"q " * depth + b"/P BMC " * min(depth, 5_000))
    return way, document(objects={4: page(more=b"/Deep " + many[way])})


def outlines(chance: random.Random, _sound: Sequence[Path]) -> tuple[str, bytes]:
    """Outlines, names, labels, threads and structure that lead back to themselves."""
    way = chance.choice(("next", "child", "names", "labels", "structure", "dests", "fields", "threads", "optional"))
    parts = {
        "next": (b"/Outlines 6 0 R", [b"<< /First 7 0 R /Last 7 0 R /Count 9 >>", b"<< /Title (a) /Next 7 0 R >>"]),
        "child": (b"/Outlines 6 0 R", [b"<< /First 6 0 R >>"]),
        "names": (b"/Names 6 0 R", [b"<< /Dests << /Kids [7 0 R] >> >>", b"<< /Kids [7 0 R 7 0 R] >>"]),
        "labels": (b"/PageLabels 6 0 R", [b"<< /Kids [6 0 R] /Nums [0 6 0 R -1 6 0 R] >>"]),
        "structure": (b"/StructTreeRoot 6 0 R", [b"<< /K [6 0 R 6 0 R] /ParentTree 6 0 R >>"]),
        "dests": (b"/Dests 6 0 R /OpenAction 6 0 R", [b"<< /D 6 0 R /A 6 0 R >>"]),
        "fields": (b"/AcroForm << /Fields [6 0 R] /XFA 6 0 R >>", [b"<< /Kids [6 0 R] /Parent 6 0 R /T (a) >>"]),
        "threads": (b"/Threads [6 0 R]", [b"<< /F 7 0 R >>", b"<< /N 7 0 R /V 7 0 R /T 6 0 R >>"]),
        "optional": (b"/OCProperties << /OCGs [6 0 R] >>", [b"<< /Type /OCMD /VE [/Not 6 0 R] >>"]),
    }  # fmt: skip
    catalogue, extra = parts[way]
    marked = b"/OC /X BDC " + TEXT + b" EMC" if way == "optional" else TEXT
    resources = b"<< /Font << /F 3 0 R >> /Properties << /X 6 0 R >> >>"
    return way, document(marked, catalogue=catalogue, extra=extra, objects={4: page(resources=resources)})


FAMILIES = {
    "page-trees": page_trees,
    "tables": tables,
    "object-streams": object_streams,
    "nesting": nesting,
    "outlines": outlines,
}
