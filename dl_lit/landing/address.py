"""What a link is by its address alone: whether it is one, whether it may lead to a PDF, whether to the wrong one."""

from __future__ import annotations

import re
from urllib.parse import SplitResult, parse_qsl, unquote, urldefrag, urljoin, urlsplit

_LONGEST = 4_000  # characters; signed addresses of object stores have some 2,000
_UNSEEN = re.compile(r"[\t\r\n]")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_ELSEWHERE = re.compile(
    r"(?:^|\.)(?:doi\.org|handle\.net|facebook\.com|twitter\.com|x\.com|linkedin\.com|mendeley\.com|reddit\.com"
    r"|pinterest\.com|addtoany\.com|addthis\.com|wa\.me|t\.me|weibo\.com|scholar\.google\.\w+|translate\.google\.\w+"
    r"|citeulike\.org|endnote\.com|refworks\.com|orcid\.org|creativecommons\.org|crossmark\.crossref\.org"
    r"|page-one\.[\w.]+)$"
)
"""Hosts that a landing page points at for other ends than its file: resolvers (they lead back), sharing, licences."""

_PART = re.compile(
    r"(?:^|[^a-z])(?:supp(?:l|lement|lementa\w*|orting\w*)?(?:[-_ ]?(?:info|mat|file|data|table|fig)\w*)?[-_ ]?s?\d*"
    r"|si[-_ ]?\d+|esm\d*|moesm\d+\w*|mmc\d+|s\d{3}|append(?:ix|ices)\w*|annex\w*|poster|slides?|presentation"
    r"|graphical[-_ ]?abstract|visual[-_ ]?abstract|graphabs"
    r"|peer[-_ ]?review\w*|review[-_ ]?(?:report|history|commons)s?|decision[-_ ]?letter|reporting[-_ ]?summary"
    r"|checklist|guidelines?|instructions?|copyright\w*|licen[cs]e\w*|agreement|flyer|leaflet|order[-_ ]?form"
    r"|errat\w+|corrigend\w+|back[-_ ]?matter|index|glossary|press[-_ ]?release|highlights|metadata"
    r"|(?:cv|vita|readme|help|faq|policy|policies|terms))(?:[^a-z0-9]|$)",
    re.IGNORECASE,
)
_BIT = re.compile(
    r"^(?:\d{0,2}[-_ ]?title(?:[-_ ]?page)?|front[-_ ]?(?:matter|cover|page)|(?:back[-_ ]?)?cover(?:[-_ ]?page)?"
    r"|page[-_ ]?(?:one|1)|first[-_ ]?page|toc|(?:table[-_ ]?of[-_ ]?)?contents?|item_\d+|abstract(?:s|[-_ ]only)?"
    r"|preview"
    r"|sample|impressum|imprint|masthead|inhalt(?:sverzeichnis)?|titelblatt|sommaire|indice)[-_ ]?\d*$"
    r"|[-_ ](?:titlepage|frontcover|coverpage|toc|preview|abstract)$"
    r"|^\d{1,2}[-_ ](?:certificate|declaration|acknowledge?ments?|dedication|abstract|contents?|preface"
    r"|list[-_ ]of[-_ ]\w+"
    r"|chapter[-_ ]?\d*|bibliography|conclusion|introduction|synopsis)",
    re.IGNORECASE,
)
"""The last line: how Indian and other repositories of theses cut a thesis into files ("03_abstract.pdf")."""

_FORMATS = (
    *(
        ".html",
        ".htm",
        ".xml",
        ".epub",
        ".mobi",
        ".zip",
        ".gz",
        ".txt",
        ".doc",
        ".docx",
        ".odt",
        ".ps",
        ".djvu",
        ".tex",
    ),
    *(
        ".jpg",
        ".jpeg",
        ".png",
        ".gif",
        ".svg",
        ".tif",
        ".tiff",
        ".ico",
        ".csv",
        ".xls",
        ".xlsx",
        ".ppt",
        ".pptx",
        ".mp4",
    ),
    *(".ris", ".bib", ".json", ".enw"),
)
"""What a file's name ends in that is no PDF."""

