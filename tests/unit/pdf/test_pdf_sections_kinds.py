"""Lists of every kind are found: without headings, of chapters, in notes, in many languages; and only lists are."""

from __future__ import annotations

import pytest
import typst

from dl_lit.pdf.document import Line, Section, SectionKind
from dl_lit.pdf.engine import open_document
from dl_lit.pdf.layout import read_in_order
from dl_lit.pdf.lines.footnotes import note_starts
from dl_lit.pdf.sections import reference_sections

NAMES = ("Adorno", "Beck", "Dahrendorf", "Esser", "Habermas", "Kocka", "Luhmann", "Mayntz", "Offe", "Scharpf", "Weber")
GERMAN = (
    "Die vorliegende Untersuchung geht der Frage nach, wie sich die Verhältnisse verändert haben und welche Folgen "
    "dies für die Familien hat. Dabei zeigt sich, dass die Unterschiede nicht geringer geworden sind, sondern sich "
    "noch verstärkt haben. "
)
ENGLISH = "This is the text of the chapter that was written about the history of the matter and of those who saw it. "
WORDS = ("heute", "gestern", "morgen", "damals", "einst", "jetzt", "bald", "nie", "immer", "selten", "oft", "kaum")
TITLES = ("Soziale Systeme im Wandel", "Strukturwandel der Öffentlichkeit", "Zur Soziologie der Organisation")


def word(n: int) -> str:
    """A word of its own for every number: what is the same on several pages reads as a running head."""
    return "".join(chr(97 + (7 * n + 5 * place + n * place) % 26) for place in range(6 + n % 5))


def prose(first: int, sentences: int) -> str:
    """German text whose lines are all different."""
    return " ".join(GERMAN.replace("noch", f"{word(first + n)} noch") for n in range(sentences))


def german(count: int, first: int = 0) -> str:
    """Entries of the social sciences in German."""
    shapes = (
        "{n}, Ulrich ({y}): {t}. Frankfurt am Main: Suhrkamp.",
        "{n}, Ulrich, {y}: {t}, in: Zeitschrift für Soziologie, Jg. 3, H. 2, S. 21-38.",
        "{n}, Ulrich/Schmidt, Klaus ({y}): {t}. In: Müller, Hans (Hrsg.): Handbuch. Opladen: Verlag, S. 31–61.",
    )
    return "\n\n".join(
        shapes[number % 3].format(n=name, y=1970 + 3 * number + first, t=f"{TITLES[number % 3]} {WORDS[first]}")
        for number, name in enumerate(NAMES[:count])
    )


@pytest.fixture
def sections(tmp_path):
    """Typeset a source and find its sections."""

    def sections(source: str) -> list[Section]:
        path = tmp_path / "document.pdf"
        path.write_bytes(bytes(typst.compile(source.encode())))
        with open_document(path, max_bytes=10_000_000) as pdf:
            return reference_sections(read_in_order(pdf.read()))

    return sections


def text(section: Section) -> str:
    return " ".join(line.text for line in section.lines)


def test_a_heading_that_nobody_knows_heads_a_list(sections):
    (found,) = sections(f"= Wandel\n{GERMAN * 8}\n\n= Worauf wir uns stützen\n{german(10)}")
    assert found.heading is not None
    assert found.heading.text == "Worauf wir uns stützen"
    assert text(found).startswith("Adorno")
    assert "Scharpf" in text(found)


def test_a_list_without_heading_is_found(sections):
    (found,) = sections(f"= Wandel\n{GERMAN * 8}\n\n#v(2em)\n{german(10)}")
    assert found.heading is None
    assert text(found).startswith("Adorno")


@pytest.mark.parametrize(
    "heading",
    ["Veröffentlichungen der Abteilung Organisation", "Discussion Papers 1995", "In dieser Reihe sind erschienen"],
)
def test_what_a_series_has_published_is_no_reference(sections, heading):
    series = "\n\n".join(
        f"FS II {n} {name}, Karl: Die Lage des Landes. 199{n}, 25 S." for n, name in enumerate(NAMES[:8])
    )
    source = f"= Wandel\n{GERMAN * 8}\n= Literatur\n{german(11)}\n#pagebreak()\n= {heading}\n{series}"
    (found,) = sections(source)
    assert "FS II" not in text(found)
    assert "Weber" in text(found)


