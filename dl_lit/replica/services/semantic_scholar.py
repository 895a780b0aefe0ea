"""Semantic Scholar's Graph API: papers singly and in batches, title match, reference lists."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from hashlib import sha1
from typing import Any
from urllib.parse import unquote

from dl_lit.core.model import HostType
from dl_lit.replica.catalogue import Catalogue
from dl_lit.replica.records import Record, title_key, words
from dl_lit.replica.services.settings import Settings
from dl_lit.replica.wire import Plan, Refusal, Request, Response, json_response

_BASE = "/graph/v1"
_MAX_BATCH = 500
_MAX_WINDOW = 10_000
_TOO_MANY = (
    "Too Many Requests. Please wait and try again or apply for a key for higher rate limits. "
    "https://www.semanticscholar.org/product/api#api-key-form"
)
_LICENCES = {"cc-by": "CCBY", "cc-by-nc": "CCBYNC", "cc-by-nc-nd": "CCBYNCND"}

Field = Callable[["SemanticScholar", Record], Any]


class SemanticScholar:
    """api.semanticscholar.org."""

    def __init__(self, catalogue: Catalogue, settings: Settings) -> None:
        """Knows every record."""
        self._catalogue = catalogue
        self._keys = settings.semantic_scholar_keys

    def plan(self, request: Request) -> Plan:
        """Classify by route; a wrong key is forbidden everything."""
        key = request.headers.get("x-api-key")
        if key is not None and self._keys is not None and key not in self._keys:
            return Plan(kind="other", answer=lambda: json_response({"message": "Forbidden"}, status=403))
        kind, answer = self._route(request)
        lane = f"semantic_scholar/{'keyed' if key else 'anonymous'}"
        return Plan(kind=kind, answer=answer, lane=lane, refuse=_too_many)

    def _route(self, request: Request) -> tuple[str, Callable[[], Response]]:
        path = request.raw_path
        while path.startswith(_BASE):
            path = path.removeprefix(_BASE)
        params = request.params()
        if path == "/paper/batch" and request.method == "POST":
            return "batch", partial(self._batch, request, params)
        if path == "/paper/search/match":
            return "search", partial(self._match, params)
        if path == "/paper/search":
            return "search", partial(self._search, params)
        if path.startswith("/paper/"):
            name = unquote(path.removeprefix("/paper/"))
            if name.endswith("/references"):
                return "record", partial(self._references, name.removesuffix("/references"), params)
            return "record", partial(self._paper, name, params)
        return "other", partial(json_response, {"error": "Not found"}, status=404)

    def find(self, name: str) -> Record | None:
        """The record behind one of Semantic Scholar's identifiers."""
        kind, colon, value = name.partition(":")
        match kind.upper() if colon else "":
            case "DOI":
                return self._catalogue.by_doi(value)
            case "ARXIV":
                return self._catalogue.by_arxiv(value)
            case "PMID":
                return self._catalogue.by_pmid(value)
            case "PMCID":
                return self._catalogue.by_pmcid(value)
            case "CORPUSID":
                return self._by_corpus(value)
            case _:
                return self._catalogue.by_doi(name) if name.startswith("10.") else None

    def _by_corpus(self, value: str) -> Record | None:
        position = int(value) - 1 if value.isdigit() else -1
        index = self._catalogue.universe.index
        return index.record(position) if 0 <= position < len(index) else None

    def _paper(self, name: str, params: dict[str, str]) -> Response:
        record = self.find(name)
        if record is None:
            return json_response({"error": f"Paper with id {name} not found"}, status=404)
        return self._fields_or(params, lambda fields: self._describe(record, fields))

    def _batch(self, request: Request, params: dict[str, str]) -> Response:
        try:
            ids = json.loads(request.body)["ids"]
        except (ValueError, KeyError, TypeError):
            return json_response({"error": "Request body is malformed"}, status=400)
        if not ids:
            return json_response({"error": "No paper ids provided"}, status=400)
        if len(ids) > _MAX_BATCH:
            return json_response({"error": f"Too many ids: at most {_MAX_BATCH}"}, status=400)
        found = [self.find(str(name)) for name in ids]
        if not any(found):
            return json_response({"error": "No valid paper ids given"}, status=400)
        return self._fields_or(params, lambda fields: [self._describe(r, fields) if r else None for r in found])

    def _match(self, params: dict[str, str]) -> Response:
        """The best hit by title, if it shares most of its words; else 404."""
        query = params.get("query", "")
        hits = self._catalogue.universe.search.best(query, 1, title_only=True).hits
        wanted = set(words(query))
        if not hits or len(wanted & set(words(hits[0].record.title))) * 2 < len(wanted):
            return json_response({"error": "Title match not found"}, status=404)
        best = hits[0]
        score = best.score * 4
        return self._fields_or(
            params, lambda fields: {"data": [{**self._describe(best.record, fields), "matchScore": score}]}
        )

    def _search(self, params: dict[str, str]) -> Response:
        limit, offset = _number(params.get("limit"), 100), _number(params.get("offset"), 0)
        if offset + limit > 1_000 or limit > 100:
            return json_response({"error": "offset + limit must be < 1000"}, status=400)
        found = self._catalogue.universe.search.all_words(params.get("query", ""), offset + limit, title_only=False)
        shown = [hit.record for hit in found.hits[offset : offset + limit]]

        def body(fields: list[str]) -> dict[str, Any]:
            page: dict[str, Any] = {"total": found.total, "offset": offset}
            if offset + limit < found.total:
                page["next"] = offset + limit
            return {**page, "data": [self._describe(record, fields) for record in shown]}

        return self._fields_or(params, body)

    def _references(self, name: str, params: dict[str, str]) -> Response:
        record = self.find(name)
        if record is None:
            return json_response({"error": f"Paper with id {name} not found"}, status=404)
        limit, offset = _number(params.get("limit"), 100), _number(params.get("offset"), 0)
        if offset + limit >= _MAX_WINDOW:
            return json_response({"error": "offset + limit must be < 10000"}, status=400)

        def body(fields: list[str]) -> dict[str, Any]:
            page: dict[str, Any] = {"offset": offset, "citingPaperInfo": {"title": record.title}}
            if offset + limit < len(record.references):
                page["next"] = offset + limit
            entries = []
            for cited in record.references[offset : offset + limit]:
                known = self._catalogue.by_doi(cited.doi) if cited.doi else None
                paper = self._describe(known, fields) if known else {"paperId": None, "title": cited.title}
                entries.append({"citedPaper": paper})
            return {**page, "data": entries}

        return self._fields_or(params, body)

    def _fields_or(self, params: dict[str, str], body: Callable[[list[str]], Any]) -> Response:
        """The body with the fields asked for, or 400 for unknown ones."""
        fields = [name.split(".")[0] for name in params.get("fields", "title").split(",") if name]
        unknown = [name for name in fields if name not in _FIELDS and name != "paperId"]
        if unknown:
            return json_response({"error": f"Unrecognized or unsupported fields: [{', '.join(unknown)}]"}, status=400)
        return json_response(body(fields))

    def _describe(self, record: Record, fields: list[str]) -> dict[str, Any]:
        found = {"paperId": _paper_id(record)}
        for name, field in _FIELDS.items():
            if name in fields:
                found[name] = field(self, record)
        return found

    def external_ids(self, record: Record) -> dict[str, Any]:
        """The identifiers elsewhere, only those there are."""
        access = self._catalogue.access(record)
        found = {
            "ArXiv": access.arxiv_id,
            "PubMedCentral": access.pmcid.removeprefix("PMC") if access.pmcid else None,
            "DOI": record.doi,
            "CorpusId": record.position + 1,
            "PubMed": access.pmid,
        }
        return {name: value for name, value in found.items() if value is not None}

    def open_pdf(self, record: Record) -> dict[str, Any]:
        """The open file it knows, or an empty address."""
        access = self._catalogue.access(record)
        for copy in access.listed:
            if copy.pdf_linked:
                status = access.oa_status.upper() if copy.host_type is HostType.PUBLISHER else "GREEN"
                return {
                    "url": self._catalogue.pdf_url(copy),
                    "status": status,
                    "license": _LICENCES.get(copy.licence or ""),
                }
        return {"url": "", "status": "CLOSED", "license": None}

    def citations(self, record: Record) -> int:
        """A number of citations."""
        return self._catalogue.number(record, "citations", 250)


