"""Where the text cites the entries."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dl_lit.core.model import Name, Reference
from dl_lit.pdf.contexts import MOST_OF_ENTRY, Contexts, find_contexts
from dl_lit.pdf.contexts.sentences import LONGEST_SENTENCE
from dl_lit.pdf.document import Line


def numbered(count: int, *, page: int = 9, first: int = 1) -> list[Reference]:
    return [Reference(position=first + n, raw=f"Work {n + 1}.", label=f"[{n + 1}]", page=page) for n in range(count)]


def work(position: int, year: int, *families: str) -> Reference:
    return Reference(
        position=position,
        raw=f"{', '.join(families)} ({year}). A title.",
        authors=tuple(Name(family=family) for family in families),
        year=year,
    )


def body(*lines: str, page: int = 1, size: float = 10.0) -> list[Line]:
    return [
        Line(text, page=page, x0=50, x1=300, y0=700 - 12 * n, y1=710 - 12 * n, size=size)
        for n, text in enumerate(lines)
    ]


def found(references: list[Reference], lines: list[Line]) -> list[tuple[tuple[int, ...], str, str, int]]:
    return [(one.positions, one.marker, one.sentence, one.page) for one in find_contexts([references], [], lines).kept]


def test_a_sentence_goes_on_over_lines_columns_and_pages_with_its_hyphens_undone():
    """The sentence is whole, its page is the marker's."""
    lines = body("It was said. Biblio-", "graphies are read [1, 3–4]", page=1) + body(
        "as Fig. 2 shows. More [2].", page=2
    )
    assert found(numbered(4), lines) == [
        ((1, 3, 4), "[1, 3–4]", "Biblio-graphies are read [1, 3–4] as Fig. 2 shows.".replace("o-g", "og"), 1),
        ((2,), "[2]", "More [2].", 2),
    ]


def test_abbreviations_and_initials_end_no_sentence():
    """Nor do they at "et al.", "e.g." and "Dr."."""
    lines = body("One. As Dr. A. Knuth et al. (See e.g. Ref. [1]) have it, cf. Tab. 3 [2]. Another.")
    assert {one[2] for one in found(numbered(2), lines)} == {
        "As Dr. A. Knuth et al. (See e.g. Ref. [1]) have it, cf. Tab. 3 [2]."
    }


def test_a_marker_behind_the_full_stop_belongs_to_the_sentence_before():
    """As many journals print it."""
    lines = body("This is known.[1] That is not. [2] The rest is silence.")
    assert [(one[0], one[2]) for one in found(numbered(2), lines)] == [
        ((1,), "This is known.[1]"),
        ((2,), "That is not. [2]"),
    ]


def test_raised_numbers_cite_and_those_of_affiliations_do_not():
    """A figure in front of a letter is that of an author's address."""
    text = "Many said so1,2 and others not.3 Yes."
    at = [(text.index("1,2"), text.index("1,2") + 3), (text.index("3"), text.index("3") + 1)]
    lines = [
        Line(text, 1, 50, 300, 700, 710, 10.0, raised=tuple(at)),
        Line("1Reader, Dept.", 1, 50, 300, 600, 610, 10.0, raised=((0, 1),)),
    ]
    assert [(one[0], one[1]) for one in found(numbered(3), lines)] == [((1, 2), "1,2"), ((3,), "3")]


def test_notes_and_captions_do_not_interrupt_a_sentence():
    """What is set smaller is read apart, and cites as well."""
    lines = [
        *body("The sentence goes on and on and on, and then it is", "interrupted by what stands below it, and"),
        *body("Figure 1. A caption that cites [2].", size=8.0),
        *body("goes on in the next column [1]."),
    ]
    assert {one[0]: one[2] for one in found(numbered(2), lines)} == {
        (1,): "The sentence goes on and on and on, and then it is interrupted by what stands below it, and goes on in "
        "the next column [1].",
        (2,): "A caption that cites [2].",
    }


def test_a_heading_is_no_part_of_the_sentence_below_it():
    """Larger type stands apart."""
    lines = [*body("4 Discussion", size=14.0), *body("We say so [1]. We go on [2].")]
    assert found(numbered(2), lines)[0][2] == "We say so [1]."