def test_a_questionnaire_after_the_list_is_not_part_of_it(sections):
    questions = "\n\n".join(
        f"{n}. Wie zufrieden waren Sie im Jahr {1990 + n}? sehr (1) gar nicht (2)" for n in range(1, 12)
    )
    source = (
        f"= Umfrage\n{GERMAN * 8}\n= Literaturhinweise\n{german(9)}\n#pagebreak()\n= Fragebogen der Studie\n{questions}"
    )
    (found,) = sections(source)
    assert "zufrieden" not in text(found)


def test_an_address_after_the_list_ends_it(sections):
    address = "Anschrift des Verfassers: Universität Bremen, 28334 Bremen."
    source = f"= Umfrage\n{GERMAN * 8}\n= Literatur\n{german(9)}\n\n{address}"
    (found,) = sections(source)
    assert "Bremen" not in text(found)


def test_lists_of_chapters_under_headings_that_nobody_knows(sections):
    chapters = [f"= {WORDS[c]}\n{prose(40 * c, 12)}\n== Genanntes und Gelesenes\n{german(8, c)}" for c in range(3)]
    found = sections("\n#pagebreak()\n".join(chapters))
    assert len(found) == 3


def test_the_remarks_of_an_annotated_bibliography_are_left_out(sections):
    entries = "\n\n".join(
        f"{name}, A. B. ({1990 + n}). _A treatise on subject {n}_. New York, NY: Free Press.\n\n"
        f"#pad(left: 2em)[This book is the best that we have. It shows how the matter was seen by those who were "
        f"there, and it will be read by students who want to know what they can do with it. The chapters are short.]"
        for n, name in enumerate(NAMES[:8])
    )
    (found,) = sections(f"= A Guide\n{ENGLISH * 12}\n= Annotated Bibliography\n{entries}")
    assert len(found.lines) == 8
    assert "best that we have" not in text(found)


def test_remarks_in_smaller_type_are_left_out_also_where_no_heading_speaks_of_them(sections):
    entries = "\n\n".join(
        f"{name}, Anna: Abhandlung über den Gegenstand Nummer {n} und die Schriften über ihn, die es gibt, "
        f"Berlin {1907 + n}.\n\n"
        f"#pad(left: 2em)[#text(size: 9pt)[Ein Eintrag mit Herausgeberin. Man beachte die Verknüpfung der Felder, die "
        f"hier zum ersten Mal gezeigt wird, und die Form der Angaben.]]"
        for n, name in enumerate(NAMES)
    )
    (found,) = sections(f"= Beispiele\n{GERMAN * 12}\n= Literatur\n{entries}")
    assert "Man beachte" not in text(found)
    assert all(name in text(found) for name in NAMES)


def test_a_syllabus_names_its_readings(sections):
    books = "\n\n".join(
        f"Thomas {name}, _The Book of {n}_ (Chicago: Press, {1980 + n})." for n, name in enumerate(NAMES[:5])
    )
    (found,) = sections(
        f"= History 101\n{ENGLISH}\n== Required Readings\n{books}\n== Grading\nIt will be given for what you did."
    )
    assert len(found.lines) == 5


def test_citing_footnotes_are_read_where_there_is_no_list(sections):
    def note(n: int) -> str:
        if n % 3 == 0:
            return f"#footnote[Ebd., S. {n}; dazu auch {word(n)} die Bemerkungen im vorigen Abschnitt.]"
        return f"#footnote[Vgl. Niklas Luhmann, {TITLES[n % 3]} {word(n)}, Frankfurt 19{60 + n}, S. {n}.]"

    source = "\n\n".join(prose(n, 1 + n * n % 3) + note(n) for n in range(1, 25))
    (found,) = sections(f"#set page(width: 150mm, height: 210mm)\n= Recht und Staat\n{source}")
    assert found.kind is SectionKind.NOTES
    assert len(note_starts(found.lines)) == 24
    assert "Untersuchung" not in text(found)


def test_footnotes_beside_a_list_are_left_alone(sections):
    body = "\n\n".join(
        ENGLISH * 2 + f"#footnote[See Max Weber, _Work {n}_ (Boston: Brown, {1960 + n}), {n}–{n + 4}.]"
        for n in range(1, 12)
    )
    works = "\n\n".join(f"Weber, Max. _Work {n}_. Boston: Brown, {1960 + n}." for n in range(1, 12))
    (found,) = sections(f"= History\n{body}\n= Bibliography\n{works}")
    assert found.kind is SectionKind.LIST
    assert len(found.lines) == 11


