"""Documents that a page shows within itself, through a viewer, or sends its reader on to."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from urllib.parse import parse_qsl, unquote

from dl_lit.landing.address import absolute, host_of, is_pdf_address, split
from dl_lit.landing.candidate import Candidate
from dl_lit.landing.sheet import Sheet

_FRAMES = (("iframe", "src"), ("frame", "src"), ("embed", "src"), ("object", "data"))
_VIEWER = re.compile(
    r"(?:^|\.)(?:docs|drive)\.google\.com$|(?:^|\.)view\.officeapps\.live\.com$|(?:^|\.)documentcloud\.adobe\.com$"
)
_VIEWER_KEYS = ("file", "url", "src", "pdf", "pdfurl", "pdf_url", "document", "doc")
_VIEWER_PATH = re.compile(r"viewer|pdf-?js|pdfview|web/view|generic/web|/embed|reader|flip", re.IGNORECASE)
_REFRESH = re.compile(  # nothing is given back: white space alone would be shared out in all ways there are
    r"\s*+[\d.]*+\s*+[;,]?+\s*+(?:url\s*+=)?+\s*+['\"]?+\s*+(?P<url>[^'\"\s][^'\"]*+)", re.IGNORECASE
)
_JUMP = re.compile(
    r"""(?:window|document|self|top|parent)?\.?location(?:\.href)?\s*(?:=|\.(?:replace"
    r"|assign)\()\s*["'](?P<url>[^"'\s<>]{1,3000})["']"""
)
_INTERSTITIAL = 600  # characters of text: a page with more is not only there to send its reader on
_ON_ITS_WAY = re.compile(
    r"pdf|download|redirect|herunterlad|t[ée]l[ée]charg|descarg|scaric|moment|wait|click here", re.IGNORECASE
)


def frames(sheet: Sheet) -> Iterator[Candidate]:
    """The PDFs in frames and embedded objects, directly or in a viewer."""
    for tag, attribute in _FRAMES:
        for node in sheet.tree.css(f"{tag}[{attribute}]")[:200]:
            url = sheet.absolute(node.attributes.get(attribute))
            if url is None:
                continue
            kind = (node.attributes.get("type") or "").split(";")[0].strip().lower()
            inner = in_viewer(url)
            if inner is not None:
                yield Candidate(inner, "viewer")
            elif kind == "application/pdf" or (is_pdf_address(url) and not _is_html_viewer(url)):
                yield Candidate(url, "embedded")
    for node in sheet.tree.css('object param[name="src" i][value], object param[name="movie" i][value]')[:50]:
        url = sheet.absolute(node.attributes.get("value"))
        if url is not None and is_pdf_address(url):
            yield Candidate(url, "embedded")


def in_viewer(url: str) -> str | None:
    """The PDF that an address asks a viewer to show: Google's `url=`, PDF.js's `file=`; None for no viewer."""
    parts = split(url)
    is_google = _VIEWER.search(host_of(url)) is not None
    if not is_google and not _VIEWER_PATH.search(parts.path):
        return None
    query = parts.query[:6_000]
    given = {key.lower(): value for key, value in parse_qsl(query) if value}
    for key in _VIEWER_KEYS:
        value = given.get(key)
        if value is None:
            continue
        if value.lower().startswith(("http%3a", "https%3a", "%2f")):
            value = unquote(value)
        inner = absolute(url, value)
        if inner is not None and (is_google or is_pdf_address(inner) or key in {"file", "pdf", "pdfurl", "pdf_url"}):
            return inner if inner != url else None
    return None


def onward(sheet: Sheet, headers: Mapping[str, str]) -> Iterator[Candidate]:
    """Where the page sends its reader by itself: a meta refresh, or a jump of a page that does nothing else.

    What a meta element may say of a refresh may as well stand in `headers`, those the page came with.
    """
    is_bare = len(sheet.whole_text) < _INTERSTITIAL and not any(name.startswith("citation_") for name, _ in sheet.metas)
    told = [value for name, value in headers.items() if name.lower() == "refresh"]
    told += [
        node.attributes.get("content") or ""
        for node in sheet.tree.css("meta[http-equiv][content]")[:20]
        if (node.attributes.get("http-equiv") or "").strip().lower() == "refresh"
    ]
    for content in told:
        match = _REFRESH.match(content[:4_000])
        url = sheet.absolute(match["url"]) if match is not None else None
        if url is None:
            continue
        leads = in_viewer(url) or url
        says = f"{sheet.title} {sheet.whole_text}"
        if is_pdf_address(leads) or (is_bare and _ON_ITS_WAY.search(says) and _is_file_like(leads)):
            yield Candidate(leads, "meta-refresh")
    if is_bare:
        for match in _JUMP.finditer(sheet.html[:100_000]):
            url = sheet.absolute(match["url"].replace("\\/", "/"))
            if url is not None and is_pdf_address(url):
                yield Candidate(url, "script-refresh")


def _is_html_viewer(url: str) -> bool:
    return split(url).path.lower().endswith((".html", ".htm"))


def _is_file_like(url: str) -> bool:
    """Whether an address may be a file: it asks for a download, or for something below a repository's files."""
    parts = split(url)
    return (
        re.search(
            r"download|bitstream|file|document|content|get|attachment", f"{parts.path}?{parts.query}", re.IGNORECASE
        )
        is not None
    )
