"""What a PDF says of itself in its XMP packet: DOI, title, authors, date."""

from __future__ import annotations

import html
import io
import re
import zlib
from collections.abc import Iterable, Iterator

_PACKET = re.compile(rb"<x:xmpmeta.{0,200000}?</x:xmpmeta>", re.DOTALL)
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
_ELEMENT = re.compile(rf"<({_TAGS})(?:\s[^<>]*)?>(.{{0,40000}}?)</\1\s*>", re.IGNORECASE | re.DOTALL)
_ATTRIBUTE = re.compile(rf"\s({_TAGS})\s*=\s*(?:\"([^\"<>]*)\"|'([^'<>]*)')", re.IGNORECASE)
_ITEM = re.compile(r"<rdf:li(?:\s[^<>]*)?>(.*?)</rdf:li\s*>", re.DOTALL)
_MARKUP = re.compile(r"<[^<>]*>")

PREFIX = "xmp:"
"""What the keys begin with under which the facts stand among the information dictionary's."""


def packet_facts(data: bytes) -> dict[str, str]:
    """The packet's facts of the PDF `data`: "xmp:doi", "xmp:title", "xmp:date", and "xmp:creators", one a line.

    Only what is there and not empty, not normalised; the first packet that has a fact gives it.
    """
    found: dict[str, str] = {}
    packets = [match.group() for match in _PACKET.finditer(data)] or _compressed_packets(data)
    for packet in packets:
        for kind, value in _facts(_decoded(packet)):
            found.setdefault(PREFIX + kind, value)
    return found


def _facts(packet: str) -> Iterator[tuple[str, str]]:
    values: dict[str, list[str]] = {}
    for match in _ELEMENT.finditer(packet):
        items = _ITEM.findall(match.group(2)) or [match.group(2)]
        values.setdefault(match.group(1).lower(), []).extend(_clean(items))
    for match in _ATTRIBUTE.finditer(packet):
        values.setdefault(match.group(1).lower(), []).extend(_clean([match.group(2) or match.group(3) or ""]))
    for kind, names in _KEYS.items():
        wanted = [value for name in names for value in values.get(name, ())]
        if kind == "doi":
            wanted = [value for value in wanted if "10." in value]
        if wanted:
            yield kind, "\n".join(wanted[:_MOST_VALUES]) if kind == "creators" else wanted[0]


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
        return [stream.get_data()] if isinstance(stream, pypdf.generic.StreamObject) else []
    except (PyPdfError, DependencyError, RecursionError, NotImplementedError, AssertionError, zlib.error):
        return []
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError, OSError):
        return []  # whatever a broken file makes of its dictionaries
