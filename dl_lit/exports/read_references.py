"""Reads references as programs write them in JSON: `dl-lit extract --json`, or plain objects with the usual names."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from dl_lit.core.identifiers import (
    normalise_arxiv_id,
    normalise_doi,
    normalise_isbn,
    normalise_openalex_id,
    normalise_pmcid,
    normalise_pmid,
)
from dl_lit.core.model import Name, Reference, WorkType
from dl_lit.exports.imported import Imported, ImportedEntry, ImportProblem, hyphenated, printed_form, year_of

_TYPES = {kind.value: kind for kind in WorkType} | {
    "article": WorkType.ARTICLE_JOURNAL,
    "journal-article": WorkType.ARTICLE_JOURNAL,
    "book-chapter": WorkType.CHAPTER,
    "incollection": WorkType.CHAPTER,
    "inbook": WorkType.CHAPTER,
    "inproceedings": WorkType.PAPER_CONFERENCE,
    "proceedings-article": WorkType.PAPER_CONFERENCE,
    "dissertation": WorkType.THESIS,
    "phdthesis": WorkType.THESIS,
    "techreport": WorkType.REPORT,
    "preprint": WorkType.ARTICLE,
    "online": WorkType.WEBPAGE,
}
_LISTS = ("references", "entries", "works", "items", "bibliography")
_EXCERPT = 80


def read_references(data: bytes) -> Imported:
    """Every reference of the document, in its order; `line` counts references. Never raises.

    What is no JSON, or names no work, is a problem.
    """
    try:
        document = json.loads(data)
    except (ValueError, RecursionError) as error:
        return Imported((), (ImportProblem(1, f"it is no JSON: {error}"[:200], "", is_entry_lost=True),))
    entries: list[ImportedEntry] = []
    problems: list[ImportProblem] = []
    for number, one in enumerate(_objects(document), start=1):
        reference = _reference(one, number) if isinstance(one, dict) else None
        if reference is None:
            text = json.dumps(one, ensure_ascii=False)[:_EXCERPT]
            problems.append(ImportProblem(number, "names no work", text, is_entry_lost=True))
        else:
            entries.append(ImportedEntry(reference, number, _text(one, "bibtex_key", "citation_key")))
    return Imported(tuple(entries), tuple(problems))


def _objects(document: Any) -> Iterator[Any]:
    """The references of a document, of all its documents, or of a list of either."""
    if isinstance(document, dict):
        parts = document.get("documents")
        if isinstance(parts, list):
            document = parts
        else:
            found = next((document[name] for name in _LISTS if isinstance(document.get(name), list)), None)
            document = found if found is not None else [document]
    for one in document if isinstance(document, list) else [document]:
        if isinstance(one, dict) and isinstance(one.get("references"), list):
            yield from one["references"]
        else:
            yield one


def _reference(one: Mapping[str, Any], position: int) -> Reference | None:
    url = _text(one, "url", "URL", "url_source")
    doi = normalise_doi(_text(one, "doi", "DOI")) or normalise_doi(url)
    title = _text(one, "title")
    authors, editors = _names(one.get("authors") or one.get("author")), _names(one.get("editors") or one.get("editor"))
    container = _text(one, "container_title", "container-title", "journal_conference", "journal", "booktitle", "source")
    year = year_of(_text(one, "year", "date", "publication_year"))
    volume, issue = _text(one, "volume"), _text(one, "issue", "number")
    pages = hyphenated(_text(one, "pages", "page"))
    ids = {
        "doi": doi,
        "arxiv_id": normalise_arxiv_id(_text(one, "arxiv_id", "arxiv")) or normalise_arxiv_id(url),
        "pmid": normalise_pmid(_text(one, "pmid", "PMID")),
        "pmcid": normalise_pmcid(_text(one, "pmcid", "PMCID")),
        "isbn": normalise_isbn(_text(one, "isbn", "ISBN")),
        "openalex_id": normalise_openalex_id(_text(one, "openalex_id", "id")),
    }
    numbers = ", ".join(filter(None, (volume, issue, pages)))
    address = f"https://doi.org/{doi}" if doi else url
    raw = _text(one, "raw", "unstructured", "text") or printed_form(
        authors=authors, year=year, title=title, container=container, numbers=numbers, address=address
    )
    named = next(filter(None, ids.values()), None)
    if not (raw or named):
        return None
    kind = (_text(one, "type", "entry_type") or "").lower().replace("_", "-")
    return Reference(
        position=position,
        raw=raw or named or "",
        label=_text(one, "label"),
        type=_TYPES.get(kind, WorkType.DOCUMENT),
        authors=authors,
        editors=editors,
        title=title,
        container_title=container,
        publisher=_text(one, "publisher"),
        year=year,
        volume=volume,
        issue=issue,
        pages=pages,
        url=url,
        confidence=1.0,
        doi=ids["doi"],
        arxiv_id=ids["arxiv_id"],
        pmid=ids["pmid"],
        pmcid=ids["pmcid"],
        isbn=ids["isbn"],
        openalex_id=ids["openalex_id"],
    )


def _text(one: Mapping[str, Any], *names: str) -> str | None:
    for name in names:
        value = one.get(name)
        if (
            isinstance(value, str | int | float)
            and not isinstance(value, bool)
            and (text := " ".join(str(value).split()))
        ):
            return text
    return None


def _names(people: Any) -> tuple[Name, ...]:
    """Names from objects with `family` and `given`, or texts: "Lee, Ann", "Ann Lee", or several joined by "; "."""
    if isinstance(people, str):
        people = people.split(";") if ";" in people else people.split(" and ")
    found = (_name(person) for person in people) if isinstance(people, Sequence) else ()
    return tuple(name for name in found if name is not None and name.sort_key)


def _name(person: Any) -> Name | None:
    if isinstance(person, dict):
        family, given = _text(person, "family", "last", "last_name"), _text(person, "given", "first", "first_name")
        return Name(family, given, None if family else _text(person, "literal", "name", "display_name"))
    if not isinstance(person, str) or not person.strip():
        return None
    family, comma, given = (part.strip() for part in person.partition(","))
    if not comma:
        given, _, family = person.strip().rpartition(" ")
    return Name(family or None, given or None)
