"""Which printed entry is which listed one: evidence, order, abstention, one to one."""

from __future__ import annotations

import random
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from dl_lit.core.model import Listed, Name, Reference, Work
from dl_lit.matching.aligning import (
    Alignment,
    How,
    align,
    as_reference,
    combined,
    is_bare,
    is_same_entry,
    with_record,
)

NAMES = ("Abel", "Borg", "Conti", "Dahl", "Engel", "Fischer", "Gallo", "Haas", "Ito", "Jensen", "Kovacs", "Lund")
WORDS = ("tides", "gravel", "kelp", "sand", "dunes", "storms", "cliffs", "reefs", "shoals", "banks", "bars", "caves")


def printed(at: int, **more: object) -> Reference:
    """A printed entry with everything."""
    name, word = NAMES[at % 12], WORDS[at % 12]
    title = f"The slow movement of {word} along northern coasts"
    fields: dict[str, object] = {
        "position": at + 1,
        "raw": f"[{at + 1}] {name} A. {title}. Journal of Shores {at + 3}, {at * 10 + 100} ({1990 + at}).",
        "authors": (Name(family=name, given="A."),),
        "title": title,
        "container_title": "Journal of Shores",
        "year": 1990 + at,
        "volume": str(at + 3),
        "pages": f"{at * 10 + 100}-{at * 10 + 109}",
    }
    return Reference(**{**fields, **more})  # type: ignore[arg-type]


def listed(at: int, **more: object) -> Listed:
    """The entry of a list that the printed one is, without its place."""
    one = printed(at)
    fields: dict[str, object] = {
        "source": "crossref",
        "title": one.title,
        "author": one.authors[0].family,
        "year": one.year,
        "container_title": one.container_title,
        "volume": one.volume,
        "first_page": (one.pages or "").partition("-")[0],
    }
    return Listed(**{**fields, **more})  # type: ignore[arg-type]


def by_place(alignment: Alignment) -> dict[int, str | None]:
    """The OpenAlex identifier given to each printed place."""
    return {pair.reference.position: pair.listed.openalex_id for pair in alignment.pairs}


def test_identifiers_settle_it_whatever_else_is_printed() -> None:
    """DOI, arXiv (as DOI too) and PubMed identifiers; a title of another work does not matter."""
    references = [
        printed(0, doi="10.5555/a", title="Garbled beyond recognition"),
        printed(1, arxiv_id="1701.01234"),
        printed(2, pmid="77"),
    ]
    entries = [
        Listed(source="crossref", pmid="77"),
        Listed(source="crossref", doi="10.48550/arxiv.1701.01234"),
        Listed(source="crossref", doi="10.5555/a"),
    ]
    assert [(pair.how, pair.score) for pair in align(references, entries).pairs] == [
        (How.DOI, 1.0), (How.ARXIV, 1.0), (How.PMID, 1.0),
    ]  # fmt: skip


def test_the_deposited_text_is_recognised_in_another_order_and_glued_together() -> None:
    """Publishers deposit texts of their own making; words may have lost the spaces between them."""
    texts = [
        "Journal of Shores, The slow movement of tides along northern coasts, 3, Abel, A., 100, 1990",
        "BorgA1991The slow movement of gravel along northern coastsJournal of Shores4110",
    ]
    entries = [Listed(source="crossref", raw=text, openalex_id=f"W{at}") for at, text in enumerate(texts)]
    found = align([printed(0), printed(1)], entries[::-1])
    assert by_place(found) == {1: "W0", 2: "W1"}
    assert {pair.how for pair in found.pairs} == {How.RAW}


def test_fields_prove_it_with_a_year_beside_and_a_misspelt_title() -> None:
    """A year off by one, a typing error and a subtitle that is missing do no harm."""
    entries = [
        listed(0, year=1991, openalex_id="W0"),
        listed(1, title="The slow movment of gravel along northern coasts", openalex_id="W1"),
        listed(2, title="The slow movement of kelp along northern coasts: a survey", openalex_id="W2"),
    ]
    found = align([printed(at) for at in range(3)], entries)
    assert by_place(found) == {1: "W0", 2: "W1", 3: "W2"}
    assert {pair.how for pair in found.pairs} == {How.FIELDS}


