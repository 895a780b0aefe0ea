"""Reads CSL-JSON: an array of items as Zotero, pandoc and citation processors write it, or one item alone.

Items are read one after the other, so that a file that breaks off still gives those before.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from dl_lit.core.identifiers import (
    normalise_arxiv_id,
    normalise_doi,
    normalise_isbn,
    normalise_pmcid,
    normalise_pmid,
)
from dl_lit.core.model import Name, Reference, WorkType
from dl_lit.exports.imported import Imported, ImportedEntry, ImportProblem, hyphenated, printed_form, year_of
from dl_lit.exports.rich.text import plain

_KINDS = {kind.value: kind for kind in WorkType} | {
    "article-magazine": WorkType.ARTICLE_JOURNAL,
    "article-newspaper": WorkType.ARTICLE_JOURNAL,
    "review": WorkType.ARTICLE_JOURNAL,
    "review-book": WorkType.ARTICLE_JOURNAL,
    "periodical": WorkType.ARTICLE_JOURNAL,
    "entry": WorkType.CHAPTER,
    "entry-dictionary": WorkType.CHAPTER,
    "entry-encyclopedia": WorkType.CHAPTER,
    "collection": WorkType.BOOK,
    "classic": WorkType.BOOK,
    "speech": WorkType.PAPER_CONFERENCE,
    "manuscript": WorkType.ARTICLE,
    "post": WorkType.WEBPAGE,
    "post-weblog": WorkType.WEBPAGE,
}
_ITEMS_OF = ("references", "items")  # what the array is called where it stands within an object
_BETWEEN = re.compile(r"[\s,]*")
_EXCERPT = 80  # characters
_DECODER = json.JSONDecoder()
_LINES = re.compile(r"^\s*(PMID|PMCID|arXiv|DOI)\s*:\s*(\S+)\s*$", re.MULTILINE | re.IGNORECASE)  # of a note


def read_csl_json(text: str) -> Imported:
    """Every item of `text` in its order; what is no item, and where the file breaks off, are problems."""
    entries: list[ImportedEntry] = []
    problems: list[ImportProblem] = []
    for position, (line, item) in enumerate(_items(text.lstrip("\ufeff"), problems), start=1):
        if not isinstance(item, dict):
            problems.append(ImportProblem(line, "not an item of CSL-JSON", str(item)[:_EXCERPT], is_entry_lost=True))
            continue
        entry = _imported(item, line, position)
        if entry.reference.title is None:
            excerpt = json.dumps(item, ensure_ascii=False)[:_EXCERPT]
            problems.append(ImportProblem(line, "the item has no title", excerpt, is_entry_lost=False))
        entries.append(entry)
    problems.sort(key=lambda problem: problem.line)
    return Imported(tuple(entries), tuple(problems))


def _items(text: str, problems: list[ImportProblem]) -> Iterator[tuple[int, Any]]:
    """Each item with the 1-based line on which it begins."""
    start = _BETWEEN.match(text).end()  # type: ignore[union-attr]  # it matches nothing, too
    if text[start : start + 1] == "{":
        try:
            whole, _ = _DECODER.raw_decode(text, start)
        except (ValueError, RecursionError) as error:
            problems.append(_broken(text, start, error))
            return
        found = next((whole[name] for name in _ITEMS_OF if isinstance(whole.get(name), list)), [whole])
        yield from ((1 + text.count("\n", 0, start), item) for item in found)
        return
    if text[start : start + 1] != "[":
        if text.strip():
            problems.append(ImportProblem(1, "no array of items", text.strip()[:_EXCERPT], is_entry_lost=True))
        return
    at, line, counted = start + 1, 1, 0
    while (at := _BETWEEN.match(text, at).end()) < len(text) and text[at] != "]":  # type: ignore[union-attr]  # as above
        line, counted = line + text.count("\n", counted, at), at
        try:
            item, at = _DECODER.raw_decode(text, at)
        except (ValueError, RecursionError) as error:
            problems.append(_broken(text, at, error))
            return
        yield line, item
    if at >= len(text):
        problems.append(_broken(text, at, ValueError("the file ends before its array does")))


def _broken(text: str, at: int, error: Exception) -> ImportProblem:
    where = error.pos if isinstance(error, json.JSONDecodeError) else at
    said = error.msg if isinstance(error, json.JSONDecodeError) else str(error)
    message = f"the rest is no JSON: {said}"
    return ImportProblem(1 + text.count("\n", 0, where), message, text[at : at + _EXCERPT].strip(), is_entry_lost=True)


def _imported(item: Mapping[str, Any], line: int, position: int) -> ImportedEntry:
    def text(*names: str) -> str | None:
        return next((found for name in names if (found := _text(item.get(name)))), None)

    noted = {name.lower(): value for name, value in _LINES.findall(str(item.get("note") or ""))}
    url = text("URL")
    doi = normalise_doi(text("DOI")) or normalise_doi(noted.get("doi")) or normalise_doi(url)
    authors, editors = _names(item.get("author")), _names(item.get("editor"))
    title, container = text("title"), text("container-title", "journalAbbreviation", "collection-title")
    volume, issue, pages = text("volume"), text("issue", "number"), hyphenated(text("page"))
    year = _year(item.get("issued"))
    numbers = ", ".join(filter(None, (volume, issue, pages)))
    address = f"https://doi.org/{doi}" if doi else url
    reference = Reference(
        position=position,
        raw=printed_form(
            authors=authors, year=year, title=title, container=container, numbers=numbers, address=address
        ),
        type=_KINDS.get(text("type") or "", WorkType.DOCUMENT),
        authors=authors,
        editors=editors,
        title=title,
        container_title=container,
        publisher=text("publisher"),
        year=year,
        volume=volume,
        issue=issue,
        pages=pages,
        doi=doi,
        arxiv_id=_arxiv_id(item, noted, url),
        pmid=normalise_pmid(text("PMID")) or normalise_pmid(noted.get("pmid")),
        pmcid=normalise_pmcid(text("PMCID")) or normalise_pmcid(noted.get("pmcid")),
        isbn=normalise_isbn((text("ISBN") or "").partition(" ")[0]) or normalise_isbn(text("ISBN")),
        url=url,
        confidence=1.0,
    )
    return ImportedEntry(reference, line, text("citation-key", "id"))


def _text(value: Any) -> str | None:
    """A string or a number as text on one line; the first of several; None for anything else."""
    if isinstance(value, list):
        value = value[0] if value else None
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    return plain(str(value)) or None


def _arxiv_id(item: Mapping[str, Any], noted: Mapping[str, str], url: str | None) -> str | None:
    is_arxiv = "arxiv" in f"{item.get('archive')} {item.get('publisher')} {item.get('number')}".lower()
    places = [_text(item.get("archive_location")), _text(item.get("number"))] if is_arxiv else []
    return next(filter(None, map(normalise_arxiv_id, [*places, noted.get("arxiv"), url])), None)


def _names(people: Any) -> tuple[Name, ...]:
    found = (_name(person) for person in people if isinstance(person, dict)) if isinstance(people, list) else ()
    return tuple(name for name in found if name.sort_key or name.given)


def _name(person: Mapping[str, Any]) -> Name:
    """A person with particles and suffix beside the family name, as they are printed; or a body."""
    given = _text(person.get("given"))
    parts = ("dropping-particle", "non-dropping-particle", "family", "suffix")
    family = " ".join(filter(None, (_text(person.get(part)) for part in parts)))
    if family:
        return Name(family=family, given=given)
    return Name(literal=_text(person.get("literal")) or given)


def _year(issued: Any) -> int | None:
    if not isinstance(issued, dict):
        return year_of(_text(issued))
    dates = issued.get("date-parts")
    first = dates[0] if isinstance(dates, list) and dates else None
    if isinstance(first, list) and first and (year := year_of(_text(first[0]))):
        return year
    return year_of(_text(issued.get("raw")) or _text(issued.get("literal")) or _text(issued.get("edtf")))
