"""What the numbering and the markers in the text say about how complete a bibliography was read."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dl_lit.core.model import Coverage, Name, Reference
from dl_lit.pdf.coverage import expected_references, judge_coverage, read_numbering, recount
from dl_lit.pdf.document import Line

FAMILIES = ("Knuth", "Dijkstra", "Hoare", "Liskov", "Lamport", "Hopper", "Turing", "Backus", "Ångström", "Łukasiewicz")


def numbered(*numbers: int | None, shape: str = "[{}]") -> list[Reference]:
    """Entries with these labels."""
    return [
        Reference(position=at, raw=f"Knuth, D. E. Treatise {at}. 1984.", label=shape.format(number) if number else None)
        for at, number in enumerate(numbers, 1)
    ]


def work(family: str, year: int, *, raw: str | None = None) -> Reference:
    """An entry of an author-year list."""
    text = raw or f"{family}, A. ({year}). On the matter. Journal of Matters, 3, 1–9."
    return Reference(position=1, raw=text, authors=(Name(family=family, given="A."),), year=year)


def text(*lines: str) -> list[Line]:
    """Running text."""
    return [Line(line, 1, 50, 400, 700 - 12 * at, 710 - 12 * at, 10) for at, line in enumerate(lines)]


def test_the_expected_count_sums_the_lists_and_sees_gaps():
    assert expected_references([numbered(1, 2, 4)]) == 4
    assert expected_references([numbered(1, 2), numbered(1, 2, 3)]) == 5
    assert expected_references([numbered(1, 2), numbered(3, 4)]) == 4
    assert expected_references([numbered(None, None)]) is None
    assert expected_references([]) is None


def test_an_unnumbered_list_beside_a_numbered_one_promises_what_it_has():
    assert expected_references([numbered(1, 2, 3, 4, 5, 6, 7, 8), numbered(None, None)]) == 10


@pytest.mark.parametrize("shape", ["[{}]", "{}.", "({})", "{}", "{})", "S{}.", "[ {} ]"])
def test_missing_labels_are_named(shape):
    numbering = read_numbering([numbered(1, 2, 5, shape=shape)])
    assert numbering is not None
    assert numbering.missing == (("S3", "S4") if "S" in shape else ("3", "4"))


def test_several_works_under_one_label_are_no_new_list():
    assert expected_references([numbered(1, 2, 2, 2, 3)]) == 3


def test_every_list_that_begins_anew_has_gaps_of_its_own():
    found = judge_coverage([numbered(1, 3), numbered(2, 3)], [])
    assert (found.expected, found.missing_labels, found.score) == (6, ("2", "1"), 0.6667)


def test_numbers_in_the_text_promise_what_lies_beyond_the_list():
    body = text("As shown [1, 2] and again [3–5], see also [4], [6]-", "[8] and others [7, p. 12].")
    found = judge_coverage([numbered(1, 2, 3, 4, 5)], body)
    assert (found.expected, found.missing_labels) == (8, ("6", "7", "8"))
    assert found.unanswered_markers == ("[6]", "[7]", "[8]")
    assert (found.markers, found.score) == (8, 0.625)


@pytest.mark.parametrize(
    "said",
    [
        "for x in [0, 6] and y in [5, 100] as in the year [2015] of [1.5, 6.5]",
        "by equation (6) and (7) and Fig. 6 in (2015)",
        "a table 12 (6) 13 (7) of CO2 and H2O, IL6, page 6, 6 mg and 10.6",
        "x[06], the set {6, 7} and 10^6",
    ],
)
def test_what_looks_like_a_marker_and_is_none_does_not_count(said):
    found = judge_coverage([numbered(1, 2, 3, 4, 5)], text("Shown by [1], [2], [3], [4, 5].", said))
    assert (found.expected, found.unanswered_markers, found.score) == (5, (), 1.0)


def test_numbers_in_parentheses_count_where_the_text_cites_so():
    body = text("As shown (1, 2) and again (3–5). Later work (6) differs; others (7) do not.")
    found = judge_coverage([numbered(1, 2, 3, 4, 5, 7, shape="{}.")], body)
    assert (found.unanswered_markers, found.missing_labels) == (("(6)",), ("6",))


def test_raised_numbers_count_where_the_text_cites_so():
    body = text("As shown,1,2 and again.3–5 Later work6 differs. So do trials.7 Others do not.")
    found = judge_coverage([numbered(1, 2, 3, 4, 5, shape="{}.")], body)
    assert found.missing_labels == ("6", "7")


def test_figures_known_to_be_raised_are_the_markers():
    said = "As shown1,2 by trials3–5 of 12 mg at 10 m2 in 2010.7"
    spans = [(said.index(part), said.index(part) + len(part)) for part in ("1,2", "3–5")]
    line = Line(said, 1, 50, 400, 700, 710, 10, raised=(*spans, (len(said) - 1, len(said))))
    found = judge_coverage([numbered(1, 2, 3, 4, 5, shape="{}.")], [line])
    assert (found.missing_labels, found.markers) == (("6", "7"), 6)


def test_markers_of_author_and_year_find_their_entries():
    body = text(
        "Knuth (1997) and Dijk-",
        "stra et al. (1968a) said so (see Hoare & Lamport, 1969, p. 3; Liskov 1974; van der Berg, 2001).",
        "ANGSTROM'S view (Angstrom and others 1890) and that of Łukasiewicz (1920, 1929) is Backus' (1978).",
        "The World Health Organization (WHO, 2010) agrees (R Core Team, 2018), and Hopper (in press).",
    )
    works = [
        work("Knuth", 1997),
        work("Dijkstra", 1968),
        work("Hoare", 1969),
        work("Liskov", 1974),
        work("van der Berg", 2001),
        work("Ångström", 1890),
        work("Łukasiewicz", 1920),
        work("Łukasiewicz", 1929),
        work("Backus", 1978),
        work("World Health Organization", 2010, raw="World Health Organization. (2010). Report."),
        work("R Core Team", 2018),
        work("Hopper", 1959),
    ]
    found = judge_coverage([works], body)
    assert found.unanswered_markers == ()
    assert found.markers == 12
    assert found.score == 1.0


def test_markers_without_entry_are_named_as_printed():
    body = text("Knuth (1997) and Hoare (1969) say what Dijkstra et al. (1968a) deny (Liskov, 1974; Backus, 1978).")
    found = judge_coverage([[work("Knuth", 1997), work("Hoare", 1969), work("Backus", 1978)]], body)
    assert found.unanswered_markers == ("Dijkstra et al. (1968a)", "Liskov, 1974")
    assert (found.markers, found.score) == (5, 0.6)


def test_inflected_names_find_their_entries():
    body = text(
        "Müllers (2001) These; według Kowalskiego (1999); по мнению Достоевского (1873), Иванова (2001) и Смит (1990)"
    )
    works = [
        work("Müller", 2001),
        work("Kowalski", 1999),
        work("Достоевский", 1873),
        work("Иванов", 2001),
        work("Смирнов", 1990),
    ]
    found = judge_coverage([works], body)
    assert found.unanswered_markers == ("Смит (1990)",)


def test_works_of_one_year_are_told_by_their_letters():
    body = text("Knuth (1997a, 1997b) and Hoare (1969a, b), Turing (1936a)")
    works = [work("Knuth", 1997, raw="Knuth, D. (1997a). One."), work("Turing", 1936)]
    works.append(work("Hoare", 1969, raw="Hoare, T. (1969a). Two."))
    found = judge_coverage([works], body)
    assert (found.unanswered_markers, found.markers) == (("Knuth (1997b)",), 4)


@pytest.mark.parametrize(
    "said",
    [
        "in March (2010), (Figure 3, 2010) and (Table 2; 2011)",
        "(Boston, MA, 2009), (Boston University, 2009), the DSM (1994), (SPSS 2010), since May 2015",
        "© Springer 2010. Received 3 May 2010; Berlin 1999",
        "between 1990 and 2010 (n = 1990), version 3 (2014)",
        "(März, 1999), (München, 2001), (Stand, 2010), (Helsinki, 2013), (Ноябрь, 1999), (Май, 2001)",
    ],
)
def test_dates_and_places_are_no_markers(said):
    body = text("Knuth (1997), and Hoare, Jones and Smith (1969), say so.", said)
    found = judge_coverage([[work("Knuth", 1997), work("Hoare", 1969)]], body)
    assert (found.unanswered_markers, found.score) == ((), 1.0)


def test_the_documents_own_line_of_citation_is_no_marker():
    body = text("Cite as: Tarski et al. (2020). On truth.", "Knuth (1997) and Hoare (1969).")
    works = [[work("Knuth", 1997), work("Hoare", 1969)]]
    assert judge_coverage(works, body).unanswered_markers == ("Tarski et al. (2020)",)
    assert judge_coverage(works, body, authors=(Name(family="Tarski"),), year=2020).unanswered_markers == ()


def test_authors_alone_are_markers_where_the_text_cites_so():
    body = text("It is known (Knuth; Hoare y Lamport) and disputed (Liskov et al. 12; see Backus).", "In (Paris) too.")
    works = [work("Knuth", 1997), work("Hoare", 1969), work("Turing", 1936)]
    found = judge_coverage([works], body)
    assert (found.unanswered_markers, found.markers, found.score) == (("Liskov et al. 12",), 3, 0.6667)


def test_keys_find_their_entries():
    works = [Reference(position=1, raw="Knuth 1997", label="[Knu97]"), Reference(position=2, raw="A", label="[ABC+08]")]
    found = judge_coverage([works], text("See [Knu97], and [ABC+08, Dij68] too."))
    assert (found.unanswered_markers, found.score) == (("[Dij68]",), 0.6667)


def test_numbers_in_the_text_promise_entries_though_no_label_was_read():
    body = text("Shown [1], [2, 3], [4–6] and [7].")
    works = [work(family, 1990) for family in FAMILIES[:5]]
    found = judge_coverage([works], body)
    assert (found.expected, found.score) == (7, 0.7143)


def test_notes_are_not_numbered_entries():
    found = judge_coverage([], text("Text¹ with 5 notes."), notes=numbered(3, 7, 9))
    assert (found.found, found.expected, found.missing_labels, found.score) == (3, None, (), None)


def test_nothing_is_said_where_nothing_can_be_told():
    found = judge_coverage([[work("Knuth", 1997), work("Hoare", 1969)]], text("A text that cites nobody."))
    assert found == Coverage(found=2, expected=None)


@given(st.integers(5, 120), st.data())
def test_every_gap_lowers_the_score_and_is_named(count, data):
    """Entries taken out of a numbered list that the text cites are missed, each by its label."""
    gone = data.draw(st.sets(st.integers(1, count), max_size=count // 2))
    body = text(*(f"Said before [{number}]." for number in range(1, count + 1)))
    whole = judge_coverage([numbered(*range(1, count + 1))], body)
    kept = numbered(*(n for n in range(1, count + 1) if n not in gone))
    cut = judge_coverage([kept], body)
    assert whole.score == 1.0
    long_tail = set(range(count - 3, count + 1)) <= gone
    if not long_tail:
        assert cut.score == round(1 - len(gone) / count, 4)
        assert set(cut.missing_labels) == {str(n) for n in sorted(gone)[:100]}
    assert (cut.score or 0) < 1.0 or not gone or long_tail


@given(st.sets(st.integers(0, 9), max_size=7))
def test_every_lost_author_lowers_the_score_and_is_named(gone):
    body = text(*(f"Said before by {family} and Jones ({1950 + at})." for at, family in enumerate(FAMILIES)))
    kept = [work(family, 1950 + at) for at, family in enumerate(FAMILIES) if at not in gone]
    found = judge_coverage([kept], body)
    assert found.score == round(1 - len(gone) / len(FAMILIES), 4)
    assert found.unanswered_markers == tuple(f"{FAMILIES[at]} and Jones ({1950 + at})" for at in sorted(gone))


@given(st.lists(st.text(max_size=60), max_size=12), st.lists(st.one_of(st.none(), st.integers(0, 10_000)), max_size=12))
def test_the_score_is_a_share_whatever_is_printed(lines, numbers):
    found = judge_coverage([numbered(*numbers)], text(*lines))
    assert found.score is None or 0.0 <= found.score <= 1.0
    assert found.found == len(numbers)
    assert len(found.unanswered_markers) <= found.markers
    assert (found.score is None) or (found.score < 1.0) == bool(found.missing_labels or found.unanswered_markers)


def test_entries_that_another_reader_finds_are_counted_in():
    body = text("Shown [1], [2], [3], [4], [5] and [6].")
    found = judge_coverage([numbered(1, 2, 4, 5)], body)
    assert found.missing_labels == ("3", "6")
    again = recount(found, numbered(1, 2, 3, 4, 5))
    assert (again.found, again.missing_labels, again.unanswered_markers) == (5, ("6",), ("[6]",))
    assert again.score == pytest.approx(5 / 6, abs=1e-4)


def test_authors_that_another_reader_finds_are_counted_in():
    body = text("Knuth (1997), Hoare (1969), Dijkstra et al. (1968) and (Liskov & Zilles, 1974).")
    found = judge_coverage([[work("Knuth", 1997), work("Hoare", 1969)]], body)
    again = recount(found, [work("Knuth", 1997), work("Hoare", 1969), work("Liskov", 1974)])
    assert (again.unanswered_markers, again.score) == (("Dijkstra et al. (1968)",), 0.75)
