"""OpenURLs: links by which a library's resolver is asked for a work. Pure.

ANSI/NISO Z39.88-2004, key/encoded-value format: https://groups.niso.org/higherlogic/ws/public/download/14833
(read 2026-11-23).
"""

from __future__ import annotations

import re
from urllib.parse import quote, urlencode, urlsplit

from dl_lit.core.model import Work, WorkType

_SID = "info:sid/dl_lit"
_JOURNAL, _BOOK, _DISSERTATION = (f"info:ofi/fmt:kev:mtx:{name}" for name in ("journal", "book", "dissertation"))
_GENRES = {
    WorkType.ARTICLE_JOURNAL: (_JOURNAL, "article"),
    WorkType.ARTICLE: (_JOURNAL, "preprint"),
    WorkType.PAPER_CONFERENCE: (_JOURNAL, "proceeding"),
    WorkType.BOOK: (_BOOK, "book"),
    WorkType.CHAPTER: (_BOOK, "bookitem"),
    WorkType.REPORT: (_BOOK, "report"),
    WorkType.THESIS: (_DISSERTATION, "dissertation"),
}
_MOST_AUTHORS = 5
_LONGEST = 300  # characters of one value: resolvers refuse addresses of more than some thousand


def openurl(work: Work, base: str) -> str:
    """The link that asks the resolver at `base` for the work; `base` may have a query of its own."""
    form, genre = _GENRES.get(work.type, (_JOURNAL, "unknown"))
    first, last = _pages(work.pages)
    people = work.authors or work.editors
    pairs: list[tuple[str, str | None]] = [
        ("url_ver", "Z39.88-2004"),
        ("ctx_ver", "Z39.88-2004"),
        ("rfr_id", _SID),
        ("rft_val_fmt", form),
        ("rft.genre", genre if form != _DISSERTATION else None),
        *_titles(work, form),
        ("rft.aulast", people[0].family if people else None),
        ("rft.aufirst", people[0].given if people else None),
        *(("rft.au", _full(person.given, person.sort_key)) for person in people[:_MOST_AUTHORS]),
        ("rft.date", str(work.year) if work.year else None),
        ("rft.volume", work.volume),
        ("rft.issue", work.issue),
        ("rft.spage", first),
        ("rft.epage", last),
        ("rft.pub", work.publisher if form != _JOURNAL else None),
        ("rft.isbn", work.isbn),
        ("rft_id", f"info:doi/{work.doi}" if work.doi else None),
        ("rft_id", f"info:pmid/{work.pmid}" if work.pmid else None),
    ]
    query = urlencode([(name, value[:_LONGEST]) for name, value in pairs if value], quote_via=quote)
    return f"{base}{_joint(base)}{query}"


def _titles(work: Work, form: str) -> list[tuple[str, str | None]]:
    if form == _JOURNAL:
        return [("rft.atitle", work.title), ("rft.jtitle", work.container_title)]
    if work.type is WorkType.CHAPTER:
        return [("rft.atitle", work.title), ("rft.btitle", work.container_title)]
    return [("rft.btitle" if form == _BOOK else "rft.title", work.title)]


def _pages(pages: str | None) -> tuple[str | None, str | None]:
    first, *rest = re.split(r"\s*[-–—]+\s*", pages or "", maxsplit=1)
    return first or None, rest[0] if rest else None


def _full(given: str | None, family: str) -> str:
    return " ".join(part for part in (given, family) if part)


def _joint(base: str) -> str:
    if base.endswith(("?", "&")):
        return ""
    return "&" if urlsplit(base).query else "?"