def _journal(service: SemanticScholar, record: Record) -> dict[str, str] | None:
    del service
    found = {"name": record.container, "pages": record.pages, "volume": record.volume}
    return {name: value for name, value in found.items() if value} or None


_FIELDS: dict[str, Field] = {
    "externalIds": SemanticScholar.external_ids,
    "corpusId": lambda _, record: record.position + 1,
    "publicationVenue": lambda _service, _record: None,
    "fieldsOfStudy": lambda _service, _record: None,
    "s2FieldsOfStudy": lambda _service, _record: [],
    "url": lambda _, record: f"https://www.semanticscholar.org/paper/{_paper_id(record)}",
    "title": lambda _, record: record.title,
    "abstract": lambda _, record: record.abstract,
    "venue": lambda _, record: record.container or "",
    "year": lambda _, record: record.year,
    "referenceCount": lambda _, record: len(record.references),
    "citationCount": SemanticScholar.citations,
    "influentialCitationCount": lambda _service, _record: 0,
    "isOpenAccess": lambda service, record: bool(service.open_pdf(record)["url"]),
    "openAccessPdf": SemanticScholar.open_pdf,
    "publicationTypes": lambda _, record: ["JournalArticle"] if record.type == "journal-article" else None,
    "publicationDate": lambda _, record: f"{record.year}-01-01" if record.year else None,
    "journal": _journal,
    "citationStyles": lambda _, record: {
        "bibtex": f"@Article{{{title_key(record.title)[:20]},\n title = {{{record.title}}}\n}}\n"
    },
    "authors": lambda _, record: [
        {"authorId": str(int(sha1(p.full.encode(), usedforsecurity=False).hexdigest()[:8], 16)), "name": p.full}
        for p in record.authors
    ],
}


def _paper_id(record: Record) -> str:
    return sha1(record.key.encode(), usedforsecurity=False).hexdigest()


def _number(text: str | None, usual: int) -> int:
    return int(text) if text and text.isdigit() else usual


def _too_many(refusal: Refusal) -> Response:
    del refusal
    return json_response({"message": _TOO_MANY, "code": "429"}, status=429)
