"""Single pages of a PDF: their texts, and a PDF of them that holds what is seen and nothing else."""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader, PdfWriter
from pypdf.generic import (
    ArrayObject,
    DecodedStreamObject,
    DictionaryObject,
    NameObject,
    NumberObject,
    TextStringObject,
)

from dl_lit.core.errors import PdfError
from dl_lit.core.language import PageText
from dl_lit.core.reasons import Reason
from dl_lit.pdf import pages
from dl_lit.pdf.messages import Answer, TooLong, send
from dl_lit.pdf.pages import split, texts_of

MB = 1_000_000


def named(**entries: Any) -> DictionaryObject:
    return DictionaryObject({NameObject(f"/{key}"): value for key, value in entries.items()})


def stream(writer: PdfWriter, data: bytes, **entries: Any) -> Any:
    made = DecodedStreamObject()
    made.set_data(data)
    made.update(named(**entries))
    return writer._add_object(made)


def image(writer: PdfWriter, seed: int, size: int = 40_000, **entries: Any) -> Any:
    facts = {"Width": NumberObject(size), "Height": NumberObject(1), "BitsPerComponent": NumberObject(8)}
    return stream(
        writer,
        bytes([seed]) * size,
        Type=NameObject("/XObject"),
        Subtype=NameObject("/Image"),
        ColorSpace=NameObject("/DeviceGray"),
        **{**facts, **entries},
    )


def font(writer: PdfWriter) -> Any:
    return writer._add_object(
        named(Type=NameObject("/Font"), Subtype=NameObject("/Type1"), BaseFont=NameObject("/Helvetica"))
    )


def add_page(writer: PdfWriter, contents: bytes, resources: Any) -> Any:
    page = writer.add_blank_page(300, 400)
    page[NameObject("/Contents")] = ArrayObject([stream(writer, contents)])
    page[NameObject("/Resources")] = resources
    return page


def says(text: str, y: int = 200) -> bytes:
    return f"BT /F1 12 Tf 20 {y} Td ({text}) Tj ET ".encode("latin-1")


def written(writer: PdfWriter, path: Path) -> Path:
    writer.write(path)
    return path


def text_of(page: int) -> str:
    """Long enough to be more than an archive's stamp on a scan."""
    return f"Page {page} of the book, with more than one whole line of text"


@pytest.fixture
def book(tmp_path: Path) -> Path:
    """Four pages of text that share one dictionary of resources with an image for each."""
    writer = PdfWriter()
    images = named(**{f"Im{n}": image(writer, n) for n in range(1, 5)})
    resources = writer._add_object(named(Font=named(F1=font(writer), F2=font(writer)), XObject=images))
    for n in range(1, 5):
        add_page(writer, says(text_of(n)) + b"q 10 0 0 10 0 0 cm /Im%d Do Q" % n, resources)
    return written(writer, tmp_path / "book.pdf")


def texts(data: bytes | Path, folder: Path, *numbers: int) -> list[str]:
    path = data if isinstance(data, Path) else folder / "split.pdf"
    if isinstance(data, bytes):
        path.write_bytes(data)
    return [one.text for one in texts_of(path, numbers, max_bytes=MB, max_pages=10)]


def test_texts_come_in_the_order_asked_for_once_each_and_only_of_pages_there_are(book: Path) -> None:
    found = texts_of(book, [3, 1, 3, 9, 0], max_bytes=MB, max_pages=10)
    assert found == (PageText(3, text_of(3)), PageText(1, text_of(1)))


def test_more_pages_than_may_be_read_are_refused(book: Path) -> None:
    with pytest.raises(PdfError) as raised:
        texts_of(book, [1, 2, 3], max_bytes=MB, max_pages=2)
    assert raised.value.reason is Reason.TOO_LARGE


def test_a_scan_is_an_image_and_a_blank_page_is_none(tmp_path: Path) -> None:
    writer = PdfWriter()
    picture = named(XObject=named(Im=image(writer, 7)))
    add_page(writer, b"q 300 0 0 400 0 0 cm /Im Do Q", picture)
    add_page(writer, b"0 0 m 100 100 l S", named())  # drawn: letters as shapes look like that
    writer.add_blank_page(300, 400)
    add_page(writer, says("A line of text"), named(Font=named(F1=font(writer))))
    found = texts_of(written(writer, tmp_path / "scan.pdf"), [1, 2, 3, 4], max_bytes=MB, max_pages=9)
    assert [one.is_image for one in found] == [True, True, False, False]
    assert [one.text for one in found] == ["", "", "", "A line of text"]


