"""OpenCitations: Index (who cites whom) and Meta (what the cited works are)."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any
from urllib.parse import unquote

from dl_lit.replica.catalogue import Catalogue
from dl_lit.replica.records import Record
from dl_lit.replica.wire import Plan, Request, Response, json_response, text_response

_REFERENCES = "/index/v2/references/"
_METADATA = "/meta/v1/metadata/"
_MOST_IDS = 14  # more end in an error of the server
_TYPES = {
    "journal-article": "journal article",
    "proceedings-article": "proceedings article",
    "book": "book",
    "monograph": "monograph",
    "edited-book": "edited book",
    "book-chapter": "book chapter",
    "dissertation": "dissertation",
    "report": "report",
    "dataset": "dataset",
    "posted-content": "web content",
}


class OpenCitations:
    """api.opencitations.net."""

    def __init__(self, catalogue: Catalogue) -> None:
        """Knows the works with DOIs, and citations between them."""
        self._catalogue = catalogue

    def plan(self, request: Request) -> Plan:
        """References of one work, or metadata of some."""
        kind, answer = self._route(request.raw_path)
        return Plan(kind=kind, answer=answer, lane="opencitations")

    def _route(self, path: str) -> tuple[str, Callable[[], Response]]:
        if path.startswith(_REFERENCES):
            return "record", partial(self._references, unquote(path.removeprefix(_REFERENCES)))
        if path.startswith(_METADATA):
            return "batch", partial(self._metadata, unquote(path.removeprefix(_METADATA)).split("__"))
        return "other", partial(text_response, "HTTP status code 404: the operation requested does not exist",
                                "text/plain", status=404)  # fmt: skip

    def _references(self, name: str) -> Response:
        citing = self._find(name)
        cited = [self._catalogue.by_doi(one.doi) for one in (citing.references if citing else ()) if one.doi]
        rows = [
            {
                "oci": f"06{citing.position}-06{record.position}",
                "citing": self._ids(citing),
                "cited": self._ids(record),
                "creation": str(citing.year or ""),
                "timespan": "",
                "journal_sc": "no",
                "author_sc": "no",
            }
            for record in cited
            if citing and record
        ]
        return json_response(rows)

    def _metadata(self, names: list[str]) -> Response:
        if len(names) > _MOST_IDS:
            return text_response("HTTP status code 500: something unexpected happened", "text/plain", status=500)
        found = {record.position: record for name in names if (record := self._find(name))}
        ordered = sorted(found.values(), key=lambda record: self._catalogue.number(record, "order", 2**40))
        return json_response([self._describe(record) for record in ordered])

    def _find(self, name: str) -> Record | None:
        kind, _, value = name.partition(":")
        if kind == "doi":
            return self._catalogue.by_doi(value)
        return self._catalogue.by_pmid(value) if kind == "pmid" else None

    def _ids(self, record: Record) -> str:
        access = self._catalogue.access(record)
        named = [f"omid:br/06{record.position}"]
        named += [f"doi:{record.doi}"] if record.doi else []
        named += [f"openalex:{access.openalex_id}"] if access.in_openalex else []
        named += [f"pmid:{access.pmid}"] if access.pmid else []
        return " ".join(named)

    def _describe(self, record: Record) -> dict[str, Any]:
        people = [f"{person.family}, {person.given or ''}".rstrip() for person in record.authors]
        return {
            "id": self._ids(record),
            "title": record.title,
            "author": "; ".join(f"{name} [omid:ra/06{place}]" for place, name in enumerate(people, 1)),
            "pub_date": str(record.year or ""),
            "page": record.pages or "",
            "issue": record.issue or "",
            "volume": record.volume or "",
            "venue": f"{record.container} [omid:br/069]" if record.container else "",
            "type": _TYPES.get(record.type, ""),
            "publisher": record.publisher or "",
            "editor": "",
        }
