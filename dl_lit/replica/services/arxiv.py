"""arXiv: the Atom API, abstract pages and files, all under one rate."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from html import escape
from urllib.parse import quote

from dl_lit.replica.access import Access
from dl_lit.replica.catalogue import Catalogue
from dl_lit.replica.faults import pdf_response
from dl_lit.replica.records import Record, fold, words
from dl_lit.replica.services.files import Files
from dl_lit.replica.services.web import landing_page
from dl_lit.replica.wire import Plan, Refusal, Request, Response, html_response, text_response

_ATOM = "application/atom+xml; charset=UTF-8"
_DEFAULT_RESULTS = 10
_MOST_RESULTS = 2_000
_MOST_TOTAL = 30_000
_ID = re.compile(r"^(?:\d{4}\.\d{4,5}|[a-z-]+(?:\.[a-z]{2})?/\d{7})(v\d+)?$", re.IGNORECASE)
_TERM = re.compile(r'(?:\b(ti|au|abs|all|cat|id|jr|co|rn):)?("[^"]*"|[^\s()]+)', re.IGNORECASE)
_MOMENT = "2026-04-12T22:10:19Z"
_HEAD = (
    "<?xml version='1.0' encoding='UTF-8'?>\n"
    '<feed xmlns:opensearch="http://a9.com/-/spec/opensearch/1.1/" xmlns:arxiv="http://arxiv.org/schemas/atom" '
    'xmlns="http://www.w3.org/2005/Atom">\n'
)


class Arxiv:
    """export.arxiv.org."""

    def __init__(self, catalogue: Catalogue, files: Files) -> None:
        """Knows the works that have an arXiv identifier."""
        self._catalogue = catalogue
        self._files = files

    def plan(self, request: Request) -> Plan:
        """API, abstract page or file: one request in three seconds, one at a time, all together."""
        kind, answer = self._route(request)
        return Plan(kind=kind, answer=answer, lane="arxiv", refuse=_too_many)

    def _route(self, request: Request) -> tuple[str, Callable[[], Response]]:
        path = request.path
        if path.rstrip("/") == "/api/query":
            params = request.params()
            if request.method == "POST":
                params |= request.form()
            if params.get("id_list"):
                return "batch", partial(self._query, params)
            return "search", partial(self._query, params)
        record = self._files.record_of(path) if path.startswith(("/pdf/", "/abs/")) else None
        if record is None:
            return "other", partial(html_response, "<html><head><title>404 Not Found</title></head></html>", status=404)
        if path.startswith("/pdf/"):
            return "pdf", partial(self._pdf, record)
        return "landing", partial(self._abstract, record)

    def _pdf(self, record: Record) -> Response:
        return pdf_response(self._files.pdf(record, "submittedVersion"))

    def _abstract(self, record: Record) -> Response:
        arxiv_id = self._catalogue.access(record).arxiv_id
        base = self._catalogue.base("arxiv")
        return html_response(landing_page(record, base, f"/pdf/{arxiv_id}", style=0))

    def _query(self, params: dict[str, str]) -> Response:
        start_text, most_text = params.get("start", "0"), params.get("max_results", str(_DEFAULT_RESULTS))
        if not start_text.isdigit():
            return _error("start must be an integer", "start_must_be_an_integer", status=200)
        if not most_text.isdigit():
            return _error("max_results must be an integer", "max_results_must_be_an_integer", status=200)
        start, most = int(start_text), min(int(most_text), _MOST_RESULTS)
        if start + int(most_text) > _MOST_TOTAL:
            return _error("max_results is too large", "max_results_too_large", status=400)
        ids = [part.strip() for part in params.get("id_list", "").split(",") if part.strip()]
        for arxiv_id in ids:
            if not _ID.match(arxiv_id):
                return _error(f"incorrect id format for {arxiv_id}", f"incorrect_id_format_for_{arxiv_id}", status=400)
        terms = params.get("search_query", "").strip()
        total, found = self._listed(ids) if ids else self._searched(terms, start + most)
        shown = found[start : start + most]
        return self._feed(terms, ids, total=total, start=start, most=most, shown=shown)

    def _listed(self, ids: list[str]) -> tuple[int, list[Record]]:
        """The works of a list of identifiers; unknown ones are simply absent."""
        found = (self._catalogue.by_arxiv(re.sub(r"v\d+$", "", arxiv_id)) for arxiv_id in ids)
        unique = {record.position: record for record in found if record is not None}
        return len(unique), list(unique.values())

    def _searched(self, terms: str, wanted: int) -> tuple[int, list[Record]]:
        """Works at arXiv that meet all terms: `ti:`, `au:` and words anywhere."""
        titles, authors, anywhere = _terms(terms)
        everything = " ".join([*titles, *anywhere]) or " ".join(authors)
        if not everything:
            return 0, []
        search = self._catalogue.universe.search
        hits = search.all_words(everything, max(200, wanted * 4), title_only=bool(titles) and not anywhere).hits
        found = [
            hit.record
            for hit in hits
            if self._catalogue.access(hit.record).arxiv_id
            and all(any(author in fold(person.full) for person in hit.record.authors) for author in authors)
        ]
        return len(found), found

    def _feed(self, terms: str, ids: list[str], *, total: int, start: int, most: int, shown: list[Record]) -> Response:
        shown_terms = terms if not terms or ":" in terms else f"all:{terms}"
        id_list = ",".join(ids)
        name = f"search_query={shown_terms}&id_list={id_list}&start={start}&max_results={most}"
        link = f"https://arxiv.org/api/query?search_query={quote(shown_terms)}&start={start}&max_results={most}&id_list={id_list}"
        parts = [
            _HEAD,
            f"  <id>https://arxiv.org/api/{quote(name, safe='')[:27]}</id>\n",
            f"  <title>arXiv Query: {escape(name, quote=False)}</title>\n  <updated>{_MOMENT}</updated>\n",
            f'  <link href="{escape(link)}" type="application/atom+xml"/>\n',
            f"  <opensearch:itemsPerPage>{most}</opensearch:itemsPerPage>\n",
            f"  <opensearch:totalResults>{total}</opensearch:totalResults>\n",
            f"  <opensearch:startIndex>{start}</opensearch:startIndex>\n",
            *(_entry(record, self._catalogue.access(record), self._catalogue.base("arxiv")) for record in shown),
            "</feed>\n",
        ]
        return text_response("".join(parts), _ATOM)


def _terms(query: str) -> tuple[list[str], list[str], list[str]]:
    """Words of the title, authors' names (folded), and words from anywhere, of a search query."""
    titles: list[str] = []
    authors: list[str] = []
    anywhere: list[str] = []
    for field, term in _TERM.findall(query):
        text = term.strip('"')
        if not field and text in {"AND", "OR", "ANDNOT"}:
            continue
        match field.lower():
            case "ti":
                titles += words(text)
            case "au":
                authors.append(" ".join(words(text.replace("_", " "))))
            case _:
                anywhere += words(text)
    return titles, [author for author in authors if author], anywhere


