"""The PDFs that a bibliography names, however its program writes their paths."""

from __future__ import annotations

from pathlib import Path

import pytest

from dl_lit.app.intake.attachments import attachments


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A bibliography's folder and a folder of PDFs beside it."""
    for name in ("bib/files/12/Lee 2001.pdf", "bib/kelp.pdf", "pdfs/storage/AB/gravel.PDF", "pdfs/0123/wave.pdf"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"%PDF-1.4")
    return tmp_path


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("files/12/Lee 2001.pdf", "bib/files/12/Lee 2001.pdf"),  # Zotero, with its files
        ("files\\12\\Lee 2001.pdf", "bib/files/12/Lee 2001.pdf"),
        ("file:///srv/else/kelp.pdf", "bib/kelp.pdf"),
        ("file://localhost/C:/Users/lee/Lee%202001.pdf", None),
        ("file:///C:/Users/lee/files/12/Lee%202001.pdf", "bib/files/12/Lee 2001.pdf"),
        ("/home/lee/Zotero/storage/AB/gravel.PDF", "pdfs/storage/AB/gravel.PDF"),
        ("C:\\Users\\lee\\Zotero\\storage\\AB\\gravel.PDF", "pdfs/storage/AB/gravel.PDF"),
        ("internal-pdf://0123/wave.pdf", "pdfs/0123/wave.pdf"),
        ("kelp.pdf", "bib/kelp.pdf"),
        ("gone.pdf", None),
        ("a\x00b.pdf", None),
        ("x" * 5_000 + ".pdf", None),
    ],
)
def test_a_path_is_found_by_itself_or_by_its_last_parts(folder: Path, written: str, found: str | None) -> None:
    """Below the folder that people name first, then below the bibliography's own."""
    told = attachments([written], folder / "bib", folder / "pdfs")
    assert told.found == ((folder / found,) if found else ())
    assert told.missing == (() if found else (written,))


def test_an_absolute_path_that_is_there_needs_no_folder(folder: Path) -> None:
    assert attachments([str(folder / "bib" / "kelp.pdf")] * 2, None, None).found == (folder / "bib" / "kelp.pdf",)


def test_addresses_and_other_files_are_left_alone(folder: Path) -> None:
    told = attachments(["https://example.org/a.pdf", "notes.html", ""], folder, None)
    assert (told.found, told.missing, told.others) == ((), (), 3)


def test_several_may_stand_in_one_field_of_ris(folder: Path) -> None:
    told = attachments(["kelp.pdf; gone.pdf"], folder / "bib", None)
    assert (told.found, told.missing) == ((folder / "bib" / "kelp.pdf",), ("gone.pdf",))
    (folder / "bib" / "a;b.pdf").write_bytes(b"%PDF-1.4")
    assert attachments(["a;b.pdf"], folder / "bib", None).found == (folder / "bib" / "a;b.pdf",)


def test_the_folder_that_people_name_comes_first(folder: Path) -> None:
    (folder / "pdfs" / "kelp.pdf").write_bytes(b"%PDF-1.4")
    assert attachments(["kelp.pdf"], folder / "bib", folder / "pdfs").found == (folder / "pdfs" / "kelp.pdf",)
