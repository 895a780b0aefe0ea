"""What a page states for machines: meta tags, link elements, the `Link` header.

The meta tags: https://scholar.google.com/intl/en/scholar/inclusion.html#indexing; signposting:
https://signposting.org/FAIR/ (read 2026-11-23).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from dl_lit.landing.address import absolute, is_pdf_address
from dl_lit.landing.candidate import Candidate
from dl_lit.landing.link_header import HeaderLink, links_of
from dl_lit.landing.sheet import Sheet

TAGS = ("citation_pdf_url", "bepress_citation_pdf_url", "wkhealth_pdf_url", "eprints.document_url")
_IDENTIFIERS = ("dc.identifier", "dc.identifier.uri", "dcterms.identifier")
_PDF = "application/pdf"
_ITEM = re.compile(r"\bitem\b")


def metas(sheet: Sheet) -> Iterator[Candidate]:
    """The files that the meta tags name, tag by tag."""
    for name in TAGS:
        for content in sheet.meta(name):
            if (url := sheet.absolute(content)) is not None and _may_be_file(name, url):
                yield Candidate(url, f"meta-{name}", is_stated=True)
    for content in sheet.meta(*_IDENTIFIERS):
        if content.lower().startswith("http") and content.lower().split("?")[0].endswith(".pdf"):
            url = sheet.absolute(content)
            if url is not None:
                yield Candidate(url, "meta-dc.identifier")


def _may_be_file(name: str, url: str) -> bool:
    """EPrints names every document of a record so, pictures and archives too."""
    return name != "eprints.document_url" or is_pdf_address(url) or "." not in url.rsplit("/", 1)[-1]


def links(sheet: Sheet, headers: Mapping[str, str]) -> Iterator[Candidate]:
    """The files that link elements and the `Link` header name."""
    elements = [
        (
            (node.attributes.get("rel") or "").lower().split(),
            (node.attributes.get("type") or "").split(";")[0].strip().lower(),
            sheet.absolute(node.attributes.get("href")),
        )
        for node in sheet.tree.css("link[href]")[:2_000]
    ]
    for relations, kind, url in elements:
        if url is not None and "alternate" in relations and kind == _PDF:
            yield Candidate(url, "link-alternate", is_stated=True)
    header = next((value for name, value in headers.items() if name.lower() == "link"), "")
    items = [link for link in links_of(header) if _is_about(link, sheet) and "item" in link.relations]
    for link in items:
        if link.type == _PDF and (url := absolute(sheet.url, link.target)) is not None:
            yield Candidate(url, "header-item", is_stated=len([one for one in items if one.type == _PDF]) == 1)
    of_pdf = [url for relations, kind, url in elements if url and "item" in relations and kind == _PDF]
    for url in of_pdf:
        yield Candidate(url, "link-item", is_stated=len(of_pdf) == 1)
    for link in links_of(header):
        if _is_about(link, sheet) and "alternate" in link.relations and link.type == _PDF:
            url = absolute(sheet.url, link.target)
            if url is not None:
                yield Candidate(url, "header-alternate", is_stated=True)


def _is_about(link: HeaderLink, sheet: Sheet) -> bool:
    """Whether the link speaks of this page: an anchor may make it speak of another."""
    return link.anchor is None or absolute(sheet.url, link.anchor or sheet.url) in {sheet.url, None}
