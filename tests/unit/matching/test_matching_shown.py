"""What proves that a file is the work it was fetched for."""

from __future__ import annotations

from dl_lit.core.model import Name, Work
from dl_lit.matching.shown import shows

WORK = Work(
    title="Deep residual learning for image recognition",
    doi="10.1109/cvpr.2016.90",
    authors=(Name("He", "Kaiming"), Name("Zhang", "Xiangyu")),
)


def test_title_and_author_on_the_first_page_are_proof() -> None:
    assert shows("Deep Residual Learn-\ning for Image Recognition\nKaiming He  Xiangyu Zhang\nAbstract", WORK)


def test_the_doi_is_proof() -> None:
    assert shows("Some banner https://doi.org/10.1109/CVPR.2016.90 and more", WORK)


def test_a_title_without_any_of_its_authors_is_no_proof() -> None:
    assert not shows("Deep residual learning for image recognition\nThe review by someone else", WORK)


def test_another_paper_is_no_proof() -> None:
    assert not shows("Very deep convolutional networks\nKaren Simonyan, Andrew Zisserman", WORK)


def test_a_short_title_is_never_enough() -> None:
    assert not shows("Editorial\nKaiming He", Work(title="Editorial", authors=WORK.authors))


def test_nothing_is_shown_by_an_empty_page() -> None:
    assert not shows("", WORK)