def test_a_place_in_a_journal_is_enough_where_no_title_is_listed() -> None:
    """Author, year, volume and first page name one work among those of one bibliography."""
    entries = [listed(at, title=None, container_title=None, openalex_id=f"W{at}") for at in (2, 0, 1)]
    found = align([printed(at) for at in range(3)], entries)
    assert by_place(found) == {1: "W0", 2: "W1", 3: "W2"}
    assert {pair.how for pair in found.pairs} == {How.COORDINATES}


def test_garbled_titles_are_aligned_by_author_year_and_place_in_the_order() -> None:
    """Between neighbours that are certain, what is left on both sides belongs together."""
    references = [printed(at) for at in range(8)]
    references[4] = replace(references[4], title=None, volume=None, pages=None, raw="[5] Engel A. ### 1994", year=1994)
    entries = [listed(at, position=at + 1, openalex_id=f"W{at}") for at in range(8)]
    found = align(references, entries)
    assert by_place(found) == {at + 1: f"W{at}" for at in range(8)}
    assert [pair.how for pair in found.pairs if pair.reference.position == 5] == [How.ORDER]
    assert found.is_ordered


def test_an_entry_that_says_nothing_is_placed_by_order_with_a_low_score() -> None:
    """A bare DOI between certain neighbours is a guess to be confirmed by its record; at the end it is none."""
    references = [printed(at) for at in range(6)]
    entries = [listed(at, position=at + 1) for at in range(6)]
    entries[3] = Listed(source="crossref", position=4, doi="10.5555/bare")
    entries[5] = Listed(source="crossref", position=6, doi="10.5555/last")
    found = align(references, entries)
    assert [(pair.how, pair.score, pair.listed.doi) for pair in found.pairs if pair.listed.doi] == [
        (How.ORDER, 0.6, "10.5555/bare")
    ]
    assert [one.doi for one in found.unprinted] == ["10.5555/last"]


def test_two_that_are_equally_good_are_left_alone() -> None:
    """Twice the same in print or in the list, and nothing that tells them apart: neither is taken."""
    twice = [printed(0), printed(0, position=2)]
    assert not align(twice, [listed(0)]).pairs
    parts = [listed(0, title="The slow movement of tides", volume=volume, first_page=None) for volume in ("1", "2")]
    vague = printed(0, title="The slow movement of tides", volume=None, pages=None, raw="Abel 1990 Slow movement")
    found = align([vague], parts)
    assert not found.pairs
    assert (found.unlisted, found.unprinted) == ((vague,), tuple(parts))


def test_order_tells_equal_entries_apart() -> None:
    """Where the list keeps the printed order, two editorials of one author and year are no riddle."""
    references = [printed(at) for at in range(8)]
    entries = [listed(at, position=at + 1, openalex_id=f"W{at}") for at in range(8)]
    for at in (2, 6):
        references[at] = replace(
            references[at], title="Editorial for the readers of the journal", volume=None, pages=None, year=2000,
            authors=(Name(family="Abel"),), raw="Abel. Editorial for the readers of the journal. 2000",
        )  # fmt: skip
        entries[at] = Listed(source="crossref", position=at + 1, author="Abel", year=2000, openalex_id=f"W{at}",
                             title="Editorial for the readers of the journal")  # fmt: skip
    assert by_place(align(references, entries)) == {at + 1: f"W{at}" for at in range(8)}


def test_other_dois_other_parts_and_other_years_keep_entries_apart() -> None:
    """What contradicts is not aligned, however alike the rest is."""
    assert not align([printed(0, doi="10.5555/a")], [listed(0, doi="10.5555/b")]).pairs
    part = "A history of the northern shores, part {}"
    assert not align([printed(0, title=part.format(1))], [listed(0, title=part.format(2), volume=None)]).pairs
    report = {"title": "Annual report", "author": "Abel", "volume": None, "first_page": None}
    assert not align(
        [printed(0, title="Annual report", raw="Abel. Annual report. 1990")], [listed(0, **{**report, "year": 1985})]
    ).pairs


