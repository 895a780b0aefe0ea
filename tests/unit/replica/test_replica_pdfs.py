"""The served files: valid, deterministic, and readable by the engines dl_lit uses."""

from __future__ import annotations

import io

import pypdf
import pypdfium2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dl_lit.replica.pdfs import damaged, make_pdf
from dl_lit.replica.records import Record, record_from_json


def record(title: str = "Über Łódź: α-β “quotes” in 中文 (a study)") -> Record:
    item = {"doi": "10.1/abc", "title": title, "authors": [{"family": "Müller", "given": "Đorđe"}], "year": 2001}
    return record_from_json(5, item)


def first_page(pdf: bytes) -> str:
    document = pypdfium2.PdfDocument(pdf)
    try:
        page = document[0]
        text = page.get_textpage()
        try:
            return " ".join(text.get_text_range().split())
        finally:
            text.close()
            page.close()
    finally:
        document.close()


def test_the_first_page_says_what_the_work_is() -> None:
    text = first_page(make_pdf(record()))
    for part in ("Über Łódź: α-β “quotes” in 中文 (a study)", "Đorđe Müller", "2001", "https://doi.org/10.1/abc"):
        assert part in text


def test_another_engine_reads_the_same() -> None:
    reader = pypdf.PdfReader(io.BytesIO(make_pdf(record())), strict=True)
    assert len(reader.pages) == 4
    assert "Đorđe Müller" in reader.pages[0].extract_text()


@settings(max_examples=25, deadline=None)
@given(st.text(min_size=1, max_size=300).filter(str.strip))
def test_any_title_makes_a_file_that_opens(title: str) -> None:
    pdf = make_pdf(record(title))
    assert pdf == make_pdf(record(title))
    first_page(pdf)


@pytest.mark.parametrize("size", [20_000, 200_000, 1_000_003])
def test_files_are_filled_up_to_a_size(size: int) -> None:
    pdf = make_pdf(record(), min_bytes=size)
    assert abs(len(pdf) - size) < 100
    assert "Łódź" in first_page(pdf)


def test_versions_differ_in_bytes() -> None:
    assert "acceptedVersion" in first_page(make_pdf(record(), version="acceptedVersion"))
    assert make_pdf(record(), version="acceptedVersion") != make_pdf(record(), version="publishedVersion")


def test_an_encrypted_file_asks_for_a_password() -> None:
    with pytest.raises(pypdfium2.PdfiumError, match="password"):
        pypdfium2.PdfDocument(make_pdf(record(), encrypted=True))


def test_a_damaged_file_does_not_open() -> None:
    spoilt = damaged(make_pdf(record()))
    assert spoilt.startswith(b"%PDF-")
    assert spoilt.rstrip().endswith(b"%%EOF")
    with pytest.raises(pypdfium2.PdfiumError, match="format"):
        pypdfium2.PdfDocument(spoilt)
