"""Accept what is proven, abstain from the rest."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dl_lit.core.model import Name, Reference, Work, WorkType
from dl_lit.matching.confirm import confirms
from dl_lit.matching.decide import Accepted, Ambiguous, NoMatch, Vetoed, decide
from dl_lit.matching.identity import same_work, title_author_year_key

TITLE = "Spring tides and the sorting of gravel on steep beaches"
LEE = Name(family="van der Lee", given="Marit")
WORK = Work(
    title=TITLE,
    type=WorkType.ARTICLE_JOURNAL,
    authors=(LEE, Name(family="Öst", given="Tobias")),
    year=2017,
    container_title="Journal of Tides",
    volume="8",
    pages="101-119",
    doi="10.5555/tides.2017.12",
    openalex_id="W12",
)
REFERENCE = Reference(
    position=1,
    raw=f"Van der Lee, M., Öst, T. (2017). {TITLE}. J. Tides 8, 101–119.",
    type=WorkType.ARTICLE_JOURNAL,
    authors=(Name(family="Van der Lee", given="M."), Name(family="Öst", given="T.")),
    title=TITLE,
    container_title="J. Tides",
    year=2017,
    volume="8",
    pages="101-119",
)
UNREAD = Reference(position=1, raw=REFERENCE.raw)


def test_a_work_is_its_own_reference() -> None:
    """The plain case: everything agrees."""
    decision = decide(REFERENCE, [WORK])
    assert isinstance(decision, Accepted)
    assert decision.work is WORK
    assert decision.score > 0.99


WORDS = st.lists(st.from_regex(r"[A-Za-zäöüßéèøł]{4,12}", fullmatch=True), min_size=4, max_size=12)
NAMES = st.builds(
    Name,
    family=st.from_regex(r"[A-Z][a-zéü]{3,9}", fullmatch=True),
    given=st.from_regex(r"[A-Z][a-z]{2,7}", fullmatch=True),
)


@given(words=WORDS, people=st.lists(NAMES, min_size=1, max_size=3), year=st.integers(1900, 2026), is_read=st.booleans())
def test_a_work_matches_itself_rendered(words: list[str], people: list[Name], year: int, *, is_read: bool) -> None:
    """Whatever the work, its own printed form is accepted, whether its fields were read or only its text."""
    work = Work(title=" ".join(words).capitalize(), authors=tuple(people), year=year, doi="10.5555/x")
    printed = ", ".join(f"{one.family}, {str(one.given)[:1]}." for one in people)
    raw = f"{printed} ({year}). {work.title}. A Journal."
    reference = Reference(position=1, raw=raw)
    if is_read:
        reference = replace(reference, title=work.title, authors=work.authors, year=year)
    assert isinstance(decide(reference, [work]), Accepted)
    assert confirms(reference, work)


@pytest.mark.parametrize(
    "record",
    [
        replace(WORK, title="Neap tides and the drowning of marshes in wide estuaries"),
        replace(WORK, authors=(Name(family="Hansen"),)),
        replace(WORK, year=2011, volume="2"),
        replace(WORK, volume="9", pages="7-21"),
        replace(WORK, year=2018, container_title="Annals of Gravel", volume=None, pages=None),
        replace(WORK, title=f"{TITLE}: Erratum"),
        replace(WORK, title=f"{TITLE} 2018", pages=None),
        replace(WORK, title=f"Correction to: {TITLE}"),
        replace(WORK, title=f"Erratum: {TITLE}"),
        replace(WORK, title=f"Book review: {TITLE}"),
        replace(WORK, title="Front matter"),
        replace(WORK, title=f"{TITLE}, Part II"),
    ],
)
def test_what_is_not_proven_is_not_accepted(record: Work) -> None:
    """Another title, author, year, a notice about the work, another part: none is the work."""
    assert not isinstance(decide(REFERENCE, [record]), Accepted)


def test_a_conflicting_doi_forbids() -> None:
    """An entry that prints a DOI is not a work with another one, except arXiv's beside the journal's."""
    printed = replace(REFERENCE, doi="10.5555/other")
    assert isinstance(decide(printed, [WORK]), Vetoed)
    assert isinstance(decide(replace(printed, doi="10.48550/arxiv.1701.01234"), [WORK]), Accepted)


def test_a_notice_is_vetoed_by_name() -> None:
    """What would be proven but for the veto is shown, with the reason."""
    decision = decide(REFERENCE, [replace(WORK, title=f"Erratum: {TITLE}")])
    assert isinstance(decision, Vetoed)
    assert "notice" in str(decision.candidates[0].evidence.veto)


def test_part_numbers_must_agree() -> None:
    """Parts of a series differ by a numeral only."""
    one = replace(WORK, title="A catalogue of northern gravel beaches. Part II")
    printed = replace(REFERENCE, title="A catalogue of northern gravel beaches. Part III")
    assert not isinstance(decide(printed, [one]), Accepted)
    assert isinstance(decide(replace(printed, title="A catalogue of northern gravel beaches, part 2"), [one]), Accepted)


def test_a_number_that_both_name_is_no_conflict() -> None:
    """A title cut after "II", or one with volume and pages stuck to its end, is not another part."""
    whole = "The drift of shingle along open coasts: II. Mechanism of the drift and of its reversal"
    cut = "The drift of shingle along open coasts: II"
    assert isinstance(decide(replace(REFERENCE, title=cut), [replace(WORK, title=whole)]), Accepted)
    assert isinstance(decide(replace(REFERENCE, title=f"{TITLE}. J Tides, 7(4), e01256-16"), [WORK]), Accepted)


def test_a_record_that_names_nobody_needs_its_title_to_the_letter() -> None:
    """Publishers register works without authors; a long title and the year name them all the same."""
    unsigned = replace(WORK, authors=(), container_title=None, volume=None, pages=None)
    assert isinstance(decide(REFERENCE, [unsigned]), Accepted)
    assert not isinstance(decide(REFERENCE, [replace(unsigned, year=2018)]), Accepted)
    assert not isinstance(decide(REFERENCE, [replace(unsigned, title=f"{TITLE}es")]), Accepted)


def test_yearly_workshops_are_told_apart() -> None:
    """Two numbers in otherwise equal titles are two works."""
    one = replace(WORK, title="Findings of the 2016 shared task on tide prediction")
    printed = replace(REFERENCE, title="Findings of the 2017 shared task on tide prediction")
    assert not isinstance(decide(printed, [one]), Accepted)


def test_two_equally_good_works_are_ambiguous() -> None:
    """Nothing decides between two works with the same title, authors, year and journal."""
    bare = replace(WORK, volume=None, pages=None)
    decision = decide(REFERENCE, [bare, replace(bare, doi="10.5555/twin", openalex_id="W13")])
    assert isinstance(decision, Ambiguous)
    assert {one.work.doi for one in decision.candidates} == {"10.5555/tides.2017.12", "10.5555/twin"}


def test_the_same_work_twice_is_not_ambiguous() -> None:
    """Two services describe one work; the description with identifiers is taken."""
    bare = replace(WORK, doi=None, openalex_id=None, title=TITLE.upper())
    decision = decide(REFERENCE, [bare, WORK])
    assert isinstance(decision, Accepted)
    assert decision.work.doi == WORK.doi


def test_the_journal_named_decides_between_preprint_and_article() -> None:
    """Preprint and article share title, authors and year; what is printed tells which is meant."""
    preprint = replace(
        WORK, type=WorkType.ARTICLE, container_title=None, volume=None, pages=None, doi="10.48550/arxiv.1701.01234"
    )
    decision = decide(REFERENCE, [preprint, WORK])
    assert isinstance(decision, Accepted)
    assert decision.work is WORK
    as_preprint = replace(REFERENCE, type=WorkType.ARTICLE, container_title=None, volume=None, pages=None)
    decision = decide(as_preprint, [preprint, replace(WORK, container_title=None, volume=None, pages=None)])
    assert isinstance(decision, Accepted)
    assert decision.work is preprint


def test_the_text_stands_in_for_an_unread_title() -> None:
    """Where no field was read the record's title must stand in the text, its author before it."""
    assert isinstance(decide(UNREAD, [WORK]), Accepted)
    assert not isinstance(decide(UNREAD, [replace(WORK, authors=(Name(family="Beaches"),))]), Accepted)
    assert isinstance(decide(UNREAD, [replace(WORK, title="Of tides")]), NoMatch)


