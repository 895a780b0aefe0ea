"""Zotero's RDF: works with their files, notes, tags and relatives, and a collection for each PDF that cites them.

As Zotero's import reads it (its translators RDF.js and Zotero RDF.js, read 2026-11-23). A path stands in an element
that RDF itself reserves, `rdf:resource`: Zotero writes and reads it so and knows no other, but a strict parser of RDF
objects. What a collection holds is said beside each work, so that a million works need no more memory than ten.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from urllib.parse import quote
from xml.sax.saxutils import escape

from dl_lit.core.model import Name, Work, WorkType
from dl_lit.exports.record import ExportRecord, notes_of, one_line, path_as_uri
from dl_lit.exports.rich.markup import marked
from dl_lit.exports.rich.text import plain
from dl_lit.exports.tags import tags_of

RECORDS_A_PIECE = 100
NAMESPACES = {
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "z": "http://www.zotero.org/namespaces/export#",
    "dc": "http://purl.org/dc/elements/1.1/",
    "dcterms": "http://purl.org/dc/terms/",
    "bib": "http://purl.org/net/biblio#",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "link": "http://purl.org/rss/1.0/modules/link/",
    "prism": "http://prismstandard.org/namespaces/1.2/basic/",
}
ITEM_TYPES = {
    WorkType.ARTICLE_JOURNAL: "journalArticle",
    WorkType.BOOK: "book",
    WorkType.CHAPTER: "bookSection",
    WorkType.PAPER_CONFERENCE: "conferencePaper",
    WorkType.THESIS: "thesis",
    WorkType.REPORT: "report",
    WorkType.ARTICLE: "preprint",
    WorkType.DATASET: "dataset",
    WorkType.SOFTWARE: "computerProgram",
    WorkType.WEBPAGE: "webpage",
    WorkType.DOCUMENT: "document",
}
_ELEMENTS = {
    WorkType.ARTICLE_JOURNAL: "bib:Article",
    WorkType.BOOK: "bib:Book",
    WorkType.CHAPTER: "bib:BookSection",
    WorkType.THESIS: "bib:Thesis",
    WorkType.REPORT: "bib:Report",
    WorkType.SOFTWARE: "bib:Data",
    WorkType.WEBPAGE: "bib:Document",
}
_CONTAINERS = {
    WorkType.ARTICLE_JOURNAL: "bib:Journal",
    WorkType.BOOK: "bib:Series",
    WorkType.CHAPTER: "bib:Book",
    WorkType.PAPER_CONFERENCE: "bib:Journal",
    WorkType.WEBPAGE: "z:Website",
}
_NO_XML = {0xFFFE: None, 0xFFFF: None}  # not allowed in XML 1.0, however they are written


def zotero_rdf(records: Iterable[ExportRecord]) -> Iterator[str]:
    """The records as pieces of an RDF file, in their order; at the end the names of the collections."""
    spaces = "".join(f'\n xmlns:{prefix}="{address}"' for prefix, address in NAMESPACES.items())
    gathered = [f'<?xml version="1.0" encoding="UTF-8"?>\n<rdf:RDF{spaces}>\n']
    collections: dict[str, int] = {}
    for record in records:
        gathered += _item(record)
        for source in record.sources:
            number = collections.setdefault(source, len(collections) + 1)
            part = f'<dcterms:hasPart rdf:resource="{_uri("item", record.key)}"/>'
            gathered.append(f'<rdf:Description rdf:about="#collection_{number}">{part}</rdf:Description>\n')
        if len(gathered) >= RECORDS_A_PIECE:
            yield "".join(gathered)
            gathered.clear()
    for name, number in collections.items():
        about = f'rdf:about="#collection_{number}"'
        gathered.append(f"<z:Collection {about}>{_element('dc:title', name)}</z:Collection>\n")
    yield "".join([*gathered, "</rdf:RDF>\n"])


def _item(record: ExportRecord) -> Iterator[str]:
    """The work, and beside it its note and its file."""
    element = _ELEMENTS.get(record.work.type, "rdf:Description")
    yield f'<{element} rdf:about="{_uri("item", record.key)}">\n'
    yield from (f" {line}\n" for line in _properties(record) if line)
    yield f"</{element}>\n"
    if notes := notes_of(record):
        text = "".join(f"<p>{escape(note)}</p>" for note in notes)
        yield f'<bib:Memo rdf:about="{_uri("note", record.key)}">{_element("rdf:value", text)}</bib:Memo>\n'
    if record.file:
        yield f'<z:Attachment rdf:about="{_uri("file", record.key)}">\n'
        yield " <z:itemType>attachment</z:itemType>\n"
        yield f' <rdf:resource rdf:resource="{path_as_uri(record.file)}"/>\n'
        yield " <dc:title>Full Text PDF</dc:title>\n <link:type>application/pdf</link:type>\n</z:Attachment>\n"


def _properties(record: ExportRecord) -> Iterator[str]:
    work = record.work
    yield _element("z:itemType", ITEM_TYPES[work.type])
    yield from _container(work)
    if work.publisher:
        organization = f"<foaf:Organization>{_element('foaf:name', plain(work.publisher))}</foaf:Organization>"
        yield f"<dc:publisher>{organization}</dc:publisher>"
    yield _people("bib:authors", work.authors)
    yield _people("bib:editors", work.editors)
    yield from (_resource("link:link", "file", record.key) for _ in filter(None, [record.file]))
    yield from (_resource("dcterms:isReferencedBy", "note", record.key) for _ in notes_of(record)[:1])
    yield from (_resource("dc:relation", "item", other.key) for other in record.relatives)
    for tag in tags_of(record):
        yield f"<dc:subject><z:AutomaticTag>{_element('rdf:value', tag)}</z:AutomaticTag></dc:subject>"
    yield _element("dc:title", marked(work.title))
    yield _element("dcterms:abstract", plain(work.abstract or ""))
    yield _element("dc:date", str(work.year or ""))
    yield _element("bib:pages", plain(work.pages or ""))
    yield _element("dc:language", work.language or "")
    yield _element("dc:identifier", f"DOI {work.doi}" if work.doi else "")
    yield _element("dc:identifier", f"ISBN {work.isbn}" if work.isbn else "")
    if work.url:
        yield f"<dc:identifier><dcterms:URI>{_element('rdf:value', work.url)}</dcterms:URI></dc:identifier>"
    if work.type is WorkType.ARTICLE and work.arxiv_id:
        yield _element("z:repository", "arXiv")
        yield _element("z:archiveID", f"arXiv:{work.arxiv_id}")
    yield _element("z:extra", "\n".join(extra_lines(record)))


def _container(work: Work) -> Iterator[str]:
    """What the work is part of, with volume and issue; beside the work where Zotero has no element for it."""
    kind = _CONTAINERS.get(work.type)
    numbers = _element("prism:volume", plain(work.volume or "")) + _element("prism:number", plain(work.issue or ""))
    name = marked(work.container_title or "")
    if kind is None or not name:
        yield from (_element("dc:source", name), numbers)
    elif work.type is WorkType.BOOK:  # a series' numbers would be read as its own
        yield from (f"<dcterms:isPartOf><{kind}>{_element('dc:title', name)}</{kind}></dcterms:isPartOf>", numbers)
    else:
        yield f"<dcterms:isPartOf><{kind}>{_element('dc:title', name)}{numbers}</{kind}></dcterms:isPartOf>"


def extra_lines(record: ExportRecord) -> Iterator[str]:
    """What Zotero has no field for, in the lines that it and Better BibTeX understand."""
    work = record.work
    yield f"Citation Key: {one_line(record.key)}"
    yield from (f"PMID: {one_line(pmid)}" for pmid in filter(None, [work.pmid]))
    yield from (f"PMCID: {one_line(pmcid)}" for pmcid in filter(None, [work.pmcid]))
    if work.arxiv_id and work.type is not WorkType.ARTICLE:
        yield f"arXiv: {one_line(work.arxiv_id)}"


def _people(element: str, names: tuple[Name, ...]) -> str:
    """A body is a surname alone, which Zotero shows as one field."""
    persons = "".join(_person(*_parts(name)) for name in names)
    return f"<{element}><rdf:Seq>{persons}</rdf:Seq></{element}>" if persons else ""


def _person(surname: str, given: str) -> str:
    if not surname:
        return ""
    person = _element("foaf:surname", surname) + _element("foaf:givenName", given)
    return f"<rdf:li><foaf:Person>{person}</foaf:Person></rdf:li>"


def _parts(name: Name) -> tuple[str, str]:
    family, given = plain(name.sort_key), plain(name.given or "")
    return (family, given) if family else (given, "")


def _resource(element: str, kind: str, key: str) -> str:
    return f'<{element} rdf:resource="{_uri(kind, key)}"/>'


def _uri(kind: str, key: str) -> str:
    return f"#{kind}_{quote(key, safe='', errors='replace')}"


def _element(name: str, text: str) -> str:
    """An element with `text`; nothing for nothing."""
    shown = "\n".join(map(one_line, text.split("\n"))).translate(_NO_XML)
    return f"<{name}>{escape(shown)}</{name}>" if shown.strip() else ""
