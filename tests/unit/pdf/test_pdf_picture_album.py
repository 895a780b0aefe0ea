"""The folder with a document's page images."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dl_lit.core.errors import DlLitError, PdfError
from dl_lit.core.model import Bibliography, Reference
from dl_lit.core.reasons import Reason
from dl_lit.pdf.picture.album import Album, folder_name, index_page
from dl_lit.pdf.picture.order import PagePicture

PNG = b"\x89PNG\r\n\x1a\n and the rest"
FOUND = Bibliography(
    page_count=9, references=(Reference(position=1, raw="<b>Doe</b> & Roe.", confidence=0.2),), notes=("3 < 4",)
)


def picture(page: int, png: bytes = PNG, left_out: int = 0) -> PagePicture:
    return PagePicture(page=page, png=png, width=100, height=200, entries=3, left_out=left_out)


def test_pages_and_an_index_in_their_order(tmp_path: Path):
    album = Album(tmp_path, "/a/My paper.pdf", "0123456789abcdef")
    for page in (11, 2):
        album.take(picture(page))
    index = album.finish(FOUND).read_text(encoding="utf-8")
    assert index.index("page-0002.png") < index.index("page-0011.png")
    assert (tmp_path / "My-paper-01234567" / "page-0011.png").read_bytes() == PNG
    assert sorted(path.name for path in album.folder.iterdir()) == ["index.html", "page-0002.png", "page-0011.png"]


def test_what_was_drawn_earlier_goes_and_other_files_stay(tmp_path: Path):
    album = Album(tmp_path, "a.pdf", None)
    album.take(picture(1))
    album.finish(FOUND)
    (album.folder / "notes.txt").touch()
    again = Album(tmp_path, "a.pdf", None)
    again.take(picture(2))
    again.finish(FOUND)
    assert sorted(path.name for path in again.folder.iterdir()) == ["index.html", "notes.txt", "page-0002.png"]


@pytest.mark.parametrize("bad", [picture(1, b"GIF89a"), picture(0), picture(10**9), picture(-3)])
def test_what_is_no_page_image_is_not_written(tmp_path: Path, bad: PagePicture):
    """The child may have been taken over by the file it read."""
    album = Album(tmp_path, "a.pdf", None)
    album.take(bad)
    assert list(album.folder.iterdir()) == []


def test_nothing_of_a_document_becomes_markup():
    page = index_page("<script>.pdf", [picture(1)], FOUND)
    assert "<script>" not in page
    assert "&lt;b&gt;Doe&lt;/b&gt; &amp; Roe." in page
    assert "3 &lt; 4" in page
    assert "http" not in page


def test_a_failure_says_its_reason_and_pages_that_are_not_shown_are_counted():
    page = index_page("a.pdf", [picture(1, left_out=7)], PdfError(Reason.NO_REFERENCES_FOUND, "on <9> pages"))
    assert "no-references-found (on &lt;9&gt; pages)" in page
    assert "7 more pages are not shown" in page


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path):
    (tmp_path / "file").touch()
    with pytest.raises(DlLitError, match="cannot make the folder"):
        Album(tmp_path / "file", "a.pdf", None)


@given(st.text(max_size=300))
def test_every_name_makes_a_safe_folder(name: str):
    folder = folder_name(name, "abcdef0123")
    assert folder.endswith("-abcdef01")
    assert folder.replace("-", "").replace("_", "").replace(".", "").isalnum()
    assert folder.isascii()
    assert not folder.startswith(".")
    assert len(folder) < 80
