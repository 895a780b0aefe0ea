"""The finder: one way after the other, the surest first."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from urllib.parse import urldefrag, urljoin, urlsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode

from dl_lit.core.model import Work
from dl_lit.core.ports import Page, PdfLink, PdfLinks
from dl_lit.core.reasons import Reason

RESOLVER_VERSION = 1
"""Raised with each change that may find a link on a page where none was found before."""

_META = ("citation_pdf_url", "bepress_citation_pdf_url", "wkhealth_pdf_url", "eprints.document_url")
_PDF_PATH = re.compile(r"\.pdf$", re.IGNORECASE)
_LINK_HEADER = re.compile(r"<([^>]*)>([^,<]*)")
_PAYWALL = re.compile(
    r"purchase (?:access|article|pdf|this|instant)|buy (?:article|this article|pdf|now)|rent (?:this )?article"
    r"|get access to the full version|subscribe to (?:read|view)|access through your institution"
    r"|check access|pay[- ]per[- ]view|add to cart",
    re.IGNORECASE,
)
_BARE_TEXT = 200  # fewer than this, with scripts: the page is made by them
_MAX_LINKS = 20


def find_pdf_links(page: Page, work: Work, dropped: Collection[str] = ()) -> PdfLinks:
    """The PDFs that `page` names as `work`, best first; see `core.ports.LinkFinder`."""
    del work
    tree = LexborHTMLParser(page.html)
    node = tree.css_first("base[href]")
    base = urljoin(page.url, (node.attributes.get("href") or "") if node is not None else "")
    found: dict[str, str] = {}
    for link, technique in _candidates(tree, page.headers):
        url = _absolute(base, link)
        if url is not None and url != urldefrag(page.url).url and technique not in dropped:
            found.setdefault(url, technique)
    links = tuple(PdfLink(url, technique) for url, technique in list(found.items())[:_MAX_LINKS])
    return PdfLinks(links=links, why_none=_why_none(page.html))


def _why_none(html: str) -> Reason:
    tree = LexborHTMLParser(html)
    text = ""
    if (body := tree.body) is not None:
        for node in body.css("script, style, noscript, template"):
            node.decompose()
        text = " ".join(body.text(separator=" ").split())
    if _PAYWALL.search(text):
        return Reason.BLOCKED_PAYWALL
    if len(text) < _BARE_TEXT and "<script" in html.lower():
        return Reason.JS_ONLY_PAGE
    return Reason.NO_PDF_LINK


def _candidates(tree: LexborHTMLParser, headers: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    metas = [(_name(node), node.attributes.get("content") or "") for node in tree.css("meta")]
    for name in _META:
        for given, content in metas:
            if given == name:
                yield content, f"meta-{name}"
    for given, content in metas:
        if given == "dc.identifier" and _PDF_PATH.search(content) and content.lower().startswith("http"):
            yield content, "meta-dc.identifier"
    for node in tree.css('link[type="application/pdf" i][href]'):
        if "alternate" in (node.attributes.get("rel") or "").lower():
            yield node.attributes.get("href") or "", "link-alternate"
    for target, parameters in _LINK_HEADER.findall(headers.get("link", "")):
        if "application/pdf" in parameters.lower():
            yield target, "link-header"
    for node in tree.css('embed[type="application/pdf" i][src], object[type="application/pdf" i][data]'):
        yield node.attributes.get("src") or node.attributes.get("data") or "", "embedded"
    for node in tree.css("iframe[src], frame[src], embed[src]"):
        source = node.attributes.get("src") or ""
        if _PDF_PATH.search(_path(source)):
            yield source, "embedded"


def _name(node: LexborNode) -> str:
    return (node.attributes.get("name") or node.attributes.get("property") or "").strip().lower()


def _path(link: str) -> str:
    """The path of a link, "" where it is no address."""
    try:
        return urlsplit(link).path
    except ValueError:
        return ""


def _absolute(base: str, link: str) -> str | None:
    """The web address a link means; None for what is none (empty, javascript:, malformed)."""
    link = re.sub(r"[\t\r\n]", "", link.strip()).replace(" ", "%20")
    if not link:
        return None
    try:
        url = urldefrag(urljoin(base, link)).url
        parts = urlsplit(url)
    except ValueError:
        return None
    return url if parts.scheme in {"http", "https"} and parts.hostname else None
