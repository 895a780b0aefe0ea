"""HAL's search: Solr, by DOI or by the words of titles and authors."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from typing import Any

from dl_lit.replica.catalogue import Catalogue
from dl_lit.replica.holdings import embargo_in_hal, is_in_hal, is_open_in_hal
from dl_lit.replica.records import Record, title_key, words
from dl_lit.replica.wire import Plan, Request, Response, html_response, json_response

_PARAMETERS = frozenset({"q", "fq", "fl", "rows", "start", "wt", "sort"})
_MAX_ROWS = 10_000
_MOST_FOUND = 500
_SCANNED = 1_000  # works looked at for a query that means all
_VALUE = r'"(?:[^"\\]|\\.)*"'
_DOIS = re.compile(rf"doiId_s:(?:\(({_VALUE}(?: OR {_VALUE})*)\)|({_VALUE}))")
_TITLE = re.compile(rf"title_t:({_VALUE})(?: AND authFullName_t:({_VALUE}))?")
_KINDS = {
    "journal-article": "ART",
    "proceedings-article": "COMM",
    "book": "OUV",
    "monograph": "OUV",
    "edited-book": "DOUV",
    "book-chapter": "COUV",
    "dissertation": "THESE",
    "report": "REPORT",
    "posted-content": "UNDEFINED",
}


class _Refused(Exception):
    """A query Solr cannot read."""


class Hal:
    """api.archives-ouvertes.fr."""

    def __init__(self, catalogue: Catalogue) -> None:
        """Knows a share of the works, by the seed."""
        self._catalogue = catalogue

    def plan(self, request: Request) -> Plan:
        """Search for identifiers or for words."""
        params = request.params()
        kind, answer = self._route(request.path, params)
        return Plan(kind=kind, answer=answer, lane="hal")

    def _route(self, path: str, params: dict[str, str]) -> tuple[str, Callable[[], Response]]:
        if path != "/search/":
            return "other", partial(html_response, "<html><body>404</body></html>", status=404)
        return ("batch" if "doiId_s" in params.get("q", "") else "search"), partial(self._search, params)

    def _search(self, params: dict[str, str]) -> Response:
        rows = params.get("rows", "30")
        if not params.keys() <= _PARAMETERS or params.get("wt", "json") != "json":
            return _error("unknown parameter")
        if not rows.isdigit() or int(rows) > _MAX_ROWS:
            return _error(f"rows must be between 0 and {_MAX_ROWS}")
        try:
            found = [record for record in self._find(params.get("q", "")) if is_in_hal(self._catalogue, record)]
        except _Refused as problem:
            return _error(str(problem))
        fields = [name for name in params.get("fl", "docid,label_s,uri_s").split(",") if name]
        docs = [self._describe(record, fields) for record in found[: int(rows)]]
        body = {"response": {"numFound": len(found), "start": 0, "maxScore": 1.0, "numFoundExact": True, "docs": docs}}
        return json_response(body)

    def _find(self, query: str) -> list[Record]:
        """The works that a query, or one of several in brackets joined by OR, means."""
        if query == "*:*":
            index = self._catalogue.universe.index
            return [index.record(position) for position in range(min(len(index), _SCANNED))]
        if query.startswith("(") and query.endswith(")"):
            groups = query[1:-1].split(") OR (")
            return list({record.position: record for group in groups for record in self._find(group)}.values())
        if dois := _DOIS.fullmatch(query):
            values = [_plain(value) for value in re.findall(_VALUE, dois[1] or dois[2])]
            found = {record.position: record for value in values if (record := self._catalogue.by_doi(value))}
            return sorted(found.values(), key=lambda record: self._catalogue.number(record, "order", 2**40))
        if title := _TITLE.fullmatch(query):
            return self._titled(_plain(title[1]), _plain(title[2]) if title[2] else "")
        raise _Refused(f"Cannot parse '{query[:80]}'")

    def _titled(self, title: str, author: str) -> list[Record]:
        hits = self._catalogue.universe.search.all_words(title, _MOST_FOUND, title_only=True).hits
        wanted = set(words(author))
        return [
            hit.record
            for hit in hits
            if title_key(title) in title_key(hit.record.title)
            and (not wanted or any(wanted <= set(words(person.full)) for person in hit.record.authors))
        ]

    def _describe(self, record: Record, fields: list[str]) -> dict[str, Any]:
        identifier = f"hal-{record.position + 1:08}"
        page = f"https://hal.science/{identifier}"
        opening = embargo_in_hal(self._catalogue, record)
        is_open = opening is None and is_open_in_hal(self._catalogue, record)
        file = self._file(record) if is_open or opening else None
        language = record.language or "en"
        place = {"ART": "journalTitle_s", "COUV": "bookTitle_s", "COMM": "conferenceTitle_s"}
        kind = _KINDS.get(record.type, "OTHER")
        found: dict[str, Any] = {
            "docid": str(record.position + 1),
            "halId_s": identifier,
            "uri_s": page,
            "docType_s": kind,
            "title_s": [record.title],
            f"{language}_title_s": [record.title],
            "authFullName_s": [person.full for person in record.authors] or None,
            "authLastName_s": [person.family for person in record.authors] or None,
            "authFirstName_s": [person.given or "" for person in record.authors] or None,
            "doiId_s": record.doi,
            "arxivId_s": self._catalogue.access(record).arxiv_id,
            "publicationDateY_i": record.year,
            "producedDateY_i": record.year,
            place.get(kind, "source_s"): record.container,
            "publisher_s": [record.publisher] if record.publisher else None,
            "volume_s": record.volume,
            "issue_s": [record.issue] if record.issue else None,
            "page_s": record.pages,
            "language_s": [language],
            "abstract_s": [record.abstract] if record.abstract else None,
            "openAccess_bool": is_open,
            "fileMain_s": file,
            "label_xml": _tei(file, opening or "2019-01-01") if file else "<TEI/>",
        }
        return {name: value for name, value in found.items() if value is not None and name in fields}

    def _file(self, record: Record) -> str | None:
        """An open copy of the work at one of the replica's own hosts stands for HAL's file."""
        copies = self._catalogue.access(record).copies
        return self._catalogue.pdf_url(copies[-1]) if copies else None


def _tei(file: str, day: str) -> str:
    """The little of a record's TEI that tells of its file."""
    ref = f'<ref type="file" subtype="author" n="1" target="{file}"><date notBefore="{day}"/></ref>'
    edition = f'<edition n="v1" type="current"><date type="whenEndEmbargoed">{day}</date>{ref}</edition>'
    return f'<TEI xmlns="http://www.tei-c.org/ns/1.0">{edition}</TEI>'


def _plain(quoted: str) -> str:
    return re.sub(r"\\(.)", r"\1", quoted[1:-1])


def _error(message: str) -> Response:
    return json_response({"error": {"msg": message, "code": 400}}, status=400)