def test_the_containing_book_is_not_the_chapter() -> None:
    """What stands after "In" is the book."""
    raw = "Berg, O. (1999). Stones. In: A handbook of northern European shores. Oslo."
    book = Work(title="A handbook of northern European shores", authors=(Name(family="Berg"),), year=1999)
    assert not isinstance(decide(Reference(position=1, raw=raw), [book]), Accepted)
    read = Reference(
        position=1,
        raw=raw,
        title="Stones",
        container_title=book.title,
        authors=(Name(family="Berg", given="O."),),
        year=1999,
    )
    assert not isinstance(decide(read, [book]), Accepted)
    assert not confirms(read, book)


def test_entries_without_titles_match_by_their_coordinates() -> None:
    """Chemistry and physics print journal, volume, page and year only."""
    reference = Reference(
        position=1,
        raw="M. VAN DER LEE. J. Tides 8, 101 (2017);",
        authors=(Name(family="VAN DER LEE", given="M."),),
        container_title="J. Tides",
        volume="8",
        pages="101",
        year=2017,
    )
    assert isinstance(decide(reference, [WORK]), Accepted)
    assert not isinstance(decide(replace(reference, pages="107"), [WORK]), Accepted)
    assert not isinstance(
        decide(replace(reference, raw="M. van der Lee. J. Tides 8, 101", year=2012), [WORK]), Accepted
    )