_QUERY_FORMAT = frozenset({"format", "type", "mode", "output", "fmt", "render", "ext", "filetype", "blobtype"})


def absolute(base: str, link: str) -> str | None:
    """The web address that `link` means on a page at `base`; None for what is none (empty, javascript:, malformed)."""
    link = _UNSEEN.sub("", link.strip()).replace(" ", "%20").replace("\\", "/")
    if not link or len(link) > _LONGEST or link.startswith("#"):
        return None
    try:
        url = urldefrag(urljoin(base, link)).url
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return None
    if parts.scheme not in {"http", "https"} or not parts.hostname or "@" in parts.netloc or _CONTROL.search(url):
        return None
    return url


def split(url: str) -> SplitResult:
    """The parts of an address; empty ones where it is none."""
    try:
        parts = urlsplit(url)
        _ = parts.hostname, parts.port
    except ValueError:
        return SplitResult("", "", "", "", "")
    return parts


def host_of(url: str) -> str:
    """The host's name in lower case, without port; "" where there is none."""
    return (split(url).hostname or "").rstrip(".")


def is_elsewhere(url: str) -> bool:
    """Whether the host is one that never holds the file: a resolver, a network to share on, a licence."""
    return _ELSEWHERE.search(host_of(url)) is not None


def file_name(url: str) -> str:
    """The name of the file that the address shows, decoded: the last part of the path or a query's file; "" if none."""
    parts = split(url)
    for key, value in parse_qsl(parts.query[:2_000]):
        if value.lower().endswith(".pdf") and key.lower() not in {"url", "u", "href", "src", "ref"}:
            return unquote(value).rsplit("/", 1)[-1]
    segments = [unquote(part) for part in parts.path.split(";", 1)[0].split("/") if part]
    for segment in reversed(segments):
        if segment.lower().endswith(".pdf"):
            return segment
    return segments[-1] if segments else ""


def is_pdf_address(url: str) -> bool:
    """Whether the address itself says PDF: its file's name, a part of its path, or a format asked for."""
    parts = split(url)
    path = parts.path.split(";", 1)[0].lower()
    if path.endswith(_FORMATS):
        return False
    if file_name(url).lower().endswith(".pdf") or re.search(
        r"/(?:full-?text-?|article-?|download-?|e)?pdf(?:direct|ft|plus|view|render|s)?(?:/|$)|[._]pdf(?:/|$)"
        r"|\.full-text\.pdf",
        path,
    ):
        return True
    return any(
        key.lower() in _QUERY_FORMAT and value.lower() in {"pdf", "application/pdf", "printable"}
        for key, value in parse_qsl(parts.query[:2_000])
    )


def is_other_format(url: str) -> bool:
    """Whether the address ends like a file that is no PDF."""
    return split(url).path.split(";", 1)[0].lower().endswith(_FORMATS)


def is_wrong_part(url: str, title: str) -> bool:
    """Whether the file's name says that it is not the text: a supplement, a cover, a poster, a first page.

    A word that stands in the work's own title says nothing.
    """
    name = file_name(url)
    stem = re.sub(r"\.pdf$", "", name, flags=re.IGNORECASE)
    return is_bit(url) or any(_is_foreign(match[0], title) for match in _PART.finditer(stem))


def is_bit(url: str) -> bool:
    """Whether the file's name says that it is a title page, a cover, a table of contents or a first page."""
    name = file_name(url)
    is_named = name.lower().endswith(".pdf") and _BIT.search(name[:-4]) is not None
    return is_named or "page-one." in host_of(url)


def _is_foreign(word: str, title: str) -> bool:
    letters = re.sub(r"[^a-z]", "", word.lower())
    return len(letters) < 4 or letters not in re.sub(r"[^a-z]", "", title.lower())
