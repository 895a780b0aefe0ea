"""What the exports write, read back by the libraries that others read them with."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace

import bibtexparser
import pytest
import rispy
from hypothesis import given, settings
from hypothesis import strategies as st

from dl_lit.core.model import Name, Notice, NoticeKind, RelationKind, Work, WorkType
from dl_lit.core.reasons import Reason
from dl_lit.exports.bibtex import Dialect, bibtex
from dl_lit.exports.csl_json import csl_json
from dl_lit.exports.csv_table import COLUMNS, csv_table
from dl_lit.exports.file_field import file_field, file_paths
from dl_lit.exports.jsonl import SCHEMA, jsonl
from dl_lit.exports.latex.encoding import escape_specials, to_latex
from dl_lit.exports.latex.titles import title as title_field
from dl_lit.exports.read_bibtex import read_bibtex
from dl_lit.exports.read_ris import read_ris
from dl_lit.exports.record import ExportRecord, ItemState, Relative, one_line
from dl_lit.exports.ris import ris
from dl_lit.exports.standing import is_withdrawn, standing

WORK = Work(
    title="The role of DNA in Arabidopsis & friends: 50 % of it",
    type=WorkType.ARTICLE_JOURNAL,
    authors=(Name("van der Müller", "Émile"), Name(literal="Open Science and Co")),
    editors=(Name("Łukasz", "Ida"),),
    year=2019,
    container_title="Nature & Co",
    publisher="Søn Press",
    volume="3",
    issue="4",
    pages="12-19",
    doi="10.1234/a_b(c)d",
    arxiv_id="1706.03762",
    pmid="12345",
    isbn="9783161484100",
    url="https://example.org/?a=1&b=%20",
    language="en",
)


def record(work: Work = WORK, key: str = "Mueller2019", **more) -> ExportRecord:
    return ExportRecord(key=key, work=work, state=ItemState.DOWNLOADED, reason=Reason.OK, **more)


printable = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc", "Co", "Cn")), min_size=1, max_size=60)
titles = printable.filter(one_line)


@pytest.mark.parametrize("dialect", Dialect)
def test_bibtex_reads_back_as_the_same_work(dialect) -> None:
    read = read_bibtex("".join(bibtex([record(file="pdf/Müller; 2019: $a_b.pdf")], dialect)))
    assert read.problems == ()
    [entry] = read.entries
    reference = entry.reference
    assert entry.key == "Mueller2019"
    assert entry.files == ("pdf/Müller; 2019: $a_b.pdf",)
    names = (
        "title",
        "authors",
        "editors",
        "year",
        "volume",
        "issue",
        "pages",
        "doi",
        "arxiv_id",
        "pmid",
        "isbn",
        "url",
    )
    for name in (*names, "container_title", "publisher"):
        assert getattr(reference, name) == getattr(WORK, name), name


def test_classic_bibtex_is_ascii_wherever_latex_has_a_command() -> None:
    text = "".join(bibtex([record()]))
    assert text.isascii()
    assert r"{\'E}mile" in text
    assert "{DNA}" in text
    assert "{Open Science and Co}" in text


def test_biblatex_keeps_unicode_and_uses_its_own_fields() -> None:
    text = "".join(bibtex([record()], Dialect.BIBLATEX))
    for piece in ("van der Müller, Émile", "journaltitle = {Nature \\& Co}", "date = {2019}", "langid = {english}"):
        assert piece in text


@settings(max_examples=150, deadline=None)
@given(st.lists(titles, min_size=1, max_size=4), st.sampled_from(Dialect))
def test_no_title_breaks_the_bib_file(texts, dialect) -> None:
    """Whatever the titles hold, the file has as many entries as records and no syntax error."""
    records = [record(Work(title=text, authors=(Name(text),)), key=f"k{i}") for i, text in enumerate(texts)]
    library = bibtexparser.parse_string("".join(bibtex(records, dialect)))
    assert [entry.key for entry in library.entries] == [f"k{i}" for i in range(len(texts))]
    assert library.failed_blocks == []


@settings(max_examples=150, deadline=None)
@given(printable.filter(lambda text: not set("{}") & set(text) and text.strip() == text))
def test_file_field_reads_back_whatever_the_path(path) -> None:
    field = file_field(path)
    assert field is not None
    assert list(file_paths(field)) == [path]


def test_a_path_with_braces_is_said_in_a_comment_instead() -> None:
    text = "".join(bibtex([record(file="a{b.pdf")]))
    assert "file =" not in text
    assert text.startswith("% Mueller2019: its file has a name that no .bib file can hold: a%7Bb.pdf")


@pytest.mark.parametrize(
    ("title", "protected"),
    [
        ("Attention is all you need for BERT", "Attention is all you need for {BERT}"),
        ("Deep Learning for mRNA in Practice", "Deep Learning for {mRNA} in Practice"),
        ("Growth of Arabidopsis: A review", "Growth of {Arabidopsis}: A review"),
        ("Zur Syntax im Deutschen", "Zur {Syntax} im {Deutschen}"),
        ("A plain title", "A plain title"),
        ("(DNA) repair", "({DNA}) repair"),
    ],
)
def test_braces_go_round_single_words_only(title, protected) -> None:
    assert title_field(title, escape_specials) == protected


def test_accents_are_held_together_by_braces() -> None:
    """Otherwise BibTeX takes the backslash for the initial of Émile."""
    assert to_latex("Émile Erdős čü") == r"{\'E}mile Erd{\H{o}}s {\v{c}}{\"u}"


def test_a_retracted_work_says_so_in_every_format() -> None:
    retracted = record(Work(title="Bad science", is_retracted=True))
    for export in (bibtex, ris, csl_json, csv_table):
        assert "Retracted publication" in "".join(export([retracted]))


WITHDRAWN = Notice(kind=NoticeKind.RETRACTION, doi="10.1/notice", date="2013-11-28", source="crossref")
DOUBTED = Notice(kind=NoticeKind.CONCERN, date="2012")
CORRECTED = Notice(kind=NoticeKind.CORRECTION, doi="10.1/erratum")


def test_a_notice_is_told_with_kind_and_date_in_every_format_the_gravest_first() -> None:
    doubtful = record(Work(title="Bad science", is_retracted=True, notices=(CORRECTED, DOUBTED, WITHDRAWN)))
    for export in (bibtex, ris, csl_json, csv_table, jsonl):
        text = "".join(export([doubtful]))
        told = [text.index(said) for said in ("Retracted: 2013-11-28", "Expression of concern: 2012", "Corrected: ")]
        assert told == sorted(told)
    assert "note = {Retracted: 2013-11-28, doi:10.1/notice; " in "".join(bibtex([doubtful]))


def test_corrections_and_concerns_are_no_retractions() -> None:
    work = Work(title="Fair science", notices=(DOUBTED, CORRECTED))
    assert standing(work) == ("Expression of concern: 2012", "Corrected: doi:10.1/erratum")
    assert not is_withdrawn(work)
    assert is_withdrawn(Work(title="Bad", notices=(WITHDRAWN,)))
    assert "Retract" not in "".join(bibtex([record(work)]))


def test_many_corrections_are_counted() -> None:
    many = tuple(Notice(kind=NoticeKind.CORRECTION, date=f"20{n}") for n in (13, 11, 12, 14))
    assert standing(Work(title="Much mended", notices=many)) == ("Corrected 4 times, last: 2014",)
    assert standing(Work(title="As ever")) == ()
    removal = Notice(kind=NoticeKind.REMOVAL, source="openlibrary")
    assert standing(Work(title="Odd", notices=(removal,))) == ("Removed: as openlibrary says",)


def test_a_flag_that_nobody_confirmed_retracts_nothing() -> None:
    """What OpenAlex alone says, and Crossref could not be asked about, is told as what it is."""
    flag = Notice(kind=NoticeKind.RETRACTION, source="openalex")
    flagged = Work(title="Flagged", notices=(flag,))
    assert standing(flagged) == ("Perhaps retracted: as openalex says, not confirmed",)
    assert not is_withdrawn(flagged)
    believed = Work(title="Believed", notices=(flag,), is_retracted=True)
    assert standing(believed) == ("Retracted: as openalex says",)
    assert is_withdrawn(believed)


def test_other_versions_and_translations_are_named_in_every_format() -> None:
    relative = Relative(
        kind=RelationKind.VERSION, key="knuth1997", title="A draft", doi="10.1/draft", state=ItemState.DOWNLOADED
    )
    translated = replace(relative, kind=RelationKind.TRANSLATION, key="knuth1999", doi=None, state=ItemState.FAILED)
    one = replace(record(), relatives=(relative, translated))
    for export in (ris, csl_json, csv_table):
        text = "".join(export([one]))
        assert "Other version: knuth1997 (doi:10.1/draft), downloaded" in text
        assert "Translation: knuth1999, failed" in text
    told = json.loads("".join(jsonl([one])))["relatives"]
    assert [(other["kind"], other["key"], other["state"]) for other in told] == [
        ("version", "knuth1997", "downloaded"),
        ("translation", "knuth1999", "failed"),
    ]


def test_ris_reads_back_with_rispy_and_links_the_pdf() -> None:
    text = "".join(ris([record(file="pdf/a;b.pdf"), record(key="second")]))
    assert text.startswith("TY  - JOUR\r\n")
    first, second = rispy.loads(text)
    assert first["file_attachments1"] == "pdf/a;b.pdf"
    assert (first["start_page"], first["end_page"]) == ("12", "19")
    assert second["id"] == "second"
    reference = read_ris(text).references[0]
    assert (reference.title, reference.doi, reference.arxiv_id) == (WORK.title, WORK.doi, WORK.arxiv_id)
    assert reference.authors == WORK.authors


@settings(max_examples=100, deadline=None)
@given(st.lists(st.text(min_size=1, max_size=40).filter(one_line), min_size=1, max_size=3))
def test_no_title_adds_a_field_or_a_record_to_ris(texts) -> None:
    text = "".join(ris([record(Work(title=f"x{text}\nER  - \nTY  - BOOK")) for text in texts]))
    lines = text.split("\r\n")
    assert sum(line.startswith("TY  - ") for line in lines) == len(texts)
    assert sum(line.startswith("ER  - ") for line in lines) == len(texts)


def test_csl_json_is_one_array_of_items() -> None:
    items = json.loads("".join(csl_json([record(), record(Work(title="Bare"), key="bare")])))
    assert [item["id"] for item in items] == ["Mueller2019", "bare"]
    assert items[0]["author"] == [{"family": "van der Müller", "given": "Émile"}, {"literal": "Open Science and Co"}]
    assert items[0]["issued"] == {"date-parts": [[2019]]}
    assert items[1] == {"id": "bare", "citation-key": "bare", "type": "document", "title": "Bare"}
    assert json.loads("".join(csl_json([]))) == []


def test_csv_has_one_row_a_record_and_no_formulas() -> None:
    """A title from outside that a spreadsheet would run is made text."""
    bomb = record(Work(title='=HYPERLINK("https://evil")', authors=(Name("A", "B"),)), sources=("a.pdf", "b.pdf"))
    header, row = csv.reader(io.StringIO("".join(csv_table([bomb]))))
    cells = dict(zip(header, row, strict=True))
    assert tuple(header) == COLUMNS
    assert cells["title"] == '\'=HYPERLINK("https://evil")'
    assert (cells["authors"], cells["cited_by"], cells["reason"]) == ("A, B", "a.pdf; b.pdf", "ok")


def test_jsonl_keeps_everything() -> None:
    [line] = "".join(jsonl([record(file="a.pdf", sources=("s.pdf",), notes=("n",))])).splitlines()
    value = json.loads(line)
    assert value["schema"] == SCHEMA
    assert value["work"]["authors"][0] == {"family": "van der Müller", "given": "Émile", "literal": None}
    assert (value["file"], value["sources"], value["notes"]) == ("a.pdf", ["s.pdf"], ["n"])


@pytest.mark.parametrize("export", [bibtex, ris, csv_table, jsonl, csl_json])
def test_records_keep_their_order(export) -> None:
    text = "".join(export([record(key=f"key{i:03}") for i in range(450)]))
    places = [text.index(f"key{i:03}") for i in range(450)]
    assert places == sorted(places)


def test_what_latex_has_no_command_for_stays_without_a_word(caplog: pytest.LogCaptureFixture) -> None:
    """A Japanese title is no event for the log, nor for standard error."""
    assert to_latex("日本 é") == r"日本 {\'e}"
    assert caplog.records == []
