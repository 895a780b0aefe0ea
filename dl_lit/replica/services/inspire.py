"""INSPIRE's literature: lists by query, records by DOI or arXiv identifier, with their references."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from typing import Any
from urllib.parse import unquote

from dl_lit.core.identifiers import normalise_isbn
from dl_lit.replica.catalogue import Catalogue
from dl_lit.replica.holdings import at_place, has_document_in_inspire, is_in_inspire
from dl_lit.replica.records import Cited, Person, Record, words
from dl_lit.replica.wire import Plan, Refusal, Request, Response, json_response

_BASE = "/api"
_PARAMETERS = frozenset({"q", "size", "page", "fields", "sort", "format"})
_MAX_SIZE = 1_000
_MOST_FOUND = 500
_SCANNED = 1_000  # works looked at for a list of all
_CLAUSE = re.compile(
    r'(?P<key>doi|eprint|recid|j|t)\s+(?:"(?P<quoted>[^"]*)"|(?P<bare>[^"]+?))(?:\s+and\s+a\s+(?P<author>[^\s"]+))?',
    re.IGNORECASE,
)
_OR = re.compile(r'\s+or\s+(?=(?:[^"]*"[^"]*")*[^"]*$)', re.IGNORECASE)  # not within quotation marks
_TYPES = {
    "journal-article": "article",
    "posted-content": "article",
    "proceedings-article": "conference paper",
    "book": "book",
    "monograph": "book",
    "edited-book": "proceedings",
    "book-chapter": "book chapter",
    "dissertation": "thesis",
    "report": "report",
}


class _Refused(Exception):
    """A query INSPIRE cannot read."""


class Inspire:
    """inspirehep.net."""

    def __init__(self, catalogue: Catalogue) -> None:
        """Knows physics."""
        self._catalogue = catalogue

    def plan(self, request: Request) -> Plan:
        """List or record."""
        kind, answer = self._route(request.raw_path.removeprefix(_BASE), request.params())
        return Plan(kind=kind, answer=answer, lane="inspire", refuse=_too_many)

    def _route(self, path: str, params: dict[str, str]) -> tuple[str, Callable[[], Response]]:
        if path.rstrip("/") == "/literature":
            is_search = re.match(r"\(?t ", params.get("q", "")) is not None
            return ("search" if is_search else "batch"), partial(self._list, params)
        for prefix, find in (("/doi/", self._catalogue.by_doi), ("/arxiv/", self._catalogue.by_arxiv)):
            if path.startswith(prefix):
                record = find(unquote(path.removeprefix(prefix)))
                return "record", partial(self._record, record, params)
        return "other", _not_found

    def _record(self, record: Record | None, params: dict[str, str]) -> Response:
        if not params.keys() <= _PARAMETERS:
            return _bad("unknown parameter")
        if record is None or not is_in_inspire(self._catalogue, record):
            return _not_found()
        return json_response(self._hit(record, params))

    def _list(self, params: dict[str, str]) -> Response:
        size, page = params.get("size", "10"), params.get("page", "1")
        if not params.keys() <= _PARAMETERS or not size.isdigit() or not page.isdigit():
            return _bad("unknown parameter")
        if int(size) > _MAX_SIZE:
            return _bad(f"Maximum search page size of `{_MAX_SIZE}` results exceeded.")
        try:
            found = self._find(params.get("q", ""))
        except _Refused as problem:
            return _bad(str(problem))
        here = [record for record in found if is_in_inspire(self._catalogue, record)]
        start = (int(page) - 1) * int(size)
        hits = [self._hit(record, params) for record in here[start : start + int(size)]]
        return json_response({"hits": {"hits": hits, "total": len(here)}, "links": {}})

    def _find(self, query: str) -> list[Record]:
        if not query.strip():
            index = self._catalogue.universe.index
            return [index.record(position) for position in range(min(len(index), _SCANNED))]
        found: dict[int, Record] = {}
        for part in _OR.split(query.strip()):
            match = _CLAUSE.fullmatch(part.strip().removeprefix("(").removesuffix(")"))
            if match is None:
                raise _Refused(f"cannot read {part[:80]!r}")
            is_quoted = match["quoted"] is not None
            value = match["quoted"] if is_quoted else match["bare"]
            for record in self._meant(match["key"].lower(), value, match["author"] or "", is_quoted=is_quoted):
                found[record.position] = record
        return sorted(found.values(), key=lambda record: self._catalogue.number(record, "order", 2**40))

    def _meant(self, key: str, value: str, author: str, *, is_quoted: bool) -> list[Record]:
        if key == "j":
            place = value.rsplit(",", 2)
            return at_place(self._catalogue, *place) if len(place) == 3 else []
        if key == "recid":
            index, position = self._catalogue.universe.index, int(value) - 1 if value.isdigit() else -1
            return [index.record(position)] if 0 <= position < len(index) else []
        if key in {"doi", "eprint"}:
            record = self._catalogue.by_doi(value) if key == "doi" else self._catalogue.by_arxiv(value.lower())
            return [record] if record else []
        if is_quoted:  # a whole title to the letter
            return [record for record in self._titled(value) if record.title == value]
        wanted = set(words(author))
        return [
            record
            for record in self._titled(value)
            if not wanted or any(wanted <= set(words(person.full)) for person in record.authors)
        ]

    def _titled(self, title: str) -> list[Record]:
        hits = self._catalogue.universe.search.all_words(title, _MOST_FOUND, title_only=True).hits
        return [hit.record for hit in hits]

    def _hit(self, record: Record, params: dict[str, str]) -> dict[str, Any]:
        metadata = self._describe(record)
        if "fields" in params:
            wanted = {name.split(".")[0] for name in params["fields"].split(",")}
            metadata = {name: value for name, value in metadata.items() if name in wanted}
        else:
            wanted = {"references"}
        if "references" in wanted:
            metadata["references"] = [_cited(number, one) for number, one in enumerate(record.references, 1)]
        return {
            "id": str(record.position + 1),
            "metadata": metadata,
            "links": {},
            "created": "2020-01-01T00:00:00+00:00",
            "updated": "2026-09-01T00:00:00+00:00",
        }

    def _describe(self, record: Record) -> dict[str, Any]:
        access = self._catalogue.access(record)
        first, _, last = (record.pages or "").partition("-")
        place = {
            "journal_title": (record.container or "").replace(". ", ".") or None,
            "journal_volume": record.volume,
            "journal_issue": record.issue,
            "page_start": first if last else None,
            "page_end": last or None,
            "artid": first if first and not last else None,
            "year": record.year,
        }
        found: dict[str, Any] = {
            "control_number": record.position + 1,
            "titles": [{"title": record.title}],
            "authors": [{"full_name": _name(person)} for person in record.authors] or None,
            "dois": [{"value": record.doi}] if record.doi else None,
            "arxiv_eprints": [{"value": access.arxiv_id, "categories": ["hep-th"]}] if access.arxiv_id else None,
            "publication_info": [{name: value for name, value in place.items() if value}],
            "document_type": [_TYPES.get(record.type, "article")],
            "earliest_date": str(record.year) if record.year else None,
            "documents": self._documents(record),
            "isbns": [{"value": isbn}] if (isbn := normalise_isbn(record.isbn)) else None,
        }
        return {name: value for name, value in found.items() if value is not None}

    def _documents(self, record: Record) -> list[dict[str, Any]] | None:
        """An open copy of the work at one of the replica's own hosts stands for INSPIRE's file."""
        copies = self._catalogue.access(record).copies
        if not copies or not has_document_in_inspire(self._catalogue, record):
            return None
        url = self._catalogue.pdf_url(copies[-1])
        return [{"key": "0f1e", "url": url, "filename": "fulltext.pdf", "fulltext": True, "source": "submitter"}]


def _name(person: Person) -> str:
    return f"{person.family}, {person.given}" if person.given else person.family


def _cited(number: int, cited: Cited) -> dict[str, Any]:
    place = {
        "journal_title": cited.container,
        "journal_volume": cited.volume,
        "page_start": cited.first_page,
        "year": int(cited.year) if cited.year and cited.year.isdigit() else None,
    }
    reference: dict[str, Any] = {
        "label": str(number),
        "dois": [cited.doi] if cited.doi else None,
        "authors": [{"full_name": cited.author}] if cited.author else None,
        "title": {"title": cited.title} if cited.title else None,
        "publication_info": {name: value for name, value in place.items() if value} or None,
    }
    found: dict[str, Any] = {"reference": {name: value for name, value in reference.items() if value is not None}}
    if cited.unstructured:
        found["raw_refs"] = [{"schema": "text", "value": cited.unstructured}]
    return found


def _bad(message: str) -> Response:
    return json_response({"status": 400, "message": message}, status=400)


def _not_found() -> Response:
    return json_response({"status": 404, "message": "PID does not exist."}, status=404)


def _too_many(refusal: Refusal) -> Response:
    del refusal
    return json_response({"status": 429, "message": "Too many requests"}, status=429)
