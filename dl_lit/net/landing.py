"""Finds the PDF that a landing page names. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from urllib.parse import urldefrag, urljoin, urlsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode

_META = ("citation_pdf_url", "bepress_citation_pdf_url", "wkhealth_pdf_url", "eprints.document_url")
_PDF_PATH = re.compile(r"\.pdf$", re.IGNORECASE)
_LINK_HEADER = re.compile(r"<([^>]*)>([^,<]*)")
_MAX_LINKS = 20


def pdf_links(html: str, base_url: str, headers: Mapping[str, str] | None = None) -> list[tuple[str, str]]:
    """The PDFs that the page at `base_url` names, best first, each with the technique that found it.

    `headers` are those the page came with (lower-case names). The page itself is never among the links.
    """
    tree = LexborHTMLParser(html)
    node = tree.css_first("base[href]")
    base = urljoin(base_url, (node.attributes.get("href") or "") if node is not None else "")
    found: dict[str, str] = {}
    for link, technique in _candidates(tree, headers or {}):
        url = _absolute(base, link)
        if url is not None and url != urldefrag(base_url).url:
            found.setdefault(url, technique)
    return list(found.items())[:_MAX_LINKS]


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
