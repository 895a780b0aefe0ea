"""Writes into a PDF what work it is: as an incremental update, so that not a byte of the file itself changes."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from dl_lit.core.errors import PdfError
from dl_lit.core.model import Name, Work
from dl_lit.core.reasons import Reason
from dl_lit.core.values import dataclass
from dl_lit.pdf.foreign import refused
from dl_lit.pdf.opening import File, content_of, size_of

if TYPE_CHECKING:
    from pypdf import PdfWriter
    from pypdf.xmp import XmpInformation

LARGEST_BYTES = 60_000_000  # of a file that is annotated: it is held in memory twice


@dataclass(frozen=True, slots=True, kw_only=True)
class Marks:
    """What is written: title, authors and identifier of Dublin Core in XMP, title and author in the information."""

    title: str
    authors: tuple[str, ...] = ()
    doi: str | None = None

    @classmethod
    def of(cls, work: Work) -> Marks:
        """The work's."""
        people = work.authors or work.editors
        return cls(title=work.title, authors=tuple(map(_full, people)), doi=work.doi)


def update_of(file: File, marks: Marks) -> bytes:
    """What is to be appended to the PDF `file`; empty where it says all that already.

    What the file says of itself stays where `marks` say nothing of it. Raises `PdfError` where the file cannot be
    updated: encrypted, damaged, too large.
    """
    if size_of(file) > LARGEST_BYTES:
        raise PdfError(Reason.TOO_LARGE, f"not annotated: more than {LARGEST_BYTES // 1_000_000} MB")
    import pypdf  # noqa: PLC0415 - only where files are annotated

    data = content_of(file)
    with refused("not annotated"):
        reader = pypdf.PdfReader(io.BytesIO(data))
        if reader.is_encrypted:
            raise PdfError(Reason.ENCRYPTED_PDF, "not annotated")
        writer = pypdf.PdfWriter(reader, incremental=True)
        if not _mark(writer, marks):
            return b""
        out = io.BytesIO()
        writer.write(out)
    updated = out.getvalue()
    if not updated.startswith(data):
        raise PdfError(Reason.DAMAGED_PDF, "not annotated: the update would change the file itself")
    return updated[len(data) :]


def _mark(writer: PdfWriter, marks: Marks) -> bool:
    """Set what differs; whether anything did."""
    xmp = _packet(writer)
    identifier = f"doi:{marks.doi}" if marks.doi else None
    information = {"/Title": marks.title, "/Author": "; ".join(marks.authors)}
    stated: Mapping[str, Any] = writer.metadata or {}
    is_said = (
        all(not value or stated.get(key) == value for key, value in information.items())
        and (xmp.dc_title or {}).get("x-default") == marks.title
        and (identifier is None or xmp.dc_identifier == identifier)
    )
    if is_said:
        return False
    xmp.dc_title = {"x-default": marks.title}
    if marks.authors:
        xmp.dc_creator = list(marks.authors)
    if identifier:
        xmp.dc_identifier = identifier
    writer.xmp_metadata = xmp
    writer.add_metadata({key: value for key, value in information.items() if value})
    return True


def _packet(writer: PdfWriter) -> XmpInformation:
    """The file's packet; a new one where it has none, or none that is XML."""
    from pypdf.errors import PyPdfError  # noqa: PLC0415
    from pypdf.xmp import XmpInformation  # noqa: PLC0415

    try:
        return writer.xmp_metadata or XmpInformation.create()
    except PyPdfError:
        return XmpInformation.create()


def _full(person: Name) -> str:
    return " ".join(part for part in (person.given, person.family) if part) or person.literal or ""