def test_lines_stand_below_each_other_and_their_hyphens_stay(tmp_path: Path) -> None:
    writer = PdfWriter()
    contents = says("Knuth, Donald. Literate program-", 220) + says("ming. 1984.", 206)
    add_page(writer, contents, named(Font=named(F1=font(writer))))
    assert texts(written(writer, tmp_path / "a.pdf"), tmp_path, 1) == ["Knuth, Donald. Literate program-\nming. 1984."]


def test_a_split_has_these_pages_in_this_order_and_the_same_bytes_each_time(book: Path, tmp_path: Path) -> None:
    made = split(book, [4, 2], max_bytes=MB)
    assert made == split(book, [4, 2, 4], max_bytes=MB)
    assert texts(made, tmp_path, 1, 2, 3) == [text_of(4), text_of(2)]


def test_of_shared_resources_only_those_that_are_drawn_come_along(book: Path) -> None:
    """Else each part of a scanned book would be as large as the book."""
    made = split(book, [2], max_bytes=MB)
    assert 40_000 < len(made) < 50_000
    (page,) = PdfReader(io.BytesIO(made)).pages
    assert set(page["/Resources"]["/XObject"]) == {"/Im2"}
    assert set(page["/Resources"]["/Font"]) == {"/F1"}


def test_what_a_form_draws_comes_along_and_what_it_only_could_draw_stays(tmp_path: Path) -> None:
    writer = PdfWriter()
    many = named(**{f"Im{n}": image(writer, n) for n in range(1, 5)})
    mask = image(writer, 9, size=10, Metadata=stream(writer, b"<secret/>"))
    many[NameObject("/Im2")].get_object()[NameObject("/SMask")] = mask
    box = ArrayObject(NumberObject(n) for n in (0, 0, 100, 100))
    shape = {"Subtype": NameObject("/Form"), "BBox": box}
    group = stream(writer, b"/Im4 Do", **shape, Resources=named(XObject=many))
    faded = writer._add_object(named(SMask=named(S=NameObject("/Alpha"), G=group)))
    inner = stream(
        writer, b"/GS#31 gs /Im2 Do", **shape, Resources=named(XObject=many, ExtGState=named(GS1=faded, GS2=faded))
    )
    add_page(writer, b"/Outer Do", named(XObject=named(Outer=inner, Other=many["/Im3"])))
    made = split(written(writer, tmp_path / "forms.pdf"), [1], max_bytes=MB)
    assert 80_000 < len(made) < 90_000  # the images 2 and 4
    assert b"secret" not in made


def test_a_form_without_resources_draws_with_those_of_its_page(tmp_path: Path) -> None:
    writer = PdfWriter()
    form = stream(writer, b"/Im Do", Subtype=NameObject("/Form"))
    add_page(writer, b"/Fm Do", named(XObject=named(Fm=form, Im=image(writer, 3))))
    (page,) = PdfReader(io.BytesIO(split(written(writer, tmp_path / "a.pdf"), [1], max_bytes=MB))).pages
    assert set(page["/Resources"]["/XObject"]) == {"/Fm", "/Im"}


def test_the_glyphs_of_a_drawn_font_keep_what_they_draw(tmp_path: Path) -> None:
    writer = PdfWriter()
    glyphs = named(AA=stream(writer, b"/Im1 Do"), AF=stream(writer, b"0 0 m"))
    images = named(Im1=image(writer, 1), Im2=image(writer, 2))
    drawn = writer._add_object(
        named(Type=NameObject("/Font"), Subtype=NameObject("/Type3"), CharProcs=glyphs, Resources=named(XObject=images))
    )
    add_page(writer, says("A"), named(Font=named(F1=drawn)))
    (page,) = PdfReader(io.BytesIO(split(written(writer, tmp_path / "a.pdf"), [1], max_bytes=MB))).pages
    kept = page["/Resources"]["/Font"]["/F1"]
    assert set(kept["/CharProcs"]) == {"/AA", "/AF"}
    assert set(kept["/Resources"]["/XObject"]) == {"/Im1"}


