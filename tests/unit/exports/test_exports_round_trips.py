"""For all texts: what an export writes is read back as it was, by our own readers and by XML's."""

from __future__ import annotations

import unicodedata
from xml.etree import ElementTree as ET  # we read what we wrote

from hypothesis import given, settings
from hypothesis import strategies as st

from dl_lit.core.model import Name, Work, WorkType
from dl_lit.exports.bibtex import Dialect, bibtex
from dl_lit.exports.csl_json import csl_json
from dl_lit.exports.latex.decoding import decoded
from dl_lit.exports.latex.encoding import escape_specials, to_latex
from dl_lit.exports.latex.letters import LETTERS, MATHS, accented
from dl_lit.exports.read_bib import read_bib
from dl_lit.exports.record import ExportRecord, ItemState, one_line, sortable_name
from dl_lit.exports.rich.markup import marked
from dl_lit.exports.rich.text import plain
from dl_lit.exports.ris import ris
from dl_lit.exports.zotero_rdf import NAMESPACES, zotero_rdf

TOKENS = [
    "<i>", "</i>", "<sub>", "</sub>", "<mml:math>", "</mml:math>", "<h>", "$", "$x^2$", "\\alpha", "{", "}", "-", "–",
    "''", "`", "“", "&amp;", "&", "é", "e\u0301", "α", "’", "a", "DNA", " ", "\\", "~", "^", "<", ">", "|", "?", "!",
    ",", "@", "%", "#", "_", '"', "=", "and", "\n", "ﬁ", "日本", "\\documentclass", "ER  - ", "TY  - ",
]  # fmt: skip
anything = st.one_of(st.text(max_size=60), st.lists(st.sampled_from(TOKENS), max_size=14).map("".join))
titles = anything.filter(plain)
words = st.text(st.characters(categories=("L", "M", "N", "P", "S", "Zs")), min_size=1, max_size=20)
parts = words.filter(lambda text: plain(text) == text and "," not in text)


def record(title: str = "A title", **more: object) -> ExportRecord:
    work = Work(title=title, type=WorkType.ARTICLE_JOURNAL, **more)  # type: ignore[arg-type]
    return ExportRecord(key="k", work=work, state=ItemState.DOWNLOADED)


def composed(text: str | None) -> str:
    return unicodedata.normalize("NFC", text or "")


@settings(max_examples=60, deadline=None)
@given(titles, st.sampled_from(Dialect))
def test_every_title_comes_back_from_a_bib_file(title: str, dialect: Dialect) -> None:
    read = read_bib("".join(bibtex([record(title, container_title=title, publisher=title)], dialect)).encode())
    [reference] = read.references
    assert read.problems == ()
    for value in (reference.title, reference.container_title, reference.publisher):
        assert composed(value) == composed(plain(title))


@settings(max_examples=60, deadline=None)
@given(anything)
def test_every_text_comes_back_from_latex(text: str) -> None:
    text = one_line(text)
    assert composed(decoded(to_latex(text))) == composed(text)
    assert decoded(escape_specials(text)) == text


@settings(max_examples=60, deadline=None)
@given(titles)
def test_every_title_comes_back_from_ris_and_csl_json(title: str) -> None:
    for form in (ris, csl_json):
        read = read_bib("".join(form([record(title)])).encode())
        assert read.problems == ()
        assert plain(read.references[0].title or "") == plain(plain(title)), form


@settings(max_examples=60, deadline=None)
@given(titles, anything)
def test_every_title_comes_back_from_rdf(title: str, abstract: str) -> None:
    tree = ET.fromstring("".join(zotero_rdf([record(title, abstract=abstract)])))
    dropped = str.maketrans("", "", "\ufffe\uffff")
    assert tree.findtext(".//dc:title", "", NAMESPACES) == one_line(marked(title).translate(dropped))
    assert tree.findtext(".//dcterms:abstract", "", NAMESPACES) == one_line(plain(abstract).translate(dropped))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.builds(Name, parts, parts), min_size=1, max_size=4), st.sampled_from(Dialect))
def test_every_name_comes_back(people: list[Name], dialect: Dialect) -> None:
    for form in (lambda records: bibtex(records, dialect), ris, csl_json):
        [reference] = read_bib("".join(form([record(authors=tuple(people))])).encode()).references
        shown = [composed(sortable_name(name)) for name in people]
        assert [composed(sortable_name(name)) for name in reference.authors] == shown


def test_every_letter_that_has_a_command_is_read_again() -> None:
    for sign in (*LETTERS, *MATHS, *accented(), "–", "—", "“", "”"):
        assert decoded(to_latex(sign)) == sign
        assert decoded(to_latex(f"a{sign}b")) == f"a{sign}b"
