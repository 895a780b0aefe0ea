"""Reading .bib and .ris files: all that can be read is, and all that cannot is said with its line."""

from __future__ import annotations

import random

import pytest

from dl_lit.core.model import Name, WorkType
from dl_lit.exports.read_bib import decode, read_bib

BIB = rb"""% a remark
@string{nat = "Nature"}
@article{a, title={Deep {DNA} M\"uller $x^2$ \& co}, author={van der M{\"u}ller, J. and {Open Science} and Smith, John
  and others}, year=2015, journal=nat, pages={12--19}, file={:C\:\\papers\\a.pdf:PDF;notes.pdf}}
@article{a, title={Second}, date={2016-05-01}, doi={https://doi.org/10.1234/ABC}}
@book{b, title={Broken, year={2000}
@misc{c, title = {Twice}, title={Other}, eprint={1706.03762v2}, archiveprefix={arXiv}}
@phdthesis{e, title={Spilled}}, year={1}}
@misc{f, year=1999}
@misc{g, title="A # " # nat # {, {B}}}
"""


def test_every_readable_entry_is_read_with_its_line_and_place() -> None:
    entries = read_bib(BIB).entries
    assert [(e.key, e.line, e.reference.position) for e in entries] == [
        ("a", 3, 1),
        ("a", 5, 2),
        ("c", 7, 4),
        ("e", 8, 5),
        ("f", 9, 6),
        ("g", 10, 7),
    ]


def test_fields_come_in_unicode_and_in_one_form() -> None:
    first, second, third, *_ = read_bib(BIB).entries
    reference = first.reference
    assert reference.title == "Deep DNA Müller $x^2$ & co"
    assert reference.authors == (Name("van der Müller", "J."), Name(literal="Open Science"), Name("Smith", "John"))
    assert (reference.container_title, reference.year, reference.pages) == ("Nature", 2015, "12-19")
    assert first.files == (r"C:\papers\a.pdf", "notes.pdf")
    assert (second.reference.year, second.reference.doi) == (2016, "10.1234/abc")
    assert (third.reference.title, third.reference.arxiv_id, third.reference.type) == (
        "Twice",
        "1706.03762",
        WorkType.ARTICLE,
    )
    assert "Deep DNA" in reference.raw


def test_macros_and_joined_parts_are_put_together() -> None:
    assert read_bib(BIB).references[-1].title == "A # Nature, B"


def test_every_problem_is_told_with_its_line() -> None:
    problems = [(problem.line, problem.is_entry_lost) for problem in read_bib(BIB).problems]
    assert problems == [(5, False), (6, True), (7, False), (8, False), (9, False)]
    texts = [problem.message for problem in read_bib(BIB).problems]
    assert "occurs twice" in texts[0]
    assert "no title" in texts[-1]
    assert all(texts)


@pytest.mark.parametrize(
    "broken", [b"@article{title={x}, year=2000}", b"@article{k, title={x}\n", b"@article{k title={x}}"]
)
def test_a_broken_entry_alone_is_a_problem_and_no_crash(broken) -> None:
    read = read_bib(broken)
    assert read.entries == ()
    assert read.problems[0].line == 1
    assert read.problems[0].is_entry_lost


RIS = """\ufeffAU  - Stray
TY  - JOUR
TI  - One
AU  - Müller, Émile
AU  - UNESCO
PY  - 2010/05//
SP  - 1
EP  - 9
L1  - a.pdf
L1  - b.pdf
UR  - https://arxiv.org/abs/1706.03762v1
TY  - CHAP
T1  - Two
T2  - Book
A2  - Ed, Ann
SN  - 978-3-16-148410-0
ER  -

TY  - THES
PY  - 1999"""


def test_ris_records_are_read_even_when_cut_short() -> None:
    one, two, three = read_bib(RIS.encode()).entries
    assert (one.reference.title, one.reference.year, one.reference.pages) == ("One", 2010, "1-9")
    assert one.reference.authors == (Name("Müller", "Émile"), Name(literal="UNESCO"))
    assert (one.files, one.reference.arxiv_id) == (("a.pdf", "b.pdf"), "1706.03762")
    assert (two.reference.type, two.reference.isbn, two.line) == (WorkType.CHAPTER, "9783161484100", 12)
    assert two.reference.editors == (Name("Ed", "Ann"),)
    assert (three.reference.title, three.reference.type) == (None, WorkType.THESIS)


def test_ris_problems_have_lines() -> None:
    problems = [(problem.line, problem.is_entry_lost) for problem in read_bib(RIS.encode()).problems]
    assert problems == [(1, True), (2, False), (19, False), (19, False)]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_files_of_old_programs_are_decoded(encoding) -> None:
    assert decode("Müller – 5 €".encode(encoding)) == "Müller – 5 €"


def test_a_tag_of_ris_inside_a_bibtex_file_changes_nothing() -> None:
    """A .bib whose abstract quotes RIS is still a .bib."""
    read = read_bib(b"@article{a, title={One},\n note={\nTY  - JOUR\nER  - \n}}\n@article{b, title={Two}}\n")
    assert [entry.key for entry in read.entries] == ["a", "b"]


def test_an_empty_file_has_no_entries_and_no_problems() -> None:
    assert read_bib(b"") == read_bib(b"just a remark\n")
    assert read_bib(b"").references == []


@pytest.mark.parametrize(
    "content",
    [
        b"RIFF\x9e\x01\x00\x00WEBP" + bytes(range(256)) * 40 + b"\n@x{y,\n title={\x00\x01}}\n",
        b"SQLite format 3\x00" + b"\x00\x10" * 500 + b"@article{a, title={A row of a table}}",
        random.Random(9).randbytes(40_000) + b"\n@article{a, title={Chance}}\n",
    ],
)
def test_a_file_that_is_no_text_brings_nothing_and_one_problem(content: bytes) -> None:
    """A picture or a database has bytes that look like entries: nobody should have rubbish looked for."""
    read = read_bib(content)
    assert read.entries == ()
    assert [(problem.line, problem.is_entry_lost) for problem in read.problems] == [(1, True)]
    assert "no text" in read.problems[0].message


def test_a_few_stray_control_characters_do_no_harm() -> None:
    read = read_bib(b"@article{a, title={A\x00B \x1b[31mred\x07}}\n\x1a")
    assert [entry.key for entry in read.entries] == ["a"]


def test_what_breaks_the_syntax_is_told_once_and_not_by_the_parser_as_well(caplog: pytest.LogCaptureFixture) -> None:
    """The problem is what people see; a line of the parser's own beside it has another number for the same line."""
    assert read_bib(b"@article{k title={x}}").problems
    assert caplog.records == []