def _entry(record: Record, access: Access, base: str) -> str:
    year = record.year or 2000
    versioned = f"{access.arxiv_id}v1"
    authors = "".join(
        f"    <author>\n      <name>{escape(person.full, quote=False)}</name>\n    </author>\n"
        for person in record.authors
    )
    extra = ""
    if record.doi and not record.doi.startswith("10.48550/"):
        extra += f"    <arxiv:doi>{escape(record.doi, quote=False)}</arxiv:doi>\n"
    if record.container:
        extra += f"    <arxiv:journal_ref>{escape(record.container, quote=False)}, {year}</arxiv:journal_ref>\n"
    return (
        f"  <entry>\n    <id>http://arxiv.org/abs/{versioned}</id>\n"
        f"    <title>{escape(record.title, quote=False)}</title>\n    <updated>{year}-05-26T17:59:46Z</updated>\n"
        f'    <link href="{base}/abs/{versioned}" rel="alternate" type="text/html"/>\n'
        f'    <link href="{base}/pdf/{versioned}" rel="related" type="application/pdf" title="pdf"/>\n'
        f"    <summary>{escape(record.abstract or '', quote=False)}</summary>\n"
        f'    <category term="cs.DL" scheme="http://arxiv.org/schemas/atom"/>\n'
        f"    <published>{year}-05-26T17:59:46Z</published>\n{extra}"
        f'    <arxiv:primary_category term="cs.DL"/>\n{authors}  </entry>\n'
    )


def _error(summary: str, anchor: str, *, status: int) -> Response:
    """A feed whose one entry is an error."""
    address = f"https://arxiv.org/api/errors#{escape(anchor)}"
    feed = (
        f"{_HEAD}  <id>https://arxiv.org/</id>\n  <title>arXiv Search Results</title>\n  <updated>{_MOMENT}</updated>\n"
        "  <opensearch:itemsPerPage>1</opensearch:itemsPerPage>\n"
        "  <opensearch:totalResults>1</opensearch:totalResults>\n"
        "  <opensearch:startIndex>0</opensearch:startIndex>\n"
        f"  <entry>\n    <id>{address}</id>\n    <title>Error</title>\n    <updated>{_MOMENT}</updated>\n"
        f'    <link href="{address}" rel="alternate" type="text/html"/>\n'
        f"    <summary>{escape(summary, quote=False)}</summary>\n    <author>\n      <name>arXiv api core</name>\n"
        "    </author>\n  </entry>\n</feed>\n"
    )
    return text_response(feed, _ATOM, status=status)


def _too_many(refusal: Refusal) -> Response:
    del refusal
    return text_response("Rate exceeded.", "text/plain; charset=utf-8", status=429)
