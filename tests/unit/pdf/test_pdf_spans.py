"""On which pages the lists of a document stand, and how many entries each should have."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dl_lit.core.model import ListKind, ListSpan, Reference
from dl_lit.pdf.document import Line, Section, SectionKind
from dl_lit.pdf.spans import list_spans


def line(text: str, page: int) -> Line:
    return Line(text, page, 72.0, 300.0, 700.0, 710.0, 10.0)


def section(*pages: int, heading: str | None = None, kind: SectionKind = SectionKind.LIST) -> Section:
    head = line(heading, pages[0]) if heading else None
    lines = tuple(line(f"An entry on page {page}", page) for page in pages[1 if heading else 0 :])
    return Section(lines, kind, head)


def entries(*labels: int | None) -> Sequence[Reference]:
    return [
        Reference(position=n, raw="Knuth, D.: Art.", label=f"[{label}]" if label else None)
        for n, label in enumerate(labels, 1)
    ]


def test_a_list_begins_with_its_heading_and_tells_what_its_numbers_promise() -> None:
    (span,) = list_spans([section(11, 12, 14, heading="References")], {0: entries(1, 2, 4)}, [], 4)
    assert span == ListSpan(heading="References", first_page=11, last_page=14, found=3, expected=4)


def test_what_the_text_cites_beyond_the_highest_number_is_missing_from_the_last_numbered_list() -> None:
    sections = [section(10, 10), section(20, 20), section(30, 30)]
    read = {0: entries(1, 2), 1: entries(1, 2, 3), 2: entries(None, None)}
    spans = list_spans(sections, read, [], 2 + 3 + 2 + 5)
    assert [one.expected for one in spans] == [2, 8, None]


def test_a_list_whose_numbers_go_on_from_the_one_before_promises_only_its_own() -> None:
    spans = list_spans([section(10, 10), section(20, 20)], {0: entries(1, 2), 1: entries(3, 5)}, [], 5)
    assert [one.expected for one in spans] == [2, 3]


@pytest.mark.parametrize(("cited", "expected"), [(None, None), (9, 9), (2, 2)])
def test_the_only_list_without_labels_promises_what_the_text_cites(cited: int | None, expected: int | None) -> None:
    (span,) = list_spans([section(3, 4)], {0: entries(None, None)}, [], cited)
    assert span.expected == (max(2, expected) if expected else None)


def test_lists_without_numbers_promise_nothing_where_there_are_several() -> None:
    spans = list_spans([section(3, 4), section(9, 9)], {0: entries(None), 1: entries(None)}, [], 7)
    assert [one.expected for one in spans] == [None, None]


def test_a_list_of_which_nothing_was_cut_is_told_all_the_same() -> None:
    (span,) = list_spans([section(8, 9, heading="Literatur")], {0: []}, entries(None), None)
    assert (span.heading, span.found, span.expected) == ("Literatur", 0, None)


def test_notes_are_one_list_wherever_their_feet_stand() -> None:
    sections = [
        section(2, 5, kind=SectionKind.NOTES),
        section(4, 4),
        section(9, 9, heading="Notes", kind=SectionKind.NOTES),
    ]
    notes, lists = list_spans(sections, {1: entries(1, 2)}, entries(None, None, None), 5)
    assert notes == ListSpan(heading="Notes", first_page=2, last_page=9, found=3, kind=ListKind.FOOTNOTES)
    assert (lists.first_page, lists.expected, lists.kind) == (4, 2, ListKind.LIST)


def test_a_section_without_lines_has_no_pages() -> None:
    assert list_spans([Section(())], {0: []}, [], None) == ()


@given(st.lists(st.lists(st.integers(1, 30), min_size=1, max_size=8), max_size=4), st.integers(0, 200) | st.none())
def test_no_list_promises_less_than_its_highest_new_number(labels: list[list[int]], expected: int | None) -> None:
    sections = [section(10 * n + 1, 10 * n + 2) for n in range(len(labels))]
    spans = list_spans(sections, {n: entries(*one) for n, one in enumerate(labels)}, [], expected)
    assert [one.first_page for one in spans] == [10 * n + 1 for n in range(len(labels))]
    assert all(one.expected is not None and one.expected >= 1 for one in spans)
