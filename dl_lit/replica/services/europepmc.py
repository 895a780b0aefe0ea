"""Europe PMC: searches by GET and POST, errors inside a 200, reference lists, and rendered PDFs."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from typing import Any

from dl_lit.replica.access import Access
from dl_lit.replica.catalogue import Catalogue
from dl_lit.replica.faults import pdf_response
from dl_lit.replica.records import Record, title_key, words
from dl_lit.replica.services.files import Files
from dl_lit.replica.services.web import landing_page
from dl_lit.replica.wire import Plan, Refusal, Request, Response, html_response, json_response, text_response

_BASE = "/europepmc/webservices/rest"
_MAX_PAGE = 1_000
_CLAUSE = re.compile(
    r'\b(DOI|TITLE|AUTH|PMID|EXT_ID|PMCID|PUB_YEAR|SRC|TITLE_ABS):\s*(?:"([^"]*)"|(\([^)]*\)|[^\s()]+))', re.IGNORECASE
)
_MOST_FOUND = 2_000


class EuropePmc:
    """www.ebi.ac.uk/europepmc and europepmc.org."""

    def __init__(self, catalogue: Catalogue, files: Files) -> None:
        """Knows the works that have a PubMed or PMC number."""
        self._catalogue = catalogue
        self._files = files

    def plan(self, request: Request) -> Plan:
        """Web service, article page or rendered file."""
        kind, answer = self._route(request)
        return Plan(kind=kind, answer=answer, lane="europepmc", refuse=_too_many)

    def _route(self, request: Request) -> tuple[str, Callable[[], Response]]:
        path = request.path
        while path.startswith(_BASE):
            path = path.removeprefix(_BASE)
        if path in {"/search", "/searchPOST"}:
            params = request.params()
            if request.method == "POST":
                params |= request.form()
            query = params.get("query", "")
            kind = "batch" if re.search(r"\b(DOI|PMID|PMCID|EXT_ID):", query, re.IGNORECASE) else "search"
            return kind, partial(self._search, params)
        if path.startswith("/articles/"):
            return self._article(request, path)
        parts = path.strip("/").split("/")
        if parts[-1] == "fullTextXML":
            return "file", partial(self._full_text, path, parts[-2] if len(parts) > 1 else "")
        if len(parts) == 3 and parts[2] == "references":
            return "record", partial(self._references, parts[1])
        return "other", partial(html_response, "<html><body>404</body></html>", status=404)

    def _article(self, request: Request, path: str) -> tuple[str, Callable[[], Response]]:
        record = self._files.record_of(path)
        rendered = "pdf=render" in request.raw_query
        kind = "pdf" if rendered else "landing"
        if record is None or self._catalogue.access(record).oa_status == "closed":
            return kind, partial(html_response, "<html><head><title>Not found</title></head></html>", status=404)
        if rendered:
            return kind, partial(self._pdf, record)
        pdf_path = f"{path}?pdf=render"
        page = partial(landing_page, record, self._catalogue.base("europepmc"), pdf_path, 0)
        return kind, lambda: html_response(page())

    def _pdf(self, record: Record) -> Response:
        return pdf_response(self._files.pdf(record, "publishedVersion"))

    def _full_text(self, path: str, pmcid: str) -> Response:
        record = self._catalogue.by_pmcid(pmcid)
        if record is None or self._catalogue.access(record).oa_status == "closed":
            body = {
                "timestamp": "2026-09-25T16:52:12.373+00:00",
                "status": 404,
                "error": "Not Found",
                "path": _BASE + path,
            }
            return json_response(body, status=404)
        people = "".join(f"<contrib><name><surname>{p.family}</surname></name></contrib>" for p in record.authors)
        xml = (
            f"<article><front><article-meta><article-id pub-id-type='pmcid'>{pmcid}</article-id><title-group>"
            f"<article-title>{record.title}</article-title></title-group><contrib-group>{people}</contrib-group>"
            "</article-meta></front><body><p/></body></article>"
        )
        return text_response(xml, "application/xml")

    def _references(self, identifier: str) -> Response:
        record = (
            self._catalogue.by_pmcid(identifier)
            if identifier.upper().startswith("PMC")
            else self._catalogue.by_pmid(identifier)
        )
        cited = record.references if record else ()
        listed = [
            {
                "source": "MED",
                "citationType": "JOURNAL ARTICLE",
                "title": entry.title,
                "authorString": entry.author,
                "journalAbbreviation": entry.container,
                "pubYear": int(entry.year) if entry.year and entry.year.isdigit() else None,
                "doi": entry.doi,
                "citedOrder": number,
                "match": "Y" if entry.doi else "N",
            }
            for number, entry in enumerate(cited, 1)
        ]
        return json_response({"version": "6.9", "hitCount": len(listed), "referenceList": {"reference": listed}})

    def _search(self, params: dict[str, str]) -> Response:
        query = params.get("query", "").strip()
        size_text = params.get("pageSize", "25")
        if not query:
            return json_response({"errCode": 404, "errMsg": "Missing query parameter"})
        if not size_text.isdigit() or not 1 <= int(size_text) <= _MAX_PAGE:
            message = f"Invalid page size provided. Valid size is between 1 and {_MAX_PAGE}"
            return json_response({"errCode": 404, "errMsg": message})
        if params.get("format", "xml") != "json":
            return text_response("<responseWrapper><version>6.9</version></responseWrapper>", "application/xml")
        size = int(size_text)
        found = self._find(query)
        mark = params.get("cursorMark", "*")
        offset = int(mark) if mark.isdigit() else 0
        shown = found[offset : offset + size]
        core = params.get("resultType", "lite") == "core"
        if params.get("resultType") == "idlist":
            results = [_names(self._catalogue.access(record)) for record in shown]
        else:
            results = [self._describe(record, self._catalogue.access(record), core=core) for record in shown]
        body: dict[str, Any] = {
            "version": "6.9",
            "hitCount": len(found),
            "nextCursorMark": str(offset + len(shown)) if shown else mark,
            "request": {
                "queryString": query,
                "resultType": params.get("resultType", "lite"),
                "cursorMark": mark,
                "pageSize": size,
                "sort": "",
                "synonym": False,
            },
            "resultList": {"result": results},
        }
        return json_response(body, content_type="application/json;charset=UTF-8")

    def _find(self, query: str) -> list[Record]:
        """The works a query means: identifiers joined by OR, or titles with authors and year, joined likewise."""
        groups = query.removeprefix("(").removesuffix(")").split(") OR (")
        if len(groups) > 1:
            joined = {record.position: record for group in groups for record in self._find(group)}
            return list(joined.values())
        clauses = [(field.upper(), quoted or bare) for field, quoted, bare in _CLAUSE.findall(query)]
        by_name = {"DOI": self._catalogue.by_doi, "PMID": self._catalogue.by_pmid, "EXT_ID": self._catalogue.by_pmid}
        named = [
            found
            for field, value in clauses
            if (look_up := {**by_name, "PMCID": self._catalogue.by_pmcid}.get(field))
            and (found := look_up(value.strip()))
        ]
        if any(field in {"DOI", "PMID", "EXT_ID", "PMCID"} for field, _ in clauses):
            records = sorted({record.position: record for record in named}.values(), key=lambda r: r.position)
        else:
            records = self._by_words(clauses, query)
        return [record for record in records if self._is_here(record)]

    def _by_words(self, clauses: list[tuple[str, str]], query: str) -> list[Record]:
        titles = [value for field, value in clauses if field in {"TITLE", "TITLE_ABS"}]
        authors = [value for field, value in clauses if field == "AUTH"]
        years = [value for field, value in clauses if field == "PUB_YEAR"]
        search = self._catalogue.universe.search
        text = " ".join(titles) or re.sub(_CLAUSE, " ", query) or " ".join(authors)
        hits = search.all_words(text, _MOST_FOUND, title_only=bool(titles)).hits
        return [
            hit.record
            for hit in hits
            if all(title_key(title) in title_key(hit.record.title) for title in titles)
            and all(_has_author(hit.record, author) for author in authors)
            and all(str(hit.record.year) == year for year in years)
        ]

    def _is_here(self, record: Record) -> bool:
        access = self._catalogue.access(record)
        return access.pmid is not None or access.pmcid is not None

    def _describe(self, record: Record, access: Access, *, core: bool) -> dict[str, Any]:
        is_open = access.pmcid is not None and access.oa_status != "closed"
        found: dict[str, Any] = {
            **_names(access),
            "doi": record.doi,
            "title": record.title + ".",
            "authorString": ", ".join(f"{p.family} {(p.given or ' ')[0]}".strip() for p in record.authors[:10]) + ".",
            "pubYear": str(record.year) if record.year else None,
            "isOpenAccess": "Y" if is_open else "N",
            "inEPMC": "Y" if is_open else "N",
            "inPMC": "Y" if access.pmcid else "N",
            "hasPDF": "Y" if is_open else "N",
            "hasBook": "N",
            "hasSuppl": "N",
            "citedByCount": self._catalogue.number(record, "citations", 250),
            "hasReferences": "Y" if record.references else "N",
            "hasTextMinedTerms": "N",
            "hasDbCrossReferences": "N",
            "hasLabsLinks": "N",
            "hasTMAccessionNumbers": "N",
            "firstPublicationDate": f"{record.year}-05-05" if record.year else None,
        }
        if core:
            found["journalInfo"] = {
                "issue": record.issue,
                "volume": record.volume,
                "yearOfPublication": record.year,
                "journal": {"title": record.container, "medlineAbbreviation": record.container},
            }
            found["pageInfo"] = record.pages
            found["authorList"] = {
                "author": [
                    {"fullName": p.full, "firstName": p.given, "lastName": p.family, "initials": (p.given or "")[:1]}
                    for p in record.authors
                ]
            }
            found["fullTextUrlList"] = {"fullTextUrl": self._addresses(record, access, is_open=is_open)}
        else:
            found |= {"journalTitle": record.container, "journalVolume": record.volume, "issue": record.issue}
            found["pageInfo"] = record.pages
        return {name: value for name, value in found.items() if value is not None}

    def _addresses(self, record: Record, access: Access, *, is_open: bool) -> list[dict[str, str]]:
        found = []
        doi_url = self._catalogue.doi_url(record)
        if doi_url:
            found.append(_address("Subscription required", "S", "doi", "DOI", doi_url))
        if is_open:
            page = f"{self._catalogue.base('europepmc')}/articles/{access.pmcid}"
            found.append(_address("Open access", "OA", "html", "Europe_PMC", page))
            found.append(_address("Open access", "OA", "pdf", "Europe_PMC", page + "?pdf=render"))
        return found


def _names(access: Access) -> dict[str, str]:
    """The identifiers of a result."""
    source = "MED" if access.pmid else "PMC"
    found = {"id": access.pmid or access.pmcid or "", "source": source}
    if access.pmid:
        found["pmid"] = access.pmid
    if access.pmcid:
        found["pmcid"] = access.pmcid
    return found


def _address(availability: str, code: str, style: str, site: str, url: str) -> dict[str, str]:
    return {"availability": availability, "availabilityCode": code, "documentStyle": style, "site": site, "url": url}


def _has_author(record: Record, author: str) -> bool:
    wanted = words(author)
    return any(wanted and wanted[0] in words(person.family) for person in record.authors)


def _too_many(refusal: Refusal) -> Response:
    del refusal
    return html_response("<html><body><h1>429 Too Many Requests</h1></body></html>", status=429)
