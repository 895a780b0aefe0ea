"""What a model is to see of a reading: what has gaps, and what our reader is unsure of, within bounds."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dl_lit.core.model import Bibliography, Coverage, ListSpan, Reference
from stages.language.doubts import (
    Bounds,
    Doubtful,
    bounded,
    doubtful_entries,
    doubtful_sections,
    halves,
    last_pages,
    parts,
)

BOUNDS = Bounds()


def bibliography(
    *numbers: int, expected: int = 10, first: int = 20, confidence: float = 0.9, **facts: object
) -> Bibliography:
    """A list of `expected` entries on pages from `first` on, five on a page, of which these `numbers` were read."""
    missing = tuple(str(n) for n in range(1, expected + 1) if n not in numbers)
    coverage = Coverage(
        found=len(numbers),
        expected=expected,
        missing_labels=missing,
        score=len(numbers) / expected if expected else None,
    )
    entries = tuple(
        Reference(position=n, raw=f"Entry {n}", label=f"[{n}]", page=first + (n - 1) // 5, section="References",
                  confidence=confidence)
        for n in numbers
    )  # fmt: skip
    last = first + (expected - 1) // 5
    span = ListSpan(heading="References", first_page=first, last_page=last, found=len(numbers), expected=expected)
    return replace(
        Bibliography(page_count=60, references=entries, coverage=coverage, lists=(span,)),
        **facts,  # type: ignore[arg-type]
    )


def test_a_whole_and_sure_reading_is_not_seen() -> None:
    assert doubtful_sections(bibliography(*range(1, 11)), BOUNDS) == []


def test_a_list_with_a_gap_is_seen_whole() -> None:
    (found,) = doubtful_sections(bibliography(1, 2, 3, 4, 8, 9, 10), BOUNDS)
    assert found == Doubtful((20, 21), "7 of 10 entries were read", "References", 20)


def test_of_a_long_list_only_the_pages_around_a_missing_label_are_seen() -> None:
    numbers = [n for n in range(1, 101) if n != 56]
    (found,) = doubtful_sections(bibliography(*numbers, expected=100), BOUNDS)
    assert found == Doubtful((30, 31), "missing labels", "References", 20)
    numbers = [n for n in range(1, 101) if n != 53]
    (found,) = doubtful_sections(bibliography(*numbers, expected=100), BOUNDS)
    assert found.pages == (30,)


def test_a_number_that_the_text_cites_beyond_the_last_is_sought_behind_it() -> None:
    own = bibliography(*range(1, 100), expected=100)
    coverage = Coverage(found=99, expected=100, unanswered_markers=("[100]", "Knuth (1997)"), score=0.99)
    (found,) = doubtful_sections(replace(own, coverage=coverage), BOUNDS)
    assert found.pages == (39,)


def test_a_label_that_another_list_has_is_not_sought_there() -> None:
    own = bibliography(*range(1, 101), expected=100)
    assert own.coverage is not None
    assert doubtful_sections(replace(own, coverage=replace(own.coverage, missing_labels=("S12",))), BOUNDS) == []


def test_a_number_beyond_the_last_is_sought_only_in_the_list_that_lacks_one() -> None:
    own = bibliography(*range(1, 100), expected=100)
    other = replace(bibliography(*range(1, 21), expected=20, first=50))
    moved = tuple(replace(one, section="Sources") for one in other.references)
    both = replace(
        own, references=(*own.references, *moved), lists=(*own.lists, replace(other.lists[0], heading="Sources"))
    )
    assert [one.heading for one in doubtful_sections(both, BOUNDS)] == ["References"]


def test_a_missing_label_is_sought_in_no_list_without_labels() -> None:
    own = bibliography(*range(1, 11))
    assert own.coverage is not None
    bare = tuple(replace(one, label=None) for one in own.references)
    coverage = replace(own.coverage, missing_labels=("7",))
    assert doubtful_sections(replace(own, references=bare, coverage=coverage), BOUNDS) == []
    assert doubtful_sections(replace(own, coverage=None), BOUNDS) == []


def test_a_heading_under_which_nothing_was_read_is_doubtful() -> None:
    own = bibliography(*range(1, 11))
    empty = ListSpan(heading="Further reading", first_page=40, last_page=42, found=0)
    (found,) = doubtful_sections(replace(own, lists=(*own.lists, empty)), BOUNDS)
    assert found == Doubtful((40, 41, 42), "nothing was read under its heading", "Further reading", 40)


def test_entries_that_are_doubtful_in_the_mean_make_their_list_doubtful() -> None:
    (found,) = doubtful_sections(bibliography(*range(1, 11), confidence=0.2), BOUNDS)
    assert found.why == "confidence 0.20"


def test_where_no_list_is_known_to_have_the_gap_all_are_seen() -> None:
    """Markers by names tell that entries are missing, not where."""
    own = bibliography(*range(1, 11))
    poor = replace(own, coverage=Coverage(found=10, expected=None, markers=20, score=0.5,
                                          unanswered_markers=("Knuth (1997)",)))  # fmt: skip
    (found,) = doubtful_sections(poor, BOUNDS)
    assert (found.pages, found.why) == ((20, 21), "coverage 0.50")
    slight = replace(poor, coverage=Coverage(found=10, expected=None, markers=20, score=0.95,
                                             unanswered_markers=("Knuth (1997)",)))  # fmt: skip
    assert doubtful_sections(slight, BOUNDS) == []


def test_without_lists_or_coverage_nothing_is_doubtful() -> None:
    assert doubtful_sections(Bibliography(page_count=3), BOUNDS) == []


def test_only_entries_below_the_bound_are_taken_apart() -> None:
    sure, unsure = Reference(position=1, raw="a", confidence=0.5), Reference(position=2, raw="b", confidence=0.49)
    assert doubtful_entries([sure, unsure], BOUNDS) == [unsure]


@pytest.mark.parametrize(("count", "pages"), [(3, (1, 2, 3)), (10, tuple(range(3, 11))), (400, tuple(range(351, 401)))])
def test_a_bibliography_is_sought_on_the_last_pages(count: int, pages: tuple[int, ...]) -> None:
    assert last_pages(count, BOUNDS) == pages
    assert last_pages(count, Bounds(most_pages=2)) == pages[-2:]
    assert last_pages(0, BOUNDS) == ()


def test_no_more_pages_are_seen_than_the_bound_allows() -> None:
    sections = [Doubtful((1, 2, 3), "a"), Doubtful((3, 4, 5), "b", "B"), Doubtful((9,), "c")]
    found = bounded(sections, Bounds(most_pages=4))
    assert found.sections == (Doubtful((1, 2, 3), "a"), Doubtful((3, 4), "b", "B"))
    assert found.left == (5, 9)


@given(st.sets(st.integers(1, 200), min_size=1, max_size=60).map(sorted), st.integers(1, 12))
def test_parts_hold_all_pages_and_share_one_where_they_meet(pages: list[int], size: int) -> None:
    found = parts(pages, size)
    assert sorted({page for part in found for page in part}) == pages
    assert all(len(part) <= size and list(part) == list(range(part[0], part[-1] + 1)) for part in found)
    ends = {part[-1] for part in found}
    if size > 1:
        assert all(part[0] in ends or part[0] - 1 not in pages for part in found)
    assert all(one[-1] <= other[-1] and one != other for one, other in pairwise(found))


@given(st.integers(2, 30))
def test_halves_are_shorter_and_hold_all_pages(count: int) -> None:
    pages = tuple(range(1, count + 1))
    one, other = halves(pages)
    assert {*one, *other} == set(pages)
    assert max(len(one), len(other)) < count
    assert (one[-1] == other[0]) is (count > 2)
