"""Lists of works that people keep: each line is understood, or told."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dl_lit.core.model import Reference, WorkType
from dl_lit.exports.read_list import read_list


def only(text: str) -> Reference:
    read = read_list(text)
    assert not read.problems
    (entry,) = read.references
    return entry


@pytest.mark.parametrize(
    ("line", "field", "value"),
    [
        ("10.1000/ABC", "doi", "10.1000/abc"),
        ("doi: 10.1000/abc.", "doi", "10.1000/abc"),
        ("https://doi.org/10.1000/abc", "doi", "10.1000/abc"),
        ("dx.doi.org/10.1000/abc", "doi", "10.1000/abc"),
        ("https://onlinelibrary.wiley.com/doi/full/10.1002/xyz.1", "doi", "10.1002/xyz.1"),
        (
            "https://journals.plos.org/plosone/article?id=10.1371/journal.pone.0000001",
            "doi",
            "10.1371/journal.pone.0000001",
        ),
        ("https://www.biorxiv.org/content/10.1101/2020.01.02.123456v2.full.pdf", "doi", "10.1101/2020.01.02.123456"),
        ("1706.03762v5", "arxiv_id", "1706.03762"),
        ("arXiv:hep-th/9901001", "arxiv_id", "hep-th/9901001"),
        ("https://arxiv.org/pdf/1706.03762.pdf", "arxiv_id", "1706.03762"),
        ("PMID: 12345678", "pmid", "12345678"),
        ("12345678", "pmid", "12345678"),
        ("https://pubmed.ncbi.nlm.nih.gov/12345/", "pmid", "12345"),
        ("PMC1234567", "pmcid", "PMC1234567"),
        ("https://pmc.ncbi.nlm.nih.gov/articles/PMC1234567/", "pmcid", "PMC1234567"),
        ("ISBN 0-306-40615-2", "isbn", "9780306406157"),
        ("978-0-306-40615-7", "isbn", "9780306406157"),
        ("W2741809807", "openalex_id", "W2741809807"),
        ("https://openalex.org/W2741809807", "openalex_id", "W2741809807"),
        ("- <https://doi.org/10.1000/abc>", "doi", "10.1000/abc"),
    ],
)
def test_an_identifier_in_any_of_its_forms(line: str, field: str, value: str) -> None:
    """Bare, with its name before it, and as an address of those who have the work."""
    assert getattr(only(line), field) == value


def test_a_comma_may_be_the_identifier_s_own() -> None:
    assert only("10.1002/(SICI)1097-0258(1998)17:15<1661::AID-SIM968>3.0.CO;2-2").doi == (
        "10.1002/(sici)1097-0258(1998)17:15<1661::aid-sim968>3.0.co;2-2"
    )


def test_a_title_is_one_whatever_commas_it_has() -> None:
    """A line is only cut into columns where the first of them is an identifier, or a heading says so."""
    entry = only("Tides, waves, and gravel: a history of the shore")
    assert entry.title == entry.raw == "Tides, waves, and gravel: a history of the shore"


def test_a_whole_reference_with_an_identifier_keeps_its_text_for_comparing() -> None:
    entry = only("Lee, A. (2001). On gravel. J. Shores 3, 1-10. https://doi.org/10.1000/abc")
    assert (entry.doi, entry.title) == ("10.1000/abc", None)
    assert entry.raw.startswith("Lee, A. (2001)")


def test_the_first_column_of_a_table_counts_and_its_heading_tells_what_it_is() -> None:
    """Numbers that are PMIDs by their heading are PMIDs however short."""
    read = read_list('pmid,title\n77,"A, b"\n123456,x\n')
    assert [one.pmid for one in read.references] == ["77", "123456"]
    read = read_list('Title\tYear\n"Tides, waves and gravel"\t2001\n')
    assert [one.title for one in read.references] == ["Tides, waves and gravel"]
    read = read_list("10.1000/abc;Lee;2001\n10.1000/def, Ruiz\n")
    assert [one.doi for one in read.references] == ["10.1000/abc", "10.1000/def"]


def test_comments_and_blank_lines_are_nothing() -> None:
    read = read_list("# mine\n\n% more\n// and more\n10.1000/a#b   # see there\n")
    assert [one.doi for one in read.references] == ["10.1000/a#b"]
    assert not read.problems


@pytest.mark.parametrize("line", ["2019", "https://example.org/paper", "hello", "x y", "?!"])
def test_what_cannot_be_understood_is_told_with_its_line(line: str) -> None:
    read = read_list(f"10.1000/abc\n{line}\n")
    assert len(read.entries) == 1
    (problem,) = read.problems
    assert (problem.line, problem.is_entry_lost, problem.text) == (2, True, line)
    assert problem.message


def test_a_book_s_number_names_a_book() -> None:
    assert only("9780306406157").type is WorkType.BOOK


@given(st.text(max_size=300))
def test_no_text_is_too_odd(text: str) -> None:
    """Each line that is no comment is an entry or a problem; positions count them all."""
    read = read_list(text)
    lines = [entry.line for entry in read.entries] + [problem.line for problem in read.problems]
    assert len(lines) == len(set(lines))
    assert all(entry.reference.raw for entry in read.entries)
