"""Notes: citations in full become references, short forms lead to them, comment is left out."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dl_lit.core.model import Name, Reference
from dl_lit.pdf.document import Line
from dl_lit.pdf.notes import Kind, are_notes, cross_references, cut_notes, settle
from dl_lit.pdf.parsing import parse_entries
from dl_lit.pdf.splitting import split_entries


def lines(*texts: str) -> list[Line]:
    """Texts one under the other."""
    return [Line(text, 1, 50, 500, 700 - 10 * i, 709 - 10 * i, 8.0) for i, text in enumerate(texts)]


def read(*texts: str, earlier: tuple[Reference, ...] = ()) -> tuple[list[str], list[tuple[str, int | None]]]:
    """The works that notes cite, and their short forms with the position of what they mean."""
    citations = cut_notes(lines(*texts))
    found = parse_entries([one.entry for one in citations if one.kind is Kind.FULL])
    settled = settle(citations, found, earlier)
    assert [one.position for one in settled.references] == [
        len(earlier) + n + 1 for n in range(len(settled.references))
    ]
    return [one.raw for one in settled.references], [(one.raw, one.refers_to) for one in settled.short_forms]


def test_english_notes():
    works, shorts = read(
        "1 Carlo Ginzburg, The Cheese and the Worms, trans. John Tedeschi (Baltimore: Johns",
        "Hopkins, 1980), xii–xxvi.",
        "2 Ibid., xiv.",
        "3 See Natalie Zemon Davis, The Return of Martin Guerre (Cambridge: Harvard Press, 1983), 45–50; for",
        "a sceptical view see Lawrence Stone, “The Revival of Narrative,” Past & Present 85 (1979): 3–24.",
        "4 The best known are Robert Darnton, The Great Cat Massacre (New York: Basic Books, 1984), 75, and Joan W.",
        "Scott, “Gender,” American Historical Review 91, no. 5 (1986): 1053–75, whose terms were not ours.",
        "5 Davis, Return of Martin Guerre, 51. I thank the readers of an earlier draft.",
        "6 Stone, op. cit., 20.",
    )
    assert works == [
        "Carlo Ginzburg, The Cheese and the Worms, trans. John Tedeschi (Baltimore: Johns Hopkins, 1980), xii–xxvi",
        "Natalie Zemon Davis, The Return of Martin Guerre (Cambridge: Harvard Press, 1983), 45–50",
        "Lawrence Stone, “The Revival of Narrative,” Past & Present 85 (1979): 3–24",
        "Robert Darnton, The Great Cat Massacre (New York: Basic Books, 1984), 75",
        "Joan W. Scott, “Gender,” American Historical Review 91, no. 5 (1986): 1053–75",
    ]
    assert shorts == [
        ("Ibid., xiv.", 1),
        ("Davis, Return of Martin Guerre, 51.", 2),
        ("Stone, op. cit., 20.", 3),
    ]


def test_notes_of_a_law_review():
    works, shorts = read(
        "1 Oliver Wendell Holmes, The Path of the Law, 10 Harv. L. Rev. 457, 461 (1897).",
        "2 Ronald H. Coase, The Problem of Social Cost, 3 J.L. & Econ. 1 (1960); see also Guido Calabresi & A. Douglas",
        "Melamed, Property Rules, 85 Harv. L. Rev. 1089 (1972). But see Brown v. Board of",
        "Education, 347 U.S. 483 (1954).",
        "3 Id. at 1092.",
        "4 Holmes, supra note 1, at 461.",
        "5 Coase, supra note 2, at 42.",
    )
    assert [work.split(",")[0] for work in works] == [
        "Oliver Wendell Holmes",
        "Ronald H. Coase",
        "Guido Calabresi & A. Douglas Melamed",
    ]
    assert [position for _, position in shorts] == [3, 1, 2]


def test_german_notes():
    works, shorts = read(
        "1 Vgl. Habermas, Jürgen: Strukturwandel der Öffentlichkeit, Neuwied 1962, S. 38–45; dazu auch Koselleck,",
        "Reinhart: Kritik und Krise, Freiburg 1959, S. 12.",
        "2 Ebd., S. 47.",
        "3 Hans-Ulrich Wehler, Gesellschaftsgeschichte, Bd. 1, München 1987, S. 12 ff. – Anders dagegen Nipperdey,",
        "Thomas: Deutsche Geschichte 1800–1866. Bürgerwelt und starker Staat, München 1983, S. 5.",
        "4 Wehler (Fn. 3), S. 88.",
        "5 Nipperdey, a. a. O., S. 7. Ders.: Religion im Umbruch, München 1988, S. 9.",
        "6 Das ist unbestritten.",
        "7 Jürgen Habermas: Strukturwandel der Öffentlichkeit, Neuwied 1962, S. 99.",
    )
    assert len(works) == 5
    assert works[3].startswith("Nipperdey, Thomas: Deutsche Geschichte 1800–1866. Bürgerwelt")
    assert shorts == [("Ebd., S. 47.", 1), ("Wehler (Fn. 3), S. 88.", 3), ("Nipperdey, a. a. O., S. 7.", 4)]


@pytest.mark.parametrize(
    ("texts", "count", "meant"),
    [
        (
            (
                "1 Pierre Bourdieu, La distinction. Critique sociale du jugement, Paris, Minuit, 1979, p. 12.",
                "2 Ibid., p. 15.",
                "3 Voir aussi Michel Foucault, « Qu’est-ce qu’un auteur ? », Bulletin de philo, 63, 1969, p. 73-104.",
                "4 P. Bourdieu, La distinction, op. cit., p. 45.",
                "5 M. Foucault, art. cit., p. 80.",
            ),
            2,
            [1, 1, 2],
        ),
        (
            (
                "1. C. Ginzburg, Il formaggio e i vermi, Torino, Einaudi, 1976, p. 12.",
                "2. Ivi, p. 15.",
                "3. Cfr. B. Croce, Storia d’Italia dal 1871 al 1915, Bari, Laterza, 1928, pp. 3-10.",
                "4. Ginzburg, Il formaggio, cit., p. 20.",
            ),
            2,
            [1, 1],
        ),
        (
            (
                "1 Иванов И. И. История русской литературы. М.: Наука, 1975. С. 12.",
                "2 Там же. С. 15.",
                "3 Петров А. Б. Поэтика Чехова // Вопросы литературы. 1980. № 3. С. 45–67.",
                "4 Иванов И. И. Указ. соч. С. 20.",
            ),
            2,
            [1, 1],
        ),
        (
            (
                "1 W. Szymborska, Wiersze wybrane, Kraków 2000, s. 5.",
                "2 Tamże, s. 7.",
                "3 Por. C. Miłosz, Historia literatury polskiej, Kraków 1993, s. 12; W. Szymborska, dz. cyt., s. 9.",
            ),
            2,
            [1, 1],
        ),
        (
            (
                "1 柄谷行人『日本近代文学の起源』講談社、1980年、12頁。",
                "2 同上、15頁。",
                "3 丸山眞男『日本政治思想史研究』東京大学出版会、1952年、5頁。",
                "4 柄谷、前掲書、20頁。",
            ),
            2,
            [1, 1],
        ),
    ],
    ids=["French", "Italian", "Russian", "Polish", "Japanese"],
)
def test_notes_in_other_languages(texts, count, meant):
    works, shorts = read(*texts)
    assert len(works) == count
    assert [position for _, position in shorts] == meant


def test_ibid_after_several_works_means_none_where_no_page_tells():
    _, shorts = read(
        "1 Ann Author, The First Book (London: Press, 1990), 5; Ben Writer, The Second Book (London: Press, 1991), 9.",
        "2 Ibid.",
    )
    assert shorts == [("Ibid.", None)]


def test_a_short_form_of_nothing_known_is_kept_only_where_it_says_that_it_is_one():
    works, shorts = read("1 Weber, Economy, p. 7.", "2 Durkheim, op. cit., p. 9.")
    assert works == []
    assert shorts == [("Durkheim, op. cit., p. 9.", None)]


def test_notes_beside_a_list_lead_to_its_entries():
    listed = Reference(position=1, raw="Knuth, Donald E. 1997. The Art of Computer Programming.", year=1997)
    listed_by = (Name(family="Knuth", given="Donald E."),)
    known = Reference(position=1, raw=listed.raw, year=1997, authors=listed_by)
    works, shorts = read("1 See Knuth 1997, p. 5.", "2 Knuth, Art of Computer Programming, p. 9.", earlier=(known,))
    assert works == []
    assert [position for _, position in shorts] == [1, 1]


def test_a_list_whose_entries_point_back_is_one_of_notes():
    texts = (
        "1. Ann Author, The First Book (London: Press, 1990), 5.",
        "2. Ibid., 7.",
        "3. Ben Writer, The Second Book (London: Press, 1991), 9.",
        "4. Author, op. cit., 8.",
    )
    assert are_notes(split_entries(lines(*texts)))
    assert not are_notes(split_entries(lines(*(text for text in texts if "The" in text))))


def test_cross_references_within_a_list():
    people = [(Name(family="Müller", given="Hans"),), (Name(family="Schmidt", given="Eva"),)]
    references = [
        Reference(position=1, raw="Müller, Hans (Hrsg.) 1999: Sammelband. Berlin.", editors=people[0], year=1999),
        Reference(position=2, raw="Schmidt, Eva 1999: Beitrag. In: Müller 1999, S. 3–4.", authors=people[1], year=1999),
        Reference(position=3, raw="Schmidt, Eva 2001: Mehr. In: Maier 2000, S. 3–4.", authors=people[1], year=2001),
    ]
    assert [(one.raw, one.refers_to) for one in cross_references(references)] == [("In: Müller 1999, S. 3–4.", 1)]


@given(st.lists(st.text(alphabet="1 2.;,:()“”AaBbКкя年ibid.opct", max_size=60), max_size=12))
def test_whatever_stands_in_notes_they_are_read_without_harm(texts):
    citations = cut_notes(lines(*texts))
    full = [one.entry for one in citations if one.kind is Kind.FULL]
    settled = settle(citations, parse_entries(full))
    assert len(settled.references) == len(settled.entries) <= len(full)
    assert all(one.refers_to is None or 1 <= one.refers_to <= len(full) for one in settled.short_forms)


@pytest.mark.timeout(20)
@pytest.mark.parametrize(
    "pattern", ["van de la ", "A. ", "Aa Bb, ", "(", "“", "A. Bb, C 1, 2 (1990); ", "(a) x 1990; "]
)
def test_a_note_that_never_ends_takes_no_time(pattern):
    assert isinstance(cut_notes(lines("1 Note", *([(pattern * 40)[:120]] * 300))), list)


def test_a_raised_mark_begins_a_note_also_where_marks_before_it_were_not_read():
    texts = ("3Ann Author: Das erste Buch, Berlin 1990, S. 5.", "17Ben Writer: Das zweite Buch, Berlin 1991, S. 9.")
    plain = lines(*texts)
    raised = [replace(line, raised=((0, len(line.text) - len(line.text.lstrip("0123456789"))),)) for line in plain]
    assert len({one.entry.lines for one in cut_notes(plain)}) == 1
    assert len({one.entry.lines for one in cut_notes(raised)}) == 2


def test_a_short_form_may_lead_to_a_note_by_its_abbreviation():
    works, shorts = read(
        "1 Herbert Butterfield, The Origins of Modern Science (London: Bell, 1949), 5.",
        "2 Jean Hodge, “The Argument in the Origin,” Philosophy of Science 59, no. 3 (1992): 461–464.",
        "3 Butterfield, see n. 1.",
        "4 Hodge, see n. 2.",
    )
    assert len(works) == 2
    assert shorts == [("Butterfield, see n. 1.", 1), ("Hodge, see n. 2.", 2)]


def test_full_stops_within_the_title_of_a_collection_part_nothing():
    works, _ = read(
        "1 Immanuel Kant: Kritik der praktischen Vernunft, in: ders.: Kants Werke. Akademie Textausgabe, Bd. 5:",
        "Kritik der praktischen Vernunft. Kritik der Urtheilskraft, Berlin 1968, S. 1–163.",
    )
    assert len(works) == 1
    assert works[0].startswith("Immanuel Kant")
    assert "Berlin 1968" in works[0]
