"""Writing into a PDF what work it is."""

from __future__ import annotations

from pathlib import Path

import pytest
from pypdf import PdfReader, PdfWriter

from dl_lit.core.errors import PdfError
from dl_lit.core.model import Name, Work
from dl_lit.core.reasons import Reason
from dl_lit.pdf.annotating import Marks, update_of
from dl_lit.pdf.reader import ChildChecker

WORK = Work(
    title="Größe & <Maß> 文", authors=(Name("Lovelace", "Ada"), Name(literal="文 Group")), doi="10.1/x", year=1999
)


def a_pdf(path: Path, *, password: str = "", xmp: bytes | None = None) -> Path:
    writer = PdfWriter()
    writer.add_blank_page(200, 200)
    writer.add_metadata({"/Title": "untitled.doc", "/Keywords": "kept"})
    if xmp is not None:
        writer.xmp_metadata = xmp
    if password:
        writer.encrypt(password, algorithm="RC4-128")
    writer.write(path)
    return path


def test_a_child_writes_it_and_not_a_byte_of_the_file_changes(tmp_path: Path) -> None:
    path = a_pdf(tmp_path / "a.pdf")
    before = path.read_bytes()
    with ChildChecker(1) as checker:
        assert checker.annotate(path, WORK)
        assert not checker.annotate(path, WORK), "it says so already"
        facts = checker.check(path)
    after = path.read_bytes()
    assert after.startswith(before)
    assert len(after) - len(before) < 10_000
    reader = PdfReader(path)
    assert reader.metadata is not None
    assert (reader.metadata.title, reader.metadata.author) == (WORK.title, "Ada Lovelace; 文 Group")
    assert reader.metadata["/Keywords"] == "kept"
    assert reader.xmp_metadata is not None
    assert reader.xmp_metadata.dc_title == {"x-default": WORK.title}
    assert reader.xmp_metadata.dc_identifier == "doi:10.1/x"
    assert facts.page_count == 1


def test_a_packet_that_is_no_xml_is_replaced(tmp_path: Path) -> None:
    path = a_pdf(tmp_path / "a.pdf", xmp=b"<x:xmpmeta xmlns:x='adobe:ns:meta/'><no:prefix/></x:xmpmeta>")
    path.write_bytes(path.read_bytes() + update_of(path, Marks.of(WORK)))
    packet = PdfReader(path).xmp_metadata
    assert packet is not None
    assert packet.dc_title == {"x-default": WORK.title}


@pytest.mark.parametrize("kind", ["encrypted", "no pdf", "cut"])
def test_what_cannot_be_updated_stays_as_it_is(tmp_path: Path, kind: str) -> None:
    path = a_pdf(tmp_path / "a.pdf", password="x" if kind == "encrypted" else "")
    if kind == "no pdf":
        path.write_bytes(b"%PDF-1.4 nothing")
    if kind == "cut":
        path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(PdfError) as error:
        update_of(path, Marks.of(WORK))
    assert error.value.reason in {Reason.ENCRYPTED_PDF, Reason.DAMAGED_PDF}
