"""Publishers' and repositories' web sites: landing pages and files."""

from __future__ import annotations

from functools import partial
from html import escape

from dl_lit.core.model import HostType
from dl_lit.replica.access import Copy
from dl_lit.replica.catalogue import Catalogue
from dl_lit.replica.ranges import file_response
from dl_lit.replica.records import Record
from dl_lit.replica.services.files import Files
from dl_lit.replica.wire import Header, Plan, Request, Response, html_response

_MISSING = "<!DOCTYPE html><html><head><title>Page not found</title></head><body><h1>404</h1></body></html>"
_PAYWALL = (
    "<!DOCTYPE html><html><head><title>Access denied</title></head><body><h1>Get access</h1>"
    "<p>You do not have access to this content. Purchase this article, subscribe, "
    "or sign in through your institution.</p>"
    "</body></html>"
)

_SIGNPOSTED = frozenset({2, 3, 7})  # styles of landing pages that also come with typed links in their header
_DISPOSITIONS = (None, None, "inline", "attachment")  # how hosts say what is to be done with a file


def signposts(record: Record, base: str, pdf_path: str) -> tuple[Header, ...]:
    """The typed links of a landing page: https://signposting.org/FAIR/ (read 2026-11-23)."""
    links = [f'<{base}{pdf_path}>; rel="item"; type="application/pdf"', f'<{base}/license>; rel="license"']
    if record.doi:
        links.insert(0, f'<https://doi.org/{record.doi}>; rel="cite-as"')
    return (("link", ", ".join(links)),)


def landing_page(record: Record, base: str, pdf_path: str | None, style: int) -> str:
    """A landing page; `style` is how it names the file: a meta tag (0-5), a link element (6, 7), only a link (8, 9)."""
    facts = [("citation_title", record.title)]
    facts += [("citation_author", f"{p.family}, {p.given}" if p.given else p.family) for p in record.authors[:20]]
    for name, value in (
        ("citation_publication_date", str(record.year) if record.year else None),
        ("citation_journal_title", record.container),
        ("citation_volume", record.volume),
        ("citation_doi", record.doi),
    ):
        if value:
            facts.append((name, value))
    head = [f"<title>{escape(record.title)}</title>"]
    body = [f"<h1>{escape(record.title)}</h1>", f'<a href="/article/{record.position}/references.html">References</a>']
    if pdf_path is None:
        body.append('<div class="paywall"><a href="/purchase">Purchase access</a> <a href="/login">Sign in</a></div>')
    else:
        if style < 6:
            facts.append(("citation_pdf_url", base + pdf_path))
        elif style < 8:
            head.append(f'<link rel="alternate" type="application/pdf" href="{escape(pdf_path)}">')
        body.append(f'<a class="download" href="{escape(pdf_path)}">Download PDF</a>')
        body.append('<a href="/supplement/1.pdf">Supplementary material</a>')
    head += [f'<meta name="{name}" content="{escape(value)}">' for name, value in facts]
    return "<!DOCTYPE html>\n<html><head>" + "\n".join(head) + "</head>\n<body>" + "\n".join(body) + "</body></html>\n"


class _Host:
    """What publishers and repositories have in common."""

    def __init__(self, catalogue: Catalogue, files: Files) -> None:
        """Answers for every site of its group: the address decides nothing but the links."""
        self._catalogue = catalogue
        self._files = files

    def _landing(self, record: Record, copy: Copy | None, site: str) -> Response:
        base = self._catalogue.base(site)
        style = self._catalogue.number(record, "landing style", 10)
        links = signposts(record, base, copy.pdf_path) if copy and style in _SIGNPOSTED else ()
        return html_response(landing_page(record, base, copy.pdf_path if copy else None, style), links)

    def _pdf(self, request: Request, record: Record, copy: Copy) -> Response:
        headers: list[Header] = [("content-type", "application/pdf")]
        if (how := _DISPOSITIONS[self._catalogue.number(record, "disposition", len(_DISPOSITIONS))]) is not None:
            headers.append(("content-disposition", f'{how}; filename="{record.position}.pdf"'))
        return file_response(request, self._files.pdf(record, copy.version.value), headers)


class PublisherHost(_Host):
    """A publisher: a landing page for each of its works, the file where it is open, a paywall where it is not."""

    def plan(self, request: Request) -> Plan:
        """Landing page or file."""
        record = self._files.record_of(request.target) if request.raw_path.startswith("/article/") else None
        if record is None:
            return Plan(kind="other", answer=_missing)
        access = self._catalogue.access(record)
        copy = next((copy for copy in access.copies if copy.host_type is HostType.PUBLISHER), None)
        rest = request.raw_path.removeprefix(f"/article/{record.position}").strip("/")
        if rest == "fulltext.pdf":
            return Plan(kind="pdf", answer=partial(self._pdf, request, record, copy) if copy else _paywall)
        if rest:
            return Plan(kind="other", answer=_missing)
        return Plan(kind="landing", answer=partial(self._landing, record, copy, access.publisher_site))


class RepositoryHost(_Host):
    """A repository: landing pages and files of what was deposited there."""

    def plan(self, request: Request) -> Plan:
        """Landing page or file."""
        record = self._files.record_of(request.target)
        copies = self._catalogue.access(record).copies if record else ()
        copy = next((copy for copy in copies if copy.site.startswith("repository-")), None)
        if record is None or copy is None:
            return Plan(kind="other", answer=_missing)
        if request.raw_path == copy.pdf_path:
            return Plan(kind="pdf", answer=partial(self._pdf, request, record, copy))
        if request.raw_path == copy.landing_path:
            return Plan(kind="landing", answer=partial(self._landing, record, copy, copy.site))
        return Plan(kind="other", answer=_missing)


def _missing() -> Response:
    return html_response(_MISSING, status=404)


def _paywall() -> Response:
    return html_response(_PAYWALL, status=403)
