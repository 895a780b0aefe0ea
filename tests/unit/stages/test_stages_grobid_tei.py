"""GROBID's TEI read right, and everything that is none refused."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dl_lit.core.errors import ServiceError
from dl_lit.core.model import Name, Reference, WorkType
from dl_lit.core.reasons import Reason
from stages.grobid import tei
from stages.grobid.tei import parse
from tests.fakes.service_calls import fixture

RECORDED = Path(__file__).parents[4] / "shared" / "recorded" / "grobid"
BOMB = b"""<?xml version="1.0"?>
<!DOCTYPE TEI [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;">]>
<TEI xmlns="http://www.tei-c.org/ns/1.0"><text>&c;</text></TEI>"""


def outcome(body: bytes) -> tuple[Reference, ...] | Reason:
    """What is read, or the reason why nothing is."""
    try:
        return parse(body)
    except ServiceError as error:
        return error.reason


def test_articles_papers_books_and_theses_are_told_apart() -> None:
    article, paper, book, thesis = parse(fixture("grobid", "list.xml"))
    assert [one.type for one in (article, paper, book, thesis)] == [
        WorkType.ARTICLE_JOURNAL,
        WorkType.PAPER_CONFERENCE,
        WorkType.BOOK,
        WorkType.THESIS,
    ]


def test_every_field_of_an_article_is_read() -> None:
    article = parse(fixture("grobid", "list.xml"))[0]
    assert article.title == "Spring tides and the sorting of gravel on steep beaches"
    assert article.authors == (Name(family="Van Der Lee", given="Marit K"), Name(family="Öst", given="T"))
    assert (article.container_title, article.volume, article.issue) == ("Journal of Tides", "8", "2")
    assert (article.pages, article.year) == ("101-119", 2017)
    assert (article.doi, article.url) == ("10.5555/tides.2017.12", None)


def test_a_label_left_in_the_text_becomes_the_label() -> None:
    article = parse(fixture("grobid", "list.xml"))[0]
    assert article.label == "[1]"
    assert article.raw.startswith("M. K. van der Lee")


def test_books_and_their_parts_keep_editors_publishers_and_numbers() -> None:
    _, paper, book, thesis = parse(fixture("grobid", "list.xml"))
    assert (paper.title, paper.container_title) == ("Pebbles on the move", "Proceedings of the Conference on Shores")
    assert (paper.editors, paper.publisher, paper.pages) == ((Name(family="Klippe", given="E"),), "Shore Press", "77")
    assert (book.title, book.container_title) == ("A book of beaches", None)
    assert (book.isbn, book.publisher) == ("9783161484100", "Strand & Sohn")
    assert thesis.url == "https://theses.shoreline.test/watt"


def test_an_ugly_answer_yields_what_is_in_it() -> None:
    """Empty entries are left out; without a printed text one is put together; what is no identifier is none."""
    graff, body, lost, named = parse(fixture("grobid", "ugly.xml"))
    assert (graff.raw, graff.title, graff.volume, graff.pages) == (
        "Graff. Expert. Opin. Ther. Targets. 6. 113",
        None,
        "6",
        "113",
    )
    assert (body.label, body.raw) == ("(3)", "World Beach Organization. Guidelines. n.d. [1998]")
    assert (body.authors, body.year) == ((Name(literal="World Beach Organization"),), 1998)
    assert (body.doi, body.url) == (None, None)
    assert (lost.raw, lost.title) == ("something unreadable", None)
    assert (named.authors, named.title) == ((Name(literal="Cher"),), "One name only")
    assert [one.position for one in (graff, body, lost, named)] == [1, 2, 3, 4]


@pytest.mark.parametrize(
    "body",
    [
        BOMB,
        BOMB.decode().encode("utf-16"),
        b"",
        b"<html><body>Welcome</body></html>",
        b"<TEI xmlns='http://www.tei-c.org/ns/1.0'>",
        b"<listBibl/>",
        b"\xff\xfe\x00",
    ],
)
def test_what_is_no_tei_or_declares_entities_is_a_bad_answer(body: bytes) -> None:
    with pytest.raises(ServiceError) as caught:
        parse(body)
    assert caught.value.reason is Reason.BAD_ANSWER


def test_characters_that_xml_forbids_are_passed_over() -> None:
    """GROBID hands on what a damaged font left in the text."""
    body = fixture("grobid", "list.xml").replace(b"Pebbles", b"Peb\x0bb\x00les")
    assert parse(body)[1].title == "Pebbles on the move"


def test_an_answer_has_its_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tei, "MAX_ENTRIES", 3)
    with pytest.raises(ServiceError, match="more than 3 entries"):
        parse(fixture("grobid", "list.xml"))
    monkeypatch.setattr(tei, "MAX_BYTES", 10)
    with pytest.raises(ServiceError, match="over 10 bytes"):
        parse(fixture("grobid", "list.xml"))


@given(st.one_of(st.binary(max_size=80), st.text(max_size=80).map(str.encode)))
def test_garbage_is_a_bad_answer_or_nothing(body: bytes) -> None:
    assert outcome(body) in {(), Reason.BAD_ANSWER}


@pytest.mark.shared
@pytest.mark.skipif(not RECORDED.is_dir(), reason="../shared is absent")
def test_real_bodies_of_other_kinds_are_read_without_harm() -> None:
    """Patents and headers in TEI hold no reference list, or are no TEI of one paper."""
    for path in sorted((RECORDED / "raw").glob("*.xml")):
        assert outcome(path.read_bytes()) in {(), Reason.BAD_ANSWER}