def test_a_generic_title_needs_its_place() -> None:
    """The title "Introduction" names a work only together with its book."""
    record = replace(WORK, title="Introduction", container_title="Shores of the north", volume=None, pages="1-9")
    printed = replace(REFERENCE, raw="Van der Lee (2017) Introduction.", title="Introduction", volume=None, pages=None)
    assert not isinstance(decide(replace(printed, container_title=None), [record]), Accepted)
    assert isinstance(decide(replace(printed, container_title="Shores of the North"), [record]), Accepted)


def test_a_short_title_must_be_printed_letter_by_letter() -> None:
    """A program called "Quarto" is recognised by author and year; a likeness of six letters is none."""
    program = Work(title="Quarto", authors=(Name(family="Allaire"),), year=2022, doi="10.5555/q")
    printed = Reference(
        position=1, raw="Allaire, J. (2022). Quarto.", title="Quarto", authors=(Name(family="Allaire"),), year=2022
    )
    assert isinstance(decide(printed, [program]), Accepted)
    assert not isinstance(decide(printed, [replace(program, title="Quartz")]), Accepted)
    assert not isinstance(decide(printed, [replace(program, year=2021)]), Accepted)


def test_near_misses_go_to_a_person() -> None:
    """A title that is alike, by the same author of the same year, is worth a look."""
    near = replace(WORK, title="Spring tides and sorting of the coarse gravel on beaches", volume="9", pages="1")
    decision = decide(REFERENCE, [near])
    assert isinstance(decision, Ambiguous)
    assert decision.candidates[0].work is near


def test_nothing_comes_of_nothing() -> None:
    """No candidates, no match."""
    assert decide(REFERENCE, []) == NoMatch()


class TestConfirms:
    """Whether the record behind a printed identifier is what is printed."""

    def test_the_work_itself(self) -> None:
        assert confirms(REFERENCE, WORK)
        assert confirms(UNREAD, WORK)

    def test_a_misprinted_identifier_leads_elsewhere(self) -> None:
        other = Work(title="The feeding of lapwings in polders", authors=(Name(family="Kok"),), year=1988)
        assert not confirms(REFERENCE, other)
        assert not confirms(UNREAD, other)

    def test_the_neighbour_in_the_same_issue_is_refused(self) -> None:
        neighbour = replace(WORK, title="Why cusps are evenly spaced", authors=(Name(family="Ruiz"),), pages="120-131")
        assert not confirms(REFERENCE, neighbour)

    def test_a_translated_title_is_borne_out_by_author_year_and_page(self) -> None:
        assert confirms(replace(REFERENCE, title="Springfluten und Kies"), WORK)

    def test_a_bare_identifier_is_believed(self) -> None:
        assert confirms(Reference(position=1, raw="https://doi.org/10.5555/tides.2017.12", doi=WORK.doi), WORK)

    def test_a_misread_title_is_no_misprint(self) -> None:
        misread = replace(REFERENCE, title="Öst, T., and colleagues of the survey", authors=())
        assert confirms(misread, WORK)

    def test_a_notice_is_refused(self) -> None:
        assert not confirms(REFERENCE, replace(WORK, title=f"Correction to: {TITLE}"))


class TestIdentity:
    """What makes two descriptions one work."""

    def test_spelling_makes_no_new_work(self) -> None:
        other = replace(WORK, title=TITLE.upper() + ".", authors=(Name(family="Lee", given="M. van der"),), doi=None)
        assert title_author_year_key(WORK) == title_author_year_key(other)

    @pytest.mark.parametrize(
        "work",
        [
            replace(WORK, title="Editorial"),
            replace(WORK, title="Kelp"),
            replace(WORK, year=None),
            replace(WORK, authors=()),
        ],
    )
    def test_generic_works_have_no_key(self, work: Work) -> None:
        assert title_author_year_key(work) is None

    def test_two_dois_are_two_works(self) -> None:
        assert not same_work(WORK, replace(WORK, doi="10.5555/twin"))
        assert same_work(WORK, replace(WORK, doi=None, openalex_id=None))