def test_the_list_of_another_work_gives_next_to_nothing() -> None:
    """Where hardly anything fits, only what is certain is taken: the citing DOI may be wrong."""
    references = [
        printed(at % 12, position=at + 1, title=f"On {WORDS[at % 12]} and {at}", year=1950 + at) for at in range(20)
    ]
    strangers = [
        Listed(source="crossref", position=at + 1, author=NAMES[(at * 5) % 12], year=1950 + (at * 7) % 20,
               container_title="Journal of Shores") for at in range(20)
    ]  # fmt: skip
    found = align(references, strangers)
    assert found.is_doubtful
    assert not found.pairs
    assert found.fit == 0.0


def test_entries_of_two_services_for_one_work_are_given_together() -> None:
    """What was not merged before is merged by being one printed entry."""
    record = Work(title="The slow movement of tides along northern coasts", openalex_id="W7")
    entries = [
        listed(0, raw=printed(0).raw, title=None, author=None, year=None, volume=None, first_page=None),
        listed(0, source="openalex", openalex_id="W7", work=record),
    ]
    assert is_same_entry(listed(0), entries[1])
    (pair,) = align([printed(0)], [listed(0, position=1), entries[1]]).pairs
    assert (pair.listed.position, pair.listed.work) == (1, record)


def test_bare_entries_are_described_by_records_and_entries_turned_to_references() -> None:
    """What a list says itself stays; what it does not say comes from the record."""
    bare = Listed(source="crossref", position=3, doi="10.5555/a", year=1999)
    assert is_bare(bare)
    assert not is_bare(listed(0, title=None))
    told = with_record(
        bare, Work(title="Kelp", doi="10.5555/a", editors=(Name(family="Lund"),), year=2000, pages="7-9")
    )
    assert (told.position, told.title, told.author, told.year, told.first_page) == (3, "Kelp", "Lund", 1999, "7")
    assert as_reference(told, 9).raw == "Lund. (1999). Kelp. 7"
    assert combined(bare, replace(bare, source="openalex")).source == "crossref+openalex"


def test_scripts_without_spaces_are_aligned() -> None:
    """Titles stand in the text without borders between words."""
    raw = "阿部謹也『ハーメルンの笛吹き男――伝説とその世界』平凡社,1974年."
    reference = Reference(position=1, raw=raw, title=raw, authors=(Name(literal=raw),), year=1974)
    entry = Listed(source="crossref", title="ハーメルンの笛吹き男――伝説とその世界", author="阿部", year=1974)
    assert len(align([reference], [entry]).pairs) == 1


def test_nothing_on_either_side_is_no_problem() -> None:
    """Empty lists align to nothing."""
    assert align([], []).pairs == ()
    assert align([printed(0)], []).unlisted == (printed(0),)
    assert align([], [listed(0)]).unprinted == (listed(0),)


@given(st.lists(st.integers(0, 11), unique=True), st.lists(st.integers(0, 11), unique=True), st.integers(0, 99))
def test_alignment_is_one_to_one_complete_and_blind_to_the_order_of_unordered_lists(
    here: list[int], there: list[int], seed: int
) -> None:
    """Everything is in exactly one place, and what both sides have is found wherever it stands."""
    references = [printed(at, position=place + 1) for place, at in enumerate(here)]
    entries = [listed(at, source="openalex", openalex_id=f"W{at}") for at in there]
    random.Random(seed).shuffle(entries)
    found = align(references, entries)
    assert {pair.reference.year: pair.listed.year for pair in found.pairs} == {
        1990 + at: 1990 + at for at in set(here) & set(there)
    }
    assert len(found.pairs) + len(found.unlisted) == len(references)
    assert len(found.pairs) + len(found.unprinted) == len(entries)
