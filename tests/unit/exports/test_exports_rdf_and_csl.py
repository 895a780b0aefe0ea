"""Zotero's RDF as Zotero wants it, and CSL-JSON as others write it."""

from __future__ import annotations

import json
from xml.etree import ElementTree as ET  # we read what we wrote

import pytest

from dl_lit.core.model import Name, RelationKind, Work, WorkType
from dl_lit.exports.read_bib import read_bib
from dl_lit.exports.read_csl_json import read_csl_json
from dl_lit.exports.record import ExportRecord, ItemState, Relative
from dl_lit.exports.zotero_rdf import NAMESPACES, zotero_rdf

RESOURCE = f"{{{NAMESPACES['rdf']}}}resource"
ABOUT = f"{{{NAMESPACES['rdf']}}}about"


def rdf(*records: ExportRecord) -> ET.Element:
    return ET.fromstring("".join(zotero_rdf(records)))


def record(key: str = "a b", **more: object) -> ExportRecord:
    work = Work(
        title="On <i>x</i> & y",
        type=WorkType.ARTICLE_JOURNAL,
        authors=(Name("Müller", "É."), Name(literal="A <b> Body")),
        container_title="Nature",
        volume="3",
        doi="10.1/x",
        pmid="7",
        url="https://example.org/?a=1&b=2",
        is_retracted=True,
    )
    return ExportRecord(key=key, work=work, state=ItemState.DOWNLOADED, **more)  # type: ignore[arg-type]


def test_an_item_has_what_zotero_reads() -> None:
    relative = Relative(kind=RelationKind.VERSION, key="other", title="", doi=None, state=ItemState.WAITING)
    tree = rdf(record(file="pdf/ä #1: 100%.pdf", sources=("s.pdf", "t & u.pdf"), relatives=(relative,)))
    [item] = tree.findall("bib:Article", NAMESPACES)
    assert item.attrib[ABOUT] == "#item_a%20b"
    assert item.findtext("z:itemType", "", NAMESPACES) == "journalArticle"
    assert item.findtext("dc:title", "", NAMESPACES) == "On <i>x</i> & y"
    assert item.findtext("dcterms:isPartOf/bib:Journal/prism:volume", "", NAMESPACES) == "3"
    surnames = [one.text for one in item.findall("bib:authors/rdf:Seq/rdf:li/foaf:Person/foaf:surname", NAMESPACES)]
    assert surnames == ["Müller", "A <b> Body"]
    tags = [one.text for one in item.findall("dc:subject/z:AutomaticTag/rdf:value", NAMESPACES)]
    assert tags == ["dl-lit: downloaded", "retracted"]
    assert [one.attrib[RESOURCE] for one in item.findall("dc:relation", NAMESPACES)] == ["#item_other"]
    assert item.findtext("z:extra", "", NAMESPACES).split("\n") == ["Citation Key: a b", "PMID: 7"]
    [attachment] = tree.findall("z:Attachment", NAMESPACES)
    assert attachment.attrib[ABOUT] == item.find("link:link", NAMESPACES).attrib[RESOURCE]  # type: ignore[union-attr]
    assert attachment.find("rdf:resource", NAMESPACES).attrib == {RESOURCE: "pdf/%C3%A4%20%231%3A%20100%25.pdf"}  # type: ignore[union-attr]
    assert attachment.findtext("link:type", "", NAMESPACES) == "application/pdf"
    [note] = tree.findall("bib:Memo", NAMESPACES)
    assert "Retracted" in note.findtext("rdf:value", "", NAMESPACES)


def test_each_source_is_a_collection_of_what_it_cites() -> None:
    tree = rdf(record("one", sources=("s.pdf",)), record("two", sources=("s.pdf", "t.pdf")))
    names = {
        one.attrib[ABOUT]: one.findtext("dc:title", "", NAMESPACES) for one in tree.findall("z:Collection", NAMESPACES)
    }
    members = [
        (names[one.attrib[ABOUT]], part.attrib[RESOURCE])
        for one in tree.findall("rdf:Description", NAMESPACES)
        for part in one.findall("dcterms:hasPart", NAMESPACES)
    ]
    assert members == [("s.pdf", "#item_one"), ("s.pdf", "#item_two"), ("t.pdf", "#item_two")]


def test_an_export_of_nothing_is_a_document() -> None:
    assert list(rdf()) == []


CSL = """[
 {"id": "a", "type": "article-journal", "title": "On <i>x</i> &amp; y", "DOI": "https://doi.org/10.1234/ABC",
  "author": [{"non-dropping-particle": "van", "family": "Berg", "given": "J.", "suffix": "Jr."}, {"literal": "WHO"}],
  "issued": {"date-parts": [["2019", 5]]}, "container-title": "Nature", "volume": 3, "page": "1–9"},
 17,
 {"id": 2, "type": "entry-encyclopedia", "issued": {"raw": "May 2001"}, "note": "PMID: 123\\nx"},
 {"id": "c", "type": "manuscript", "title": "C", "archive": "arXiv", "archive_location": "1706.03762v1",
  "ISBN": "978-3-16-148410-0 3-16-148410-0"},
 {"id": "broken", "title": "D
"""


def test_items_are_read_with_their_lines_and_what_is_wrong_is_told() -> None:
    read = read_bib(CSL.encode())
    assert [(one.key, one.line, one.reference.position) for one in read.entries] == [
        ("a", 2, 1),
        ("2", 6, 3),
        ("c", 7, 4),
    ]
    first, second, third = read.references
    assert (first.title, first.doi, first.year) == ("On x & y", "10.1234/abc", 2019)
    assert first.authors == (Name("van Berg Jr.", "J."), Name(literal="WHO"))
    assert (first.container_title, first.volume, first.pages) == ("Nature", "3", "1-9")
    assert (second.type, second.year, second.pmid) == (WorkType.CHAPTER, 2001, "123")
    assert (third.type, third.arxiv_id, third.isbn) == (WorkType.ARTICLE, "1706.03762", "9783161484100")
    assert [(one.line, one.is_entry_lost) for one in read.problems] == [(5, True), (6, False), (9, True)]


@pytest.mark.parametrize("wrapped", ['{"references": %s}', '{"items": %s}', "%s"])
def test_an_array_may_stand_in_an_object(wrapped: str) -> None:
    items = json.dumps([{"id": "a", "title": "T"}, {"id": "b", "title": "U"}])
    assert [one.key for one in read_csl_json(wrapped % items).entries] == ["a", "b"]


@pytest.mark.parametrize("odd", ["[", "[1", "{", "{}", "[[]]", "[" * 100_000, '[{"title": {"x": 1}, "author": 3}]', ""])
def test_what_is_no_csl_json_is_said_and_nothing_breaks(odd: str) -> None:
    read = read_csl_json(odd)
    assert all(one.reference.title is None for one in read.entries)
    assert read.problems or not odd


def test_of_a_book_in_ris_the_editors_are_its_own() -> None:
    read = read_bib(b"TY  - BOOK\nTI  - T\nA2  - Series, Ed\nA3  - Own, Ed\nER  - \n")
    assert read.references[0].editors == (Name("Own", "Ed"),)
