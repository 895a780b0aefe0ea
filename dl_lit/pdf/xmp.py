"""What a PDF says of itself in its XMP packet: DOI, title, authors, date."""

from __future__ import annotations

import html
import io
import re
import zlib
from bisect import bisect_left
from collections.abc import Iterable, Iterator

_OPEN, _CLOSE = b"<x:xmpmeta", b"</x:xmpmeta>"
_LONGEST_PACKET = 200_000  # bytes
_LARGEST_BYTES = 20_000_000  # beyond which a compressed packet is not worth a second parser's time
_LONGEST_VALUE = 2_000  # characters
_MOST_VALUES = 500  # of one kind
# https://www.crossref.org/documentation/crossmark/ and the PRISM and Dublin Core name spaces (read 2026-11-22). As
# elements or as attributes, whatever the case; the first of a line counts before the next ones.
_KEYS = {
    "doi": ("prism:doi", "crossmark:doi", "pdfx:doi", "pdfx:wps-articledoi", "dc:identifier"),
    "title": ("dc:title",),
    "creators": ("dc:creator",),
    "date": (
        "prism:publicationdate",
        "prism:coverdate",
        "prism:coverdisplaydate",
        "prism:onlinedate",
        "crossmark:majorversiondate",
        "pdfx:crossmarkmajorversiondate",
        "dc:date",
    ),
}
_NAMES = {name: kind for kind, names in _KEYS.items() for name in names}
_TAGS = "|".join(re.escape(name) for name in _NAMES)
_LONGEST_ELEMENT = 40_000  # characters between its tags
_BEGIN = re.compile(rf"<({_TAGS})(?:\s[^<>]*+)?>", re.IGNORECASE)
_END = re.compile(rf"</({_TAGS})\s*+>", re.IGNORECASE)
_ATTRIBUTE = re.compile(rf"\s({_TAGS})\s*=\s*(?:\"([^\"<>]*)\"|'([^'<>]*)')", re.IGNORECASE)
_BEGIN_ITEM = re.compile(r"<(rdf:li)(?:\s[^<>]*+)?>")
_END_ITEM = re.compile(r"</(rdf:li)\s*+>")
_MARKUP = re.compile(r"<[^<>]*>")

PREFIX = "xmp:"
"""What the keys begin with under which the facts stand among the information dictionary's."""


def packet_facts(data: bytes) -> dict[str, str]:
    """The packet's facts of the PDF `data`: "xmp:doi", "xmp:title", "xmp:date", and "xmp:creators", one a line.

    Only what is there and not empty, not normalised; the first packet that has a fact gives it.
    """
    found: dict[str, str] = {}
    packets = [*_packets(data)] or _compressed_packets(data)
    for packet in packets:
        for kind, value in _facts(_decoded(packet)):
            found.setdefault(PREFIX + kind, value)
    return found


def _facts(packet: str) -> Iterator[tuple[str, str]]:
    values: dict[str, list[str]] = {}
    for name, inside in _elements(packet, _BEGIN, _END):
        items = [item for _, item in _elements(inside, _BEGIN_ITEM, _END_ITEM)] or [inside]
        values.setdefault(name, []).extend(_clean(items))
    for match in _ATTRIBUTE.finditer(packet):
        values.setdefault(match.group(1).lower(), []).extend(_clean([match.group(2) or match.group(3) or ""]))
    for kind, names in _KEYS.items():
        wanted = [value for name in names for value in values.get(name, ())]
        if kind == "doi":
            wanted = [value for value in wanted if "10." in value]
        if wanted:
            yield kind, "\n".join(wanted[:_MOST_VALUES]) if kind == "creators" else wanted[0]


def _packets(data: bytes) -> Iterator[bytes]:
    """The packets that stand in the file as they are, in time linear in its size."""
    at = 0
    while (end := data.find(_CLOSE, at)) >= 0:
        start = data.find(_OPEN, max(at, end - _LONGEST_PACKET), end)
        end += len(_CLOSE)
        if start >= 0:
            yield data[start:end]
        at = end


def _elements(text: str, begin: re.Pattern[str], end: re.Pattern[str]) -> Iterator[tuple[str, str]]:
    """Name in small letters and inside of each element, the first of nested ones, in time linear in the text."""
    ends: dict[str, list[int]] = {}
    for closing in end.finditer(text):
        ends.setdefault(closing[1].lower(), []).append(closing.start())
    behind = 0
    for opening in begin.finditer(text):
        name = opening[1].lower()
        places = ends.get(name, [])
        at = bisect_left(places, opening.end())
        if opening.start() < behind or at == len(places) or places[at] - opening.end() > _LONGEST_ELEMENT:
            continue
        behind = places[at]
        yield name, text[opening.end() : behind]


def _clean(values: Iterable[str]) -> list[str]:
    """Plain text: markup and entities undone, white space folded, empty ones left out."""
    plain = (" ".join(html.unescape(_MARKUP.sub("", value)).split())[:_LONGEST_VALUE] for value in values)
    return [value for value in plain if value]


def _decoded(packet: bytes) -> str:
    return packet.decode("utf-8", "replace")


def _compressed_packets(data: bytes) -> list[bytes]:
    """The packet where it is compressed or encrypted, through pypdf, which PDFium's interface has no verb for."""
    if len(data) > _LARGEST_BYTES or (b"/Metadata" not in data and b"/ObjStm" not in data):
        return []
    import pypdf  # noqa: PLC0415 - one PDF in some needs it
    from pypdf.errors import DependencyError, PyPdfError  # noqa: PLC0415

    try:
        root = pypdf.PdfReader(io.BytesIO(data)).trailer["/Root"].get_object()
        metadata = root.get("/Metadata") if isinstance(root, pypdf.generic.DictionaryObject) else None
        stream = metadata.get_object() if metadata is not None else None
        return [stream.get_data()[:_LONGEST_PACKET]] if isinstance(stream, pypdf.generic.StreamObject) else []
    except (PyPdfError, DependencyError, RecursionError, NotImplementedError, AssertionError, zlib.error):
        return []
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError, OSError):
        return []  # whatever a broken file makes of its dictionaries
