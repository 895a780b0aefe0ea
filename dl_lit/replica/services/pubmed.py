"""NCBI's E-utilities for PubMed: citations matched by their place, summaries by number."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from dl_lit.replica.catalogue import Catalogue
from dl_lit.replica.holdings import at_place
from dl_lit.replica.records import Person, Record, fold, words
from dl_lit.replica.wire import Header, Plan, Refusal, Request, Response, html_response, json_response, text_response

_BASE = "/entrez/eutils"
_MAX_IDS = 200  # of a GET
_COMMON_PARAMETERS = frozenset({"db", "tool", "email", "api_key", "retmode"})
_MATCH_PARAMETERS = _COMMON_PARAMETERS | {"bdata"}
_SUMMARY_PARAMETERS = _COMMON_PARAMETERS | {"id", "version"}


class PubMed:
    """eutils.ncbi.nlm.nih.gov."""

    def __init__(self, catalogue: Catalogue) -> None:
        """Knows the works that have a PubMed number."""
        self._catalogue = catalogue

    def plan(self, request: Request) -> Plan:
        """Match or summary; with a key more is let in."""
        params = request.params()
        if request.method == "POST":
            params |= request.form()
        kind, answer = self._route(request.path.removeprefix(_BASE), params)
        keyed = "api_key" in params
        headers = (("x-ratelimit-limit", "10" if keyed else "3"), ("x-ratelimit-remaining", "2"))
        return Plan(
            kind=kind,
            answer=lambda: _with(answer(), headers),
            lane=f"pubmed/{'keyed' if keyed else 'anonymous'}",
            refuse=_too_many,
        )

    def _route(self, path: str, params: dict[str, str]) -> tuple[str, Callable[[], Response]]:
        if path == "/ecitmatch.cgi":
            return "batch", partial(self._match, params)
        if path == "/esummary.fcgi":
            return "batch", partial(self._summary, params)
        if path == "/einfo.fcgi":
            return "other", partial(json_response, {"header": {"type": "einfo"}, "einforesult": {"dblist": ["pubmed"]}})
        return "other", partial(html_response, "<html><body><h1>404 Not Found</h1></body></html>", status=404)

    def _match(self, params: dict[str, str]) -> Response:
        if not params.keys() <= _MATCH_PARAMETERS or params.get("db") != "pubmed" or not params.get("bdata"):
            return text_response("Missing or unknown parameters", "text/plain; charset=UTF-8", status=400)
        lines = [line for line in params["bdata"].replace("\n", "\r").split("\r") if line.strip()]
        return text_response("".join(f"{self._matched(line)}\n" for line in lines), "text/plain; charset=UTF-8")

    def _matched(self, line: str) -> str:
        fields = line.split("|")
        if len(fields) < 6:
            return f"{line}|NOT_FOUND;INVALID_FORMAT"
        journal, year, volume, page, author, key = (field.strip() for field in fields[:6])
        found = [
            record
            for record in at_place(self._catalogue, journal, volume, page)
            if self._catalogue.access(record).pmid
            and (not year or str(record.year) == year)
            and (not author or _is_first(record, author))
        ]
        if not found:
            told = "NOT_FOUND"
        elif len(found) > 1:
            told = f"AMBIGUOUS ({len(found)} citations)"
        else:
            told = self._catalogue.access(found[0]).pmid or ""
        return f"{journal}|{year}|{volume}|{page}|{author}|{key}|{told}"

    def _summary(self, params: dict[str, str]) -> Response:
        ids = [one.strip() for one in params.get("id", "").split(",") if one.strip()]
        if not params.keys() <= _SUMMARY_PARAMETERS or params.get("db") != "pubmed" or params.get("retmode") != "json":
            return json_response({"error": "Missing or unknown parameters"}, status=400)
        if not ids:
            return json_response({"esummaryresult": ["Empty id list - nothing todo"]})
        if len(ids) > _MAX_IDS:
            return html_response("<html><body><h1>414 Request-URI Too Long</h1></body></html>", status=414)
        found = {pmid: self._catalogue.by_pmid(pmid) for pmid in ids}
        result: dict[str, Any] = {"uids": ids}
        for pmid, record in found.items():
            if record is None:
                result[pmid] = {"uid": pmid, "error": "cannot get document summary"}
            else:
                result[pmid] = self._describe(pmid, record)
        return json_response(
            {"header": {"type": "esummary", "version": "0.3"}, "result": result},
            content_type="application/json; charset=UTF-8",
        )

    def _describe(self, pmid: str, record: Record) -> dict[str, Any]:
        access = self._catalogue.access(record)
        ids = [{"idtype": "pubmed", "idtypen": 1, "value": pmid}]
        if access.pmcid:
            ids.append({"idtype": "pmc", "idtypen": 8, "value": access.pmcid})
        if record.doi:
            ids.append({"idtype": "doi", "idtypen": 3, "value": record.doi})
        kinds = ["Journal Article", *(["Retracted Publication"] if record.is_retracted else [])]
        return {
            "uid": pmid,
            "pubdate": f"{record.year} May" if record.year else "",
            "epubdate": "",
            "source": record.container or "",
            "authors": [{"name": _name(person), "authtype": "Author", "clusterid": ""} for person in record.authors],
            "lastauthor": _name(record.authors[-1]) if record.authors else "",
            "title": f"{record.title}.",
            "sorttitle": fold(record.title),
            "volume": record.volume or "",
            "issue": record.issue or "",
            "pages": record.pages or "",
            "lang": ["eng"],
            "nlmuniqueid": "",
            "issn": "",
            "essn": "",
            "pubtype": kinds,
            "recordstatus": "PubMed - indexed for MEDLINE",
            "pubstatus": "256",
            "articleids": ids,
            "history": [],
            "references": [],
            "attributes": ["Has Abstract"] if record.abstract else [],
            "fulljournalname": record.container or "",
            "elocationid": f"doi: {record.doi}" if record.doi else "",
            "doctype": "citation",
            "booktitle": "",
            "publishername": "",
            "vernaculartitle": "",
            "sortpubdate": f"{record.year}/05/05 00:00" if record.year else "",
        }


def _name(person: Person) -> str:
    initials = "".join(part[0] for part in (person.given or "").replace(".", " ").split())
    return f"{person.family} {initials}".strip()


def _is_first(record: Record, author: str) -> bool:
    return bool(record.authors) and set(words(record.authors[0].family)) <= set(words(author))


def _with(response: Response, headers: tuple[Header, ...]) -> Response:
    return Response(response.status, response.body, (*response.headers, *headers), close=response.close)


def _too_many(refusal: Refusal) -> Response:
    del refusal
    body = {"error": "API rate limit exceeded", "api-key": "127.0.0.1", "count": "4", "limit": "3"}
    return json_response(body, (("x-ratelimit-remaining", "0"),), status=429)
