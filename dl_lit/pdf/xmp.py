"""The DOI that a PDF gives for itself in its XMP packet."""

from __future__ import annotations

import io
import re
import zlib

_PACKET = re.compile(rb"<x:xmpmeta.{0,200000}?</x:xmpmeta>", re.DOTALL)
# https://www.crossref.org/documentation/crossmark/ and the PRISM name space (read 2026-11-22)
_DOI = re.compile(
    rb"<(?:prism:doi|crossmark:DOI|pdfx:doi|pdfx:WPS-ARTICLEDOI|dc:identifier)>\s*(?:doi:)?([^<]{7,200})</",
    re.IGNORECASE,
)
_LARGEST_BYTES = 20_000_000  # beyond which a compressed packet is not worth a second parser's time


def document_doi(data: bytes) -> str | None:
    """The DOI as the packet of the PDF `data` has it, not normalised; `None` if it has none."""
    packets = [match.group() for match in _PACKET.finditer(data)] or _compressed_packets(data)
    for packet in packets:
        if found := _DOI.search(packet):
            return found.group(1).decode("utf-8", "replace")
    return None


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
