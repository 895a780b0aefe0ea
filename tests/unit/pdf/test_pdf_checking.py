"""What the check of a fetched file finds, and which files it turns away."""

from __future__ import annotations

from pathlib import Path

import pytest

from dl_lit.core.errors import PdfError
from dl_lit.core.ports import PdfFacts
from dl_lit.core.reasons import Reason
from dl_lit.pdf.checking import check_pdf
from dl_lit.replica.sheets import Printed, Scanned, bind

DEMO = Path(__file__).parents[3] / "dl_lit" / "demo"
MOST = 10_000_000
TITLE = "Thermal tolerance of intertidal limpets"
BODY = ["The series was read twice by persons who did not know its purpose, and differences were settled."] * 30
PAPER = Printed(
    ((18, [TITLE]), (11, ["Ngozi Okafor, Per Lindqvist"]), (9, ["https://doi.org/10.5555/limpet"]), (10, BODY))
)
MORE = Printed(((10, BODY),))
COVER = Printed(((14, [TITLE]), (10, ["Stable URL: https://www.jstor.org/stable/4711", "Accessed: 04-05-2026"])))


def checked(content: bytes, folder: Path) -> PdfFacts:
    path = folder / "paper.pdf"
    path.write_bytes(content)
    return check_pdf(path, max_bytes=MOST)


def reason_of(content: bytes, folder: Path) -> Reason:
    with pytest.raises(PdfError) as caught:
        checked(content, folder)
    return caught.value.reason


def test_title_people_and_doi_are_read_where_they_are_printed() -> None:
    facts = check_pdf(DEMO / "samples" / "01-neural-translation.pdf", max_bytes=MOST)
    assert facts.title == "Revisiting Attention for Low-Resource Translation: A Small Controlled Study"
    assert facts.doi == "10.5555/dl-lit.sample.01"
    assert [name.family for name in facts.authors] == ["Quellmann", "Tveit", "Costin"]
    first = facts.printed[0]
    assert first.words > 100
    assert (
        max(line.size for line in first.lines) > 1.4 * sorted(line.size for line in first.lines)[len(first.lines) // 2]
    )


def test_cover_sheets_are_passed_over(tmp_path: Path) -> None:
    facts = checked(bind((COVER, PAPER, MORE, MORE)), tmp_path)
    assert [page.cover for page in facts.printed] == ["jstor", None, None]
    assert (facts.title, facts.doi) == (TITLE, "10.5555/limpet")


def test_the_last_page_is_looked_at_too(tmp_path: Path) -> None:
    facts = checked(bind((PAPER, MORE, MORE, Printed(((10, ["The end."]),)))), tmp_path)
    assert facts.last is not None
    assert (facts.last.number, facts.last.text) == (4, "The end.")


def test_what_is_kept_of_a_page_is_bounded(tmp_path: Path) -> None:
    facts = checked(bind((Printed(((4, BODY * 6),)),)), tmp_path)
    assert len(facts.pages[0]) <= 6_000
    assert facts.printed[0].words > 2_000


def test_pictures_of_pages_are_a_scan(tmp_path: Path) -> None:
    facts = checked(bind(tuple(Scanned(number) for number in range(3))), tmp_path)
    assert facts.is_scan
    assert not facts.is_blank


def test_pages_with_nothing_on_them_are_blank(tmp_path: Path) -> None:
    facts = checked(bind((Printed(), Printed())), tmp_path)
    assert facts.is_blank
    assert not facts.is_scan


def test_a_file_without_its_mark_of_the_end_is_whole_all_the_same(tmp_path: Path) -> None:
    whole = bind((PAPER, MORE))
    assert checked(whole[: whole.rindex(b"%%EOF")], tmp_path).page_count == 2


def test_a_file_that_breaks_off_is_truncated(tmp_path: Path) -> None:
    whole = bind((PAPER, MORE))
    assert reason_of(whole[: len(whole) // 3], tmp_path) is Reason.TRUNCATED
    assert reason_of(whole[: whole.rindex(b"endstream") - 40], tmp_path) is Reason.TRUNCATED


def test_a_file_with_both_ends_and_noise_between_is_damaged(tmp_path: Path) -> None:
    assert reason_of(b"%PDF-1.4\n" + bytes(range(1, 250)) * 9 + b"\n%%EOF\n", tmp_path) is Reason.DAMAGED_PDF


def test_a_password_that_everybody_has_is_none(tmp_path: Path) -> None:
    assert checked(bind((PAPER, MORE), password=""), tmp_path).title == TITLE
    assert reason_of(bind((PAPER,), password="x9"), tmp_path) is Reason.ENCRYPTED_PDF


def test_metadata_are_kept_apart_from_what_is_printed(tmp_path: Path) -> None:
    facts = checked(bind((PAPER, MORE), info={"Title": "Another title altogether", "doi": "10.5555/else"}), tmp_path)
    assert (facts.title, facts.doi) == (TITLE, "10.5555/limpet")
    assert (facts.stated_title, facts.stated_doi) == ("Another title altogether", "10.5555/else")
