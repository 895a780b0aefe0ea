"""Lists are cut into entries by whatever sets the entries apart."""

from dl_lit.pdf.document import Line
from dl_lit.pdf.splitting import split_entries


def lines(
    *rows: tuple[str, float], step: float = 10.0, page: int = 1, column: int = 0, top: float = 700.0
) -> list[Line]:
    """Rows of (text, left edge), one under the other."""
    return [
        Line(text, page, x0, x0 + 200, top - i * step, top - i * step + 9, 9.0, column=column)
        for i, (text, x0) in enumerate(rows)
    ]


def test_labels_in_brackets():
    entries = split_entries(
        lines(("[1] Knuth, D. Literate program-", 50), ("ming. 1984.", 65), ("[2] Dijkstra, E. Goto. 1968.", 50))
    )
    assert [(e.label, e.number, e.text) for e in entries] == [
        ("[1]", 1, "Knuth, D. Literate programming. 1984."),
        ("[2]", 2, "Dijkstra, E. Goto. 1968."),
    ]


def test_a_number_at_a_lines_head_is_no_label_out_of_turn():
    entries = split_entries(
        lines(
            ("1. Knuth D. Literate programming. Comput J", 50),
            ("27. pp 97. 1984.", 50),
            ("2. Dijkstra E. Goto. Comm ACM", 50),
            ("1968.", 50),
            ("3. Hoare C. Quicksort. 1962.", 50),
        )
    )
    assert [e.number for e in entries] == [1, 2, 3]


def test_a_missing_label_leaves_a_gap_in_the_numbers():
    entries = split_entries(lines(*((f"[{n}] Author {n}. Title. 2001.", 50) for n in (1, 2, 4, 5))))
    assert [e.number for e in entries] == [1, 2, 4, 5]


def test_hanging_indents():
    entries = split_entries(
        lines(
            ("Knuth, D. (1984). Literate", 50),
            ("programming.", 65),
            ("Dijkstra, E. (1968). Goto", 50),
            ("considered harmful.", 65),
        )
    )
    assert [e.text for e in entries] == [
        "Knuth, D. (1984). Literate programming.",
        "Dijkstra, E. (1968). Goto considered harmful.",
    ]


def test_an_entry_goes_on_in_the_next_column():
    first = lines(("Knuth, D. (1984). Literate", 50), ("programming.", 65), ("Dijkstra, E. (1968). Goto", 50))
    second = lines(("considered harmful.", 315), ("Hoare, C. (1962). Quicksort. A", 300), ("journal.", 315), column=1)
    entries = split_entries([*first, *second])
    assert [e.text for e in entries] == [
        "Knuth, D. (1984). Literate programming.",
        "Dijkstra, E. (1968). Goto considered harmful.",
        "Hoare, C. (1962). Quicksort. A journal.",
    ]


def test_vertical_gaps():
    rows = []
    top = 700.0
    for first, second in (
        ("Knuth, D. Literate", "programming, 1984."),
        ("Dijkstra, E. Goto", "harmful, 1968."),
        ("Hoare, C. Quick", "sort, 1962."),
    ):
        rows += lines((first, 50), (second, 50), top=top)
        top -= 28
    assert [e.text for e in split_entries(rows)] == [
        "Knuth, D. Literate programming, 1984.",
        "Dijkstra, E. Goto harmful, 1968.",
        "Hoare, C. Quick sort, 1962.",
    ]


def test_keys_of_letters_and_years():
    entries = split_entries(
        lines(("[Knu84] Donald Knuth. Literate programming. 1984.", 50), ("[Dij68] E. Dijkstra. Goto. 1968.", 50))
    )
    assert [e.label for e in entries] == ["[Knu84]", "[Dij68]"]


def test_links_stay_with_their_entry():
    row = lines(("[1] A. Title. 2001.", 50), ("[2] B. Title. 2002.", 50))
    linked = [row[0], Line(**{name: getattr(row[1], name) for name in Line.__slots__} | {"uris": ("https://x.org",)})]
    assert [e.uris for e in split_entries(linked)] == [(), ("https://x.org",)]


def test_nothing_gives_nothing():
    assert split_entries([]) == []


def test_a_part_without_labels_before_one_with_labels_is_cut_by_itself():
    entries = split_entries(
        lines(
            ("Augustine, Robert L. (1995). Heterogeneous catalysis for the synthetic chemist.", 50),
            ("New York: Marcel Dekker.", 65),
            ("Bertram, Aaron and Richard Wentworth (1996). “Gromov invariants for holo-", 50),
            ("morphic maps on Riemann surfaces.” In: J. Amer. Math. Soc. 9.2, pp. 529–571.", 65),
            ("Goossens, Michel, Frank Mittelbach, and Alexander Samarin (1994). The LaTeX", 50),
            ("Companion. 1st ed. Reading, Mass.: Addison-Wesley. 528 pp.", 65),
            ("[1] CTAN (2006). CTAN. The Comprehensive TeX Archive Network. url:", 50),
            ("http://www.ctan.org (visited on 10/01/2006).", 70),
            ("[2] Markey, Nicolas (Oct. 16, 2005). Tame the BeaST. The B to X of BibTeX.", 50),
            ("Version 1.3.", 70),
        )
    )
    assert [(entry.number, entry.text.split(" ")[0]) for entry in entries] == [
        (None, "Augustine,"),
        (None, "Bertram,"),
        (None, "Goossens,"),
        (1, "CTAN"),
        (2, "Markey,"),
    ]


def test_words_before_the_first_label_that_name_no_work_are_left_out():
    entries = split_entries(
        lines(
            ("Tutti i documenti citati in questa bibliografia sono", 50),
            ("consultabili con il comando seguito dal nome.", 50),
            ("[1] Leslie Lamport. LaTeX. Addison-Wesley, 1994.", 50),
            ("[2] Donald E. Knuth. The TeXbook. Addison-Wesley, 1984.", 50),
            ("[3] Alan Hoenig. TeX Unbound. Oxford, 1998.", 50),
        )
    )
    assert [entry.number for entry in entries] == [1, 2, 3]
