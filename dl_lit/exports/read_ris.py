"""Reads RIS. rispy reads the fields of one record at a time; the records are cut here, since it drops broken ones."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import rispy
from rispy.config import LIST_TYPE_TAGS

from dl_lit.core.identifiers import normalise_arxiv_id, normalise_doi, normalise_isbn, normalise_pmid
from dl_lit.core.model import Name, Reference, WorkType
from dl_lit.exports.imported import Imported, ImportedEntry, ImportProblem, hyphenated, printed_form, year_of
from dl_lit.exports.record import one_line
from dl_lit.exports.ris import TYPES

_TAG = re.compile(r"^\ufeff?([A-Z][A-Z0-9])  ?-(?: |$)")
_BREAK = re.compile(r"\r\n|\r|\n")
_LISTS = [*LIST_TYPE_TAGS, "L1", "L2", "L4", "ID", "A3"]
_KINDS = {tag: kind for kind, tag in TYPES.items()} | {
    "EJOUR": WorkType.ARTICLE_JOURNAL,
    "MGZN": WorkType.ARTICLE_JOURNAL,
    "NEWS": WorkType.ARTICLE_JOURNAL,
    "ABST": WorkType.ARTICLE_JOURNAL,
    "EBOOK": WorkType.BOOK,
    "EDBOOK": WorkType.BOOK,
    "ECHAP": WorkType.CHAPTER,
    "CONF": WorkType.PAPER_CONFERENCE,
    "PREPRINT": WorkType.ARTICLE,
    "BLOG": WorkType.WEBPAGE,
}
Lines = list[str]


def read_ris(text: str) -> Imported:
    """Every record of `text` in its order; what does not lie in a record, and records cut short, are problems."""
    entries: list[ImportedEntry] = []
    problems: list[ImportProblem] = []
    for position, (line, lines, complaint) in enumerate(_records(text), start=1):
        if complaint:
            lost = not _TAG.match(lines[0]) or not lines[0].lstrip("\ufeff").startswith("TY")
            problems.append(ImportProblem(line, complaint, lines[0][:80], is_entry_lost=lost))
            if lost:
                continue
        read = rispy.loads("\n".join([*lines, "ER  - ", ""]), list_tags=_LISTS)
        if not read:
            problems.append(ImportProblem(line, "the record breaks the syntax", lines[0][:80], is_entry_lost=True))
            continue
        entry = _imported(read[0], line, position)
        if entry.reference.title is None:
            problems.append(ImportProblem(line, "the record has no title", lines[0][:80], is_entry_lost=False))
        entries.append(entry)
    return Imported(tuple(entries), tuple(problems))


def _records(text: str) -> Iterator[tuple[int, Lines, str]]:
    """Each record with its first line's 1-based number and what is wrong with it; the closing tag left out."""
    start, lines = 0, Lines()
    for number, line in enumerate(_BREAK.split(text), start=1):
        match = _TAG.match(line)
        tag = match.group(1) if match else None
        if tag == "TY" and lines:
            yield start, lines, _complaint(lines, "another record begins before the end of this one (ER)")
            lines = []
        if tag == "ER":
            if lines:
                yield start, lines, _complaint(lines, "")
            lines = []
        elif lines or tag:
            start = start if lines else number
            lines.append(line)
    if lines:
        yield start, lines, _complaint(lines, "the file ends before the end of this record (ER)")


def _complaint(lines: Lines, otherwise: str) -> str:
    return otherwise if lines[0].lstrip("\ufeff").startswith("TY") else "fields stand outside of any record (no TY)"


def _imported(fields: dict[str, Any], line: int, position: int) -> ImportedEntry:
    def text(*names: str) -> str | None:
        values = (fields.get(name) for name in names)
        return next((one_line(value) for value in values if isinstance(value, str) and value.strip()), None)

    urls = [one_line(url) for url in fields.get("urls", []) if url.strip()]
    doi = normalise_doi(text("doi")) or next(filter(None, map(normalise_doi, urls)), None)
    authors = _names(fields.get("authors") or fields.get("first_authors") or [])
    title = text("title", "primary_title")
    container = text("secondary_title", "journal_name", "alternate_title3", "alternate_title2", "alternate_title1")
    volume, issue = text("volume"), text("number")
    pages = hyphenated("-".join(filter(None, (text("start_page"), text("end_page")))))
    year = year_of(text("year", "publication_year", "date"))
    address = f"https://doi.org/{doi}" if doi else next(iter(urls), None)
    numbers = ", ".join(filter(None, (volume, issue, pages)))
    reference = Reference(
        position=position,
        raw=printed_form(
            authors=authors, year=year, title=title, container=container, numbers=numbers, address=address
        ),
        type=_KINDS.get(str(fields.get("type_of_reference", "")).strip().upper(), WorkType.DOCUMENT),
        authors=authors,
        editors=_names(_editors(fields)),
        title=title,
        container_title=container,
        publisher=text("publisher"),
        year=year,
        volume=volume,
        issue=issue,
        pages=pages,
        doi=doi,
        arxiv_id=next(filter(None, map(normalise_arxiv_id, urls)), None),
        pmid=normalise_pmid(text("accession_number")),
        isbn=normalise_isbn(text("issn")),
        url=next(iter(urls), None),
        confidence=1.0,
    )
    files = (path.strip() for name in ("file_attachments1", "file_attachments2") for path in fields.get(name, []))
    return ImportedEntry(reference, line, next(iter(fields.get("id", [])), None), tuple(filter(None, files)))


def _editors(fields: dict[str, Any]) -> list[str]:
    """Those of the work itself: of a book, A2 has its series' editors, where A3 or ED says who its own are."""
    named = fields.get("unknown_tag", {}).get("ED") or []
    of_book = fields.get("tertiary_authors") or []
    is_book = TYPES[WorkType.BOOK] == str(fields.get("type_of_reference", "")).strip().upper()
    return named or (of_book if is_book else []) or fields.get("secondary_authors") or []


def _names(people: list[str]) -> tuple[Name, ...]:
    return tuple(_name(person) for person in people if person.strip())


def _name(person: str) -> Name:
    family, comma, given = (part.strip() for part in one_line(person).partition(","))
    if not comma:
        return Name(literal=family)
    return Name(family=family, given=given.rstrip(",").strip() or None)
