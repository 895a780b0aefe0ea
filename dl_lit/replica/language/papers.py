"""What stands on the pages of a PDF that a model is sent: told beforehand, or read from simple content streams.

This is no PDF reader. It knows files written plainly, as the replica's own and those of tests are: objects in the open,
contents plain, deflated or ASCII85, strings in parentheses, lines set one after the other.
"""

from __future__ import annotations

import base64
import re
import zlib
from collections.abc import Iterator

_OBJECT = re.compile(rb"(?:^|[\r\n])(\d+) 0 obj\b(.*?)endobj", re.DOTALL)
_STREAM = re.compile(rb"(<<.*?>>)\s*stream\r?\n(.*)\r?\nendstream", re.DOTALL)
_KIDS = re.compile(rb"/Kids\s*\[([^\]]*)\]")
_CONTENTS = re.compile(rb"/Contents\s*(?:\[([^\]]*)\]|(\d+) 0 R)")
_REFERENCE = re.compile(rb"(\d+) 0 R")
_CHARACTER = re.compile(rb"<([0-9A-Fa-f]{2})>\s*<([0-9A-Fa-f]{4,})>")
_SHOWN = re.compile(
    rb"\((?P<text>(?:\\.|[^\\()])*)\)|(?P<kern>-?\d+(?:\.\d+)?)(?=\s*\()|(?P<move>\bT[dDm]\b|T\*|'|\bET\b)", re.DOTALL
)
_ESCAPE = re.compile(rb"\\([0-7]{1,3}|.)", re.DOTALL)
_WIDE_KERN = -150  # thousandths of an em that a line moves on by where a space was meant
_MOST_BYTES = 16 * 1024 * 1024  # of one unpacked stream


def page_texts(pdf: bytes) -> tuple[str, ...]:
    """The text of every page, in their order; pages that cannot be read are empty."""
    objects = {int(found[1]): found[2] for found in _OBJECT.finditer(pdf)}
    characters = _characters(objects)
    return tuple("\n".join(_lines(_content(objects, page), characters)) for page in _pages(objects))


def _pages(objects: dict[int, bytes]) -> Iterator[bytes]:
    """The page objects, as the tree of pages has them."""
    roots = [body for body in objects.values() if re.search(rb"/Type\s*/Pages\b", body) and b"/Parent" not in body]
    waiting = list(roots[:1])
    seen: set[int] = set()
    while waiting:
        body = waiting.pop(0)
        kids = _KIDS.search(body)
        if kids is None:
            yield body
            continue
        numbers = [int(one) for one in _REFERENCE.findall(kids[1])]
        fresh = [number for number in numbers if number in objects and number not in seen]
        seen.update(fresh)
        waiting = [objects[number] for number in fresh] + waiting


def _content(objects: dict[int, bytes], page: bytes) -> bytes:
    found = _CONTENTS.search(page)
    if found is None:
        return b""
    numbers = [int(found[2])] if found[2] else [int(one) for one in _REFERENCE.findall(found[1])]
    return b"\n".join(_unpacked(objects.get(number, b"")) for number in numbers)


def _unpacked(body: bytes) -> bytes:
    """The bytes of a stream object; none where it is packed in a way not known here."""
    found = _STREAM.search(body)
    if found is None:
        return b""
    content = found[2]
    try:
        if b"/ASCII85Decode" in found[1]:
            content = base64.a85decode(content.strip().removesuffix(b"~>"))
        if b"/FlateDecode" in found[1]:
            content = zlib.decompressobj().decompress(content, _MOST_BYTES)
    except (ValueError, zlib.error):
        return b""
    return content


def _characters(objects: dict[int, bytes]) -> dict[int, str]:
    """What the bytes above ASCII stand for, by the maps in the file."""
    known: dict[int, str] = {}
    for body in objects.values():
        if b"stream" not in body:
            continue
        content = _unpacked(body)
        if b"begincmap" in content:
            for code, shown in _CHARACTER.findall(content):
                known[int(code, 16)] = bytes.fromhex(shown.decode()).decode("utf-16-be", errors="replace")
    return known


def _lines(content: bytes, characters: dict[int, str]) -> Iterator[str]:
    """What is shown, line by line."""
    line = ""
    for found in _SHOWN.finditer(content):
        if found["text"] is not None:
            shown = _ESCAPE.sub(_escaped, found["text"])
            line += "".join(characters.get(code) or bytes([code]).decode("cp1252", errors="replace") for code in shown)
        elif found["kern"] is not None:
            line += " " if float(found["kern"]) < _WIDE_KERN and line and not line.endswith(" ") else ""
        elif line:
            yield line.rstrip()
            line = ""
    if line:
        yield line.rstrip()


def _escaped(found: re.Match[bytes]) -> bytes:
    what = found[1]
    if what.isdigit():
        return bytes([int(what, 8) & 0xFF])
    return {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"", b"f": b""}.get(what, what)