def test_footnotes_of_comment_are_no_references(sections):
    body = "\n\n".join(
        ENGLISH * 2 + f"#footnote[This was not seen by all who were there in {1960 + n}.]" for n in range(1, 12)
    )
    assert sections(f"= History\n{body}") == []


def test_citing_endnotes_are_notes(sections):
    shapes = (
        "See Roscoe Pound, “The Scope of Jurisprudence,” _Harvard Law Review_ 24 (1911): 591–619.",
        "Karl Llewellyn, _The Common Law_ (Boston: Brown, 1950), 3; but this was never the view of the court.",
        "Ibid., 34.",
    )
    notes = "\n\n".join(f"{n + 1}. {shapes[n % 3]}" for n in range(18))
    (found,) = sections(f"= Law\n{ENGLISH * 12}\n= Notes\n{notes}")
    assert (found.kind, found.heading and found.heading.text) == (SectionKind.NOTES, "Notes")
    assert len(note_starts(found.lines)) == 18


def printed(rows: list[str], *, page: int = 1) -> list[Line]:
    """Lines as the layout gives them, one below the other."""
    return [
        Line(row, page, 50.0, 50.0 + 6 * len(row), 780.0 - 12 * n, 790.0 - 12 * n, 10.0) for n, row in enumerate(rows)
    ]


@pytest.mark.parametrize("heading", ["参考文献", "參考文獻", "引用文献", "主要参考文献"])
def test_chinese_lists(heading):
    prose = ["本文研究了这一问题的历史和方法，并且讨论了它在实践中的应用。"] * 20
    entries = [
        f"[{n}] 王伟, 李明. 关于方法的研究[J]. 计算机学报, {2001 + n}, {n}(1): 10-20."
        if n % 2
        else f"[{n}] 张芳. 系统理论[M]. 北京: 科学出版社, {2001 + n}."
        for n in range(1, 9)
    ]
    (found,) = reference_sections(printed([*prose, heading, *entries, "附录", *prose]))
    assert [line.text for line in found.lines] == entries


@pytest.mark.parametrize("heading", ["参考文献", "引用文献", "文献"])
def test_japanese_lists(heading):
    prose = ["本論文ではこの問題の歴史と方法について述べることにする。"] * 20
    entries = [f"{name}一郎 ({2001 + n}). 方法論の研究 心理学研究, 60, 10-20." for n, name in enumerate("伊加佐鈴高田")]
    (found,) = reference_sections(printed([*prose, heading, *entries]))
    assert [line.text for line in found.lines] == entries


@pytest.mark.parametrize(
    ("heading", "entry"),
    [
        ("Список литературы", "{n}. Марков А. А. О методе {n} // Вестник МГУ. — {y}. — Т. 2. — № 1. — С. 10–20."),
        ("Piśmiennictwo", "Nowak A. ({y}), Podstawy teorii {n}, Wydawnictwo Naukowe PWN, Warszawa, s. 10–30."),
        ("Bibliografía citada", "García, J. ({y}). La historia de {n}. Madrid: Alianza Editorial, pp. 10–30."),
        ("Références citées", "Durand, P. ({y}), « Une étude {n} », Revue française de sociologie, vol. 3, p. 10-20."),
        ("Geraadpleegde literatuur", "Jansen, P. ({y}). Het boek {n}. Amsterdam: Uitgeverij Boom, blz. 10-20."),
        ("Referências bibliográficas", "SILVA, J. A história {n}. São Paulo: Editora Atlas, {y}. 200 p."),
        ("Opere citate", "Rossi M., Storia della città {n}, Torino, Einaudi, {y}, pp. 10-20."),
    ],
)
def test_lists_of_other_languages(heading, entry):
    prose = ["Lorem ipsum dolor sit amet, consectetur adipiscing elit, sed do eiusmod tempor incididunt"] * 20
    entries = [entry.format(n=n, y=1970 + n) for n in range(1, 8)]
    (found,) = reference_sections(printed([*prose, heading, *entries]))
    assert [line.text for line in found.lines] == entries


def test_a_list_goes_on_after_a_running_foot():
    prose = [ENGLISH] * 20
    entries = [f"[{n}] A. Knuth, On the matter {n}, J. Stud. {n}, 10-20 ({1970 + n})." for n in range(1, 21)]
    lines = printed(
        [*prose, "References", *entries[:10], "© 2010 The Authors and the Publishing House Ltd", *entries[10:]]
    )
    (found,) = reference_sections(lines)
    assert [line.text for line in found.lines] == entries