def test_annotations_scripts_attachments_forms_and_metadata_stay_behind(tmp_path: Path) -> None:
    writer = PdfWriter()
    attached = stream(writer, b"SECRET attached file", Type=NameObject("/EmbeddedFile"))
    associated = writer._add_object(named(Type=NameObject("/Filespec"), EF=named(F=attached)))
    resources = named(
        Font=named(F1=font(writer)),
        XObject=named(Im=image(writer, 1, size=10, AF=ArrayObject([associated]))),
        Properties=named(MC0=named(Metadata=stream(writer, b"SECRET property"))),
    )
    page = add_page(writer, says("Seen") + b"/Im Do", resources)
    page[NameObject("/AF")] = ArrayObject([associated])
    page[NameObject("/Metadata")] = stream(writer, b"SECRET packet")
    script = named(S=NameObject("/JavaScript"), JS=TextStringObject("SECRET()"))
    page[NameObject("/AA")] = named(O=script)
    annotation = named(Subtype=NameObject("/Widget"), FT=NameObject("/Tx"), T=TextStringObject("SECRET field"))
    page[NameObject("/Annots")] = ArrayObject([writer._add_object(annotation)])
    writer._root_object[NameObject("/OpenAction")] = script
    writer.add_attachment("SECRET.txt", b"SECRET")
    writer.add_metadata({"/Title": "SECRET"})
    made = split(written(writer, tmp_path / "a.pdf"), [1], max_bytes=MB)
    assert b"SECRET" not in made
    assert set(PdfReader(io.BytesIO(made)).trailer["/Root"]) == {"/Type", "/Pages"}
    assert texts(made, tmp_path, 1) == ["Seen"]


@pytest.mark.parametrize("numbers", [[], [0], [5], [1, 99]])
def test_pages_that_are_not_there_cannot_be_split_off(book: Path, numbers: list[int]) -> None:
    with pytest.raises(PdfError, match="it has pages 1 to 4") as raised:
        split(book, numbers, max_bytes=MB)
    assert raised.value.reason is Reason.DAMAGED_PDF


def test_an_encrypted_file_is_not_split_even_where_it_opens(book: Path, tmp_path: Path) -> None:
    writer = PdfWriter(clone_from=book)
    writer.encrypt("", "owner", algorithm="RC4-128")
    with pytest.raises(PdfError) as raised:
        split(written(writer, tmp_path / "locked.pdf"), [1], max_bytes=MB)
    assert raised.value.reason is Reason.ENCRYPTED_PDF


def test_broken_files_end_in_a_typed_error(book: Path, tmp_path: Path) -> None:
    """Cut or overwritten anywhere: a PDF of the page, or `PdfError`, and nothing else."""
    whole = book.read_bytes()
    ends = set()
    for at in range(0, len(whole), len(whole) // 25):
        for broken in (whole[:at], whole[:at] + b"\0<</endobj" * 4 + whole[at + 40 :]):
            path = tmp_path / "broken.pdf"
            path.write_bytes(broken)
            try:
                ends.add(split(path, [2], max_bytes=MB)[:5])
            except PdfError as error:
                ends.add(error.reason)
    assert {b"%PDF-", Reason.DAMAGED_PDF} <= ends <= {b"%PDF-", Reason.DAMAGED_PDF, Reason.EMPTY_FILE, Reason.NOT_A_PDF}


def test_what_is_too_long_for_a_message_is_told_so(book: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "LARGEST_BYTES", 30_000)
    with pytest.raises(PdfError) as raised:
        split(book, [1], max_bytes=MB)
    assert raised.value.reason is Reason.TOO_LARGE
    monkeypatch.setattr(pages, "_MOST_RESOURCES", 0)
    with pytest.raises(PdfError, match="draw too many things"):
        split(book, [1], max_bytes=MB)


def test_a_message_that_is_too_long_is_not_begun(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dl_lit.pdf.messages._LONGEST", 1_000)
    reading, writing = os.pipe()
    with pytest.raises(TooLong):
        send(writing, Answer(extract=b"x" * 1_000))
    os.close(writing)
    assert os.read(reading, 1) == b""
    os.close(reading)
