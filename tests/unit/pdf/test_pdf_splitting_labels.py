"""Lists whose entries bear labels are cut at the labels, whatever they look like."""

import pytest

from dl_lit.pdf.document import Line
from dl_lit.pdf.splitting import cut_list, split_entries

NAMES = ("Knuth", "Dijkstra", "Hoare", "Liskov", "Lamport", "Hopper")


def lines(*texts: str) -> list[Line]:
    """Texts one under the other, all from the same left edge."""
    return [Line(text, 1, 50, 300, 700 - 10 * i, 709 - 10 * i, 9.0) for i, text in enumerate(texts)]


def labelled(*labels: str) -> list[Line]:
    """Entries of two lines, each behind its label."""
    rows = []
    for label, name in zip(labels, NAMES, strict=False):
        rows += [f"{label}{name}, A. B. On the matter of the other", "thing. Journal of Things, 1984."]
    return lines(*rows)


@pytest.mark.parametrize(
    ("labels", "printed", "numbers"),
    [
        (("1. ", "2. ", "3. "), ["1.", "2.", "3."], [1, 2, 3]),
        (("[1] ", "[2] ", "[3] "), ["[1]", "[2]", "[3]"], [1, 2, 3]),
        (("(1) ", "(2) ", "(3) "), ["(1)", "(2)", "(3)"], [1, 2, 3]),
        (("1) ", "2) ", "3) "), ["1)", "2)", "3)"], [1, 2, 3]),
        (("1 ", "2 ", "3 ", "4 "), ["1", "2", "3", "4"], [1, 2, 3, 4]),
        (("1", "2", "3", "4"), ["1", "2", "3", "4"], [1, 2, 3, 4]),
        (("S1 ", "S2 ", "S3 "), ["S1", "S2", "S3"], [1, 2, 3]),
        (("P1. ", "P2. ", "P3. "), ["P1.", "P2.", "P3."], [1, 2, 3]),
        (("[S1] ", "[S2] ", "[S3] "), ["[S1]", "[S2]", "[S3]"], [1, 2, 3]),
        (("A.1 ", "A.2 ", "A.3 "), ["A.1", "A.2", "A.3"], [1, 2, 3]),
        (("[1a] ", "[1b] ", "[2] "), ["[1a]", "[1b]", "[2]"], [1, 1, 2]),
        (("i. ", "ii. ", "iii. ", "iv. "), ["i.", "ii.", "iii.", "iv."], [1, 2, 3, 4]),
        (("IV. ", "V. ", "VI. "), ["IV.", "V.", "VI."], [4, 5, 6]),
        (("〔1〕", "〔2〕", "〔3〕"), ["〔1〕", "〔2〕", "〔3〕"], [1, 2, 3]),
        (("［1］", "［2］", "［3］"), ["［1］", "［2］", "［3］"], [1, 2, 3]),
        (("#1 ", "#2 ", "#3 "), ["#1", "#2", "#3"], [1, 2, 3]),
        (("[1] ", "[2] ", "[5] ", "[6] "), ["[1]", "[2]", "[5]", "[6]"], [1, 2, 5, 6]),
    ],
)
def test_numbers_of_many_shapes(labels, printed, numbers):
    entries = split_entries(labelled(*labels))
    assert [entry.label for entry in entries] == printed
    assert [entry.number for entry in entries] == numbers
    assert [entry.text.split(",")[0] for entry in entries] == list(NAMES[: len(labels)])


def test_numbering_that_begins_anew_with_every_chapter():
    entries = split_entries(labelled("1. ", "2. ", "3. ", "1. ", "2. ", "3. "))
    assert [entry.number for entry in entries] == [1, 2, 3, 1, 2, 3]


def test_numbering_that_changes_its_letter():
    entries = split_entries(labelled("[A1] ", "[A2] ", "[A3] ", "[B1] ", "[B2] ", "[B3] "))
    assert [entry.label for entry in entries] == ["[A1]", "[A2]", "[A3]", "[B1]", "[B2]", "[B3]"]


@pytest.mark.parametrize(
    "keys",
    [
        ("[Knu97]", "[Dij68]", "[Hoa62]"),
        ("[ABC+12]", "[DEF09]", "[GHI+99a]"),
        ("[Knuth 1997]", "[Dijkstra 1968]", "[Hoare et al., 1962]"),
        ("[AH]", "[B]", "[GKLO1]"),
        ("Knu97", "Dij68", "Hoa62b"),
    ],
)
def test_keys(keys):
    entries = split_entries(labelled(*(f"{key} " for key in keys)))
    assert [entry.label for entry in entries] == list(keys)
    assert [entry.text.split(",")[0] for entry in entries] == list(NAMES[:3])


def test_what_services_put_into_brackets_is_no_key():
    rows = lines(
        "Knuth, D. E. (1984). Literate programming. The Computer Journal, 27, 97–111.",
        "[CrossRef] [PubMed]",
        "Dijkstra, E. W. (1968). Go to statement considered harmful. CACM, 11, 147–148.",
        "[CrossRef]",
        "Hoare, C. A. R. (1962). Quicksort. The Computer Journal, 5, 10–16.",
        "[Google Scholar]",
    )
    assert [entry.label for entry in split_entries(rows)] == [None, None, None]


def test_bullets_are_no_part_of_the_text():
    entries = split_entries(labelled("• ", "• ", "• "))
    assert [entry.text[:5] for entry in entries] == ["Knuth", "Dijks", "Hoare"]
    assert [entry.label for entry in entries] == [None, None, None]


def test_initials_are_no_roman_numbers():
    rows = lines(
        "I. Newton, Opticks, London, 1704.",
        "V. Volterra, Leçons, Paris, 1913.",
        "C. Gauss, Disquisitiones, Leipzig, 1801.",
    )
    assert all(entry.label is None for entry in split_entries(rows))


def test_what_stands_before_the_first_label_is_not_lost():
    rows = lines("some rest of a sentence of 1999", "[1] Knuth, D. A. 1984.", "[2] Dijkstra, E. B. 1968.")
    found = cut_list(rows)
    assert [line for entry in found.entries for line in entry.lines] + list(found.left_out) == rows
