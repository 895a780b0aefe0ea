"""Two readings of one bibliography made one: nothing of ours is lost, what we overlooked is added."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dl_lit.core.model import Bibliography, Coverage, Name, Reference, ShortForm, WorkType
from stages.readings.aligning import Pair, align, number_of
from stages.readings.merging import alone, merge

TITLES = (
    "Spring tides and the sorting of gravel on steep beaches",
    "Wind and the making of dunes in northern deserts",
    "How rivers carry their stones to the sea",
    "Glaciers as quarrymen of the high mountains",
    "The slow weathering of monuments in towns",
)


def entry(n: int, **facts: object) -> Reference:
    """The n-th entry, from 1, as both readers print it."""
    author, title, year = f"Author{'abcdefghij'[n]}", TITLES[(n - 1) % len(TITLES)], 1990 + n
    known = {
        "position": n,
        "raw": f"{author}, X. {title}. Journal of Stones {n}, {n}0-{n}9 ({year}).",
        "label": f"[{n}]",
        "page": 7,
        "authors": (Name(family=author, given="X."),),
        "title": title,
        "year": year,
        "confidence": 0.8,
    }
    return Reference(**{**known, **facts})


def theirs(n: int, **facts: object) -> Reference:
    return entry(n, **{"label": None, "page": None, "confidence": 0.0, **facts})


def bibliography(*references: Reference, **facts: object) -> Bibliography:
    return Bibliography(page_count=9, references=references, **facts)


def test_markers_that_grobids_entries_answer_are_recounted():
    coverage = Coverage(found=2, expected=None, markers=4, unanswered_markers=("Foo (1999)",), score=0.75)
    own = replace(bibliography(entry(1), entry(3)), coverage=coverage)
    told = merge(own, [theirs(1), theirs(2), theirs(3)], lambda old, found: replace(old, found=len(found), score=1.0))
    assert told.bibliography.coverage == replace(coverage, found=3, score=1.0)


def test_entries_are_told_apart_whatever_their_order() -> None:
    assert align([entry(1), entry(2), entry(3)], [theirs(3), theirs(1)]) == [Pair(0, 1), Pair(2, 0)]


def test_a_text_cut_at_another_place_is_the_same_entry() -> None:
    short = theirs(1, raw=entry(1).raw[20:], title=None, authors=(), year=None)
    assert align([entry(1), entry(2)], [short]) == [Pair(0, 0)]


def test_a_doi_decides_where_texts_differ() -> None:
    mine = entry(1, raw="garbled beyond all reading", doi="10.5555/a")
    assert align([entry(2), mine], [theirs(1, doi="10.5555/a")]) == [Pair(1, 0)]


def test_a_title_in_the_text_tells_the_entry_where_we_took_another_for_the_title() -> None:
    mine = entry(1, title="Journal of Stones")
    assert align([entry(2), mine], [theirs(1, raw=f"Authorb. {TITLES[0]}. 1991")]) == [Pair(1, 0)]


def test_one_title_of_two_years_is_two_works() -> None:
    mine = entry(1, raw="A. Part one", year=1990)
    assert align([mine], [theirs(1, raw="quite another text", year=1995)]) == []


def test_an_overlooked_entry_is_added_in_its_place_with_its_number() -> None:
    """Positions go on counting, and the label is what the neighbours' numbers leave open."""
    found = merge(bibliography(entry(1), entry(3)), [theirs(1), theirs(2), theirs(3)])
    references = found.bibliography.references
    assert [one.title for one in references] == list(TITLES[:3])
    assert [one.position for one in references] == [1, 2, 3]
    assert [one.label for one in references] == ["[1]", "[2]", "[3]"]
    assert references[1].page == 7
    assert (found.both, found.added, found.left) == (2, 1, 0)


def test_entries_before_the_first_and_behind_the_last_are_added_there() -> None:
    found = merge(bibliography(replace(entry(2), label=None)), [theirs(1), theirs(2), theirs(3)])
    assert [one.title for one in found.bibliography.references] == list(TITLES[:3])


def test_without_a_number_for_each_no_label_is_made_up() -> None:
    found = merge(bibliography(entry(1), entry(5)), [theirs(1), theirs(2), theirs(5)])
    assert [one.label for one in found.bibliography.references] == ["[1]", None, "[5]"]


def test_texts_labels_pages_and_identifiers_of_ours_stand() -> None:
    mine = entry(1, doi="10.5555/from-a-link", confidence=0.1)
    yours = theirs(1, raw=entry(1).raw + " x", label="[9]", doi="10.5555/misread")
    (merged,) = merge(bibliography(mine), [yours]).bibliography.references
    assert (merged.raw, merged.label, merged.page, merged.doi) == (mine.raw, "[1]", 7, "10.5555/from-a-link")


def test_a_field_that_we_lack_is_taken_when_it_is_in_print() -> None:
    mine = entry(1, title=None, year=None)
    found = merge(bibliography(mine), [theirs(1, volume="1", publisher="Nowhere Press")])
    (merged,) = found.bibliography.references
    assert (merged.title, merged.year, merged.volume) == (TITLES[0], 1991, "1")
    assert merged.publisher is None
    assert found.fields == 3


PRINTED = "Baran, P.: On communications. RAND Corporation, Santa Monica 1964"


