"""What an answer is, by its first kilobytes and whatever it says of itself."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dl_lit.core.errors import FetchError
from dl_lit.core.reasons import Reason
from dl_lit.net.contents import Kind, kind_of, text_of

PDF, HTML = "application/pdf", "text/html; charset=utf-8"


@pytest.mark.parametrize(
    ("start", "content_type", "kind"),
    [
        (b"%PDF-1.7\n", PDF, Kind.PDF),
        (b"%PDF-1.7\n", HTML, Kind.PDF),
        (b"%PDF-1.7\n", "", Kind.PDF),
        (b"\xef\xbb\xbf\r\n  %PDF-1.4", PDF, Kind.PDF),
        (b"junk before\n" * 20 + b"%PDF-1.4", "binary/octet-stream", Kind.PDF),
        (b"Warning: mkdir() failed in x.php on line 3\n%PDF-1.4", PDF, Kind.PDF),
        (b"<html><body>about %PDF-1.4 files", PDF, Kind.DISGUISED_PAGE),
        (b"<!-- %PDF-1.4 --><html>", PDF, Kind.DISGUISED_PAGE),
        (b"<html><!-- %PDF-1.4 -->", HTML, Kind.PAGE),
        (b"\n\n<!DOCTYPE html>%PDF-1.4", "", Kind.DISGUISED_PAGE),
        (b"<?xml version='1.0'?><!DOCTYPE html><html>%PDF-", PDF, Kind.DISGUISED_PAGE),
        (b"<p>Hello", HTML, Kind.PAGE),
        (b"x" * 1_100 + b"%PDF-1.4", HTML, Kind.PAGE),
    ],
)
def test_pdfs_and_pages_are_told_apart(start: bytes, content_type: str, kind: Kind) -> None:
    assert kind_of(start, content_type) is kind


@pytest.mark.parametrize(
    ("start", "reason"),
    [
        (b"", Reason.EMPTY_BODY),
        (b"x" * 1_100 + b"%PDF-1.4", Reason.WRONG_MIMETYPE),
        (b"PK\x03\x04 stored %PDF-1.4", Reason.WRONG_MIMETYPE),
        (b"\x89PNG\r\n\x1a\n%PDF-1.4", Reason.WRONG_MIMETYPE),
        (b"\x1f\x8b\x08 packed %PDF-", Reason.WRONG_MIMETYPE),
        (b"--b\r\nContent-Type: application/pdf\r\n\r\n%PDF-1.4", Reason.WRONG_MIMETYPE),
        (b"oops <script>alert(1)</script> %PDF-1.4", Reason.WRONG_MIMETYPE),
        (b'{"error": "none"}', Reason.WRONG_MIMETYPE),
        (b"%!PS-Adobe-3.0 %PDF-1.4", Reason.WRONG_MIMETYPE),
    ],
)
def test_what_is_neither_is_refused(start: bytes, reason: Reason) -> None:
    with pytest.raises(FetchError) as raised:
        kind_of(start, PDF)
    assert raised.value.reason is reason


@given(st.binary(max_size=200), st.text(max_size=30))
def test_any_bytes_are_judged(start: bytes, content_type: str) -> None:
    try:
        kind_of(start, content_type)
    except FetchError as error:
        assert error.reason in {Reason.EMPTY_BODY, Reason.WRONG_MIMETYPE}  # noqa: PT017 - either is fine


def test_a_page_is_read_in_its_encoding() -> None:
    assert text_of("Größe".encode("latin-1"), "text/html; charset='latin-1'") == "Größe"
    assert text_of("Größe".encode(), "text/html; charset=nonsense") == "Größe"