def test_authors_and_years_lead_to_the_entry_with_those_authors():
    """Of two works of one year and first author the number of authors tells; of what stays open nothing is said."""
    references = [work(1, 2010, "Knuth"), work(2, 2010, "Knuth", "Hoare"), work(3, 2011, "Dijkstra"),
                  work(4, 2011, "Dijkstra")]  # fmt: skip
    lines = body("First (Knuth, 2010; Dijkstra, 2011). Then Knuth and Hoare (2010) came.")
    assert [(one[0], one[1]) for one in found(references, lines)] == [
        ((1,), "Knuth, 2010"),
        ((2,), "Knuth and Hoare (2010)"),
    ]


def test_keys_lead_to_their_entries():
    """As alphabetic styles have them."""
    references = [Reference(position=n, raw="x", label=f"[{key}]") for n, key in enumerate(("Knu97", "DH68"), 1)]
    lines = body("It is known [Knu97, DH68]. Or not.")
    assert [one[0] for one in found(references, lines)] == [(1, 2)]


def test_the_lists_of_chapters_are_told_apart_by_their_pages():
    """A number means the entry of the next list that stands behind it."""
    lists = [numbered(3, page=5), numbered(3, page=9, first=4)]
    lines = [*body("One [1], two [2].", page=2), *body("Three [1], four [3].", page=7)]
    assert [one.positions for one in find_contexts(lists, [], lines).kept] == [(1,), (2,), (4,), (6,)]


def test_notes_are_cited_by_their_raised_numbers_on_their_own_page():
    """Numbers that begin anew on each page are told apart by it."""
    notes = [Reference(position=1, raw="A.", label="1", page=1), Reference(position=2, raw="B.", label="1", page=2)]
    lines = [
        Line(f"Said {word}.1", page, 50, 300, 700, 710, 10.0, raised=((len(word) + 6, len(word) + 7),))
        for page, word in ((1, "here"), (2, "there"))
    ]
    kept = find_contexts([], notes, lines).kept
    assert [(one.positions, one.sentence) for one in kept] == [((1,), "Said here.1"), ((2,), "Said there.1")]


def test_bounds_are_kept_and_what_is_left_out_is_counted():
    """Of one entry the first places are kept, and a note says that there are more."""
    lines = body(*(f"Again [1], and this is line {n}." for n in range(MOST_OF_ENTRY + 20)), "And [2].")
    contexts = find_contexts([numbered(2)], [], lines)
    assert (len(contexts.kept), contexts.found) == (MOST_OF_ENTRY + 1, MOST_OF_ENTRY + 21)
    assert contexts.note == "51 of 71 places in the text that cite entries are kept"


def test_a_long_sentence_is_cut_around_its_marker():
    """The marker stays in it."""
    lines = body(*["word after word without an end"] * 100, "[1] and [2]", *["and on and on it goes"] * 100)
    sentence = found(numbered(2), lines)[0][2]
    assert "[1]" in sentence
    assert len(sentence) <= LONGEST_SENTENCE
    assert sentence[:1] == sentence[-1:] == "…"


def test_equations_alone_cite_nothing():
    """Numbers that lead to too few of the entries are not the document's way of citing."""
    assert find_contexts([numbered(20)], [], body("As equation (1) says.")) == Contexts()


@pytest.mark.parametrize("piece", ["[1] ", "(Knuth 2010) ", "A. ", "et al. ", "- \u00ad\n", "word.1 "])
def test_time_grows_no_faster_than_the_text(piece):
    """Four times the text takes about four times as long, whatever it is made of."""

    def seconds(times: int) -> float:
        lines = body(*[piece * 20] * times)
        started = time.process_time()
        find_contexts([[*numbered(3), work(4, 2010, "Knuth")]], [], lines)
        return time.process_time() - started

    seconds(50)
    at_most = 10 * max(0.02, min(seconds(200) for _ in range(2)))
    assert any(seconds(800) < at_most for _ in range(2))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(max_size=40), max_size=8), st.integers(1, 5))
def test_whatever_is_printed_the_places_are_within_their_bounds(texts, count):
    """Positions exist, pages are real, sentences hold their marker or are cut."""
    lines = body(*texts, "so [1] and [2]")
    for one in find_contexts([numbered(count)], [], lines).kept:
        assert set(one.positions) <= set(range(1, count + 1))
        assert one.page == 1
        assert 0 < len(one.sentence) <= LONGEST_SENTENCE