@pytest.mark.parametrize(
    ("mine", "yours", "container", "publisher"),
    [
        ({"publisher": "RAND Corporation"}, {"container_title": "RAND Corporation"}, None, "RAND Corporation"),
        ({}, {"container_title": "RAND corporation", "publisher": "RAND Corporation"}, None, "RAND Corporation"),
        ({"type": WorkType.BOOK}, {"container_title": "RAND Corporation"}, None, None),
        ({}, {"container_title": "RAND Corporation", "type": WorkType.BOOK}, None, None),
        ({"container_title": "RAND Corporation"}, {"publisher": "RAND Corporation"}, "RAND Corporation", None),
        ({}, {"container_title": "RAND Corporation"}, "RAND Corporation", None),
        (
            {"type": WorkType.BOOK},
            {"container_title": "On communications", "type": WorkType.CHAPTER},
            "On communications",
            None,
        ),
    ],
)
def test_a_publisher_is_nothing_that_a_work_is_in(
    mine: dict[str, object], yours: dict[str, object], container: str | None, publisher: str | None
) -> None:
    said = {"raw": PRINTED, "title": "On communications", "doi": "10.5555/a"}
    (merged,) = merge(bibliography(entry(1, **said, **mine)), [theirs(1, **said, **yours)]).bibliography.references
    assert (merged.container_title, merged.publisher) == (container, publisher)


def test_a_field_that_we_doubt_gives_way_and_one_that_we_trust_stays() -> None:
    doubted = entry(1, title="Journal of Stones", field_confidence=(("title", 0.2),))
    trusted = entry(1, title="Journal of Stones", field_confidence=(("title", 0.9),))
    for mine, title in ((doubted, TITLES[0]), (trusted, "Journal of Stones")):
        (merged,) = merge(bibliography(mine), [theirs(1)]).bibliography.references
        assert merged.title == title


def test_agreement_makes_surer() -> None:
    (merged,) = merge(bibliography(entry(1)), [theirs(1)]).bibliography.references
    assert merged.confidence == 0.95
    assert dict(merged.field_confidence)["title"] == 0.95


def test_a_kind_is_taken_where_we_know_none() -> None:
    (merged,) = merge(bibliography(entry(1)), [theirs(1, type=WorkType.BOOK)]).bibliography.references
    assert merged.type is WorkType.BOOK


@pytest.mark.parametrize(
    "odd",
    [
        theirs(2, raw="Journal of Stones", title="Journal of Stones", authors=()),  # a heading, taken for an entry
        theirs(2, raw="Something long that nobody can read", title=None),
        theirs(1, raw=f"{TITLES[0]}. Journal of Stones", doi=None),  # a fragment, beside the whole
        theirs(2, raw=f"{entry(1).raw} {entry(3).raw}"),  # two entries in a lump
    ],
)
def test_fragments_lumps_and_what_is_no_work_are_left(odd: Reference) -> None:
    found = merge(bibliography(entry(1), entry(3)), [theirs(1), odd, theirs(3)])
    assert (found.both, found.added, found.left) == (2, 0, 1)


def test_an_entry_without_title_is_a_work_by_its_place() -> None:
    untitled = theirs(2, title=None, raw="X. Authorc, J. Stones 2, 20 (1992), and no more", container_title="J. Stones")
    assert merge(bibliography(entry(1)), [theirs(1), untitled]).added == 1


def test_a_second_work_within_one_of_our_entries_is_added() -> None:
    """GROBID cut what we did not."""
    lump = entry(1, raw=f"{entry(1).raw} {entry(2).raw}")
    found = merge(bibliography(lump, entry(3)), [theirs(1), theirs(2), theirs(3)])
    assert TITLES[1] in [one.title for one in found.bibliography.references]


def test_short_forms_go_on_pointing_at_their_work() -> None:
    own = bibliography(entry(1), entry(3), short_forms=(ShortForm(raw="ibid.", page=7, refers_to=2),))
    (short,) = merge(own, [theirs(1), theirs(2), theirs(3)]).bibliography.short_forms
    assert short.refers_to == 3


def test_coverage_knows_what_was_added() -> None:
    lacking = {"missing_labels": ("[2]", "[4]"), "unanswered_markers": ("2", "[4]", "[Knu97]")}
    coverage = Coverage(found=2, expected=4, markers=4, score=0.5, **lacking)
    own = bibliography(entry(1), entry(3), coverage=coverage)
    told = merge(own, [theirs(1), theirs(2), theirs(3)]).bibliography.coverage
    left = {"missing_labels": ("[4]",), "unanswered_markers": ("[4]", "[Knu97]")}
    assert told == Coverage(found=3, expected=4, markers=4, score=0.75, **left)


def test_what_grobid_alone_has_read_is_kept_where_it_tells_a_work() -> None:
    found = alone(5, [theirs(1), theirs(2, title=None, doi=None), theirs(3)])
    assert [one.position for one in found.references] == [1, 2]
    assert (found.page_count, found.references[0].confidence) == (5, 0.5)


@pytest.mark.parametrize(
    ("label", "number"), [("[12]", 12), ("12.", 12), ("(3)", 3), ("7", 7), ("[Knu97]", None), (None, None), ("", None)]
)
def test_the_number_of_a_label(label: str | None, number: int | None) -> None:
    assert number_of(label) == number


@given(
    ours=st.lists(st.integers(1, 9), unique=True, max_size=6),
    read=st.lists(st.integers(1, 9), unique=True, max_size=6),
    damage=st.integers(0, 40),
)
def test_nothing_of_ours_is_lost_or_reordered(ours: list[int], read: list[int], damage: int) -> None:
    """Whatever GROBID says: our texts stand in our order, positions count from 1, nothing stands twice."""
    own = bibliography(*(entry(n, position=place) for place, n in enumerate(ours, 1)))
    found = merge(own, [theirs(n, raw=entry(n).raw[damage % (n + 1) :]) for n in read])
    references = found.bibliography.references
    kept = [one.raw for one in references if one.page is not None and one.confidence >= 0.8]
    assert kept == [one.raw for one in own.references]
    assert [one.position for one in references] == list(range(1, len(references) + 1))
    assert len(references) == len(ours) + found.added
    assert found.both + found.added + found.left == len(read)
