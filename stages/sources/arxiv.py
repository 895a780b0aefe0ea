"""arXiv's own API: one request in three seconds, so only for what DataCite does not have yet.

Read 2026-11-22: https://info.arxiv.org/help/api/user-manual.html (feed, `id_list`, `max_results` defaults to 10),
https://info.arxiv.org/help/api/tou.html (limits).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from xml.etree import ElementTree as ET

from dl_lit.core.errors import RequestRefused, ServiceError
from dl_lit.core.identifiers import doi_of_arxiv_id, normalise_arxiv_id, normalise_doi
from dl_lit.core.model import Notice, NoticeKind, Relation, RelationKind, Work, WorkType
from dl_lit.core.ports import ServiceCalls
from dl_lit.core.reasons import Reason
from dl_lit.matching.normalise import plain_text
from stages.answers import LookUp, list_body, look_up
from stages.sources.names import person

SERVICE = "arxiv"
BATCH = 50
URL_BYTES = 3_400  # of the identifiers, encoded

WITHDRAWN = re.compile(
    r"^\W*withdrawn\b|\b(?:paper|article|preprint|manuscript|submission|version|work|it)\b[^.;]{0,60}"
    r"\b(?:has been|is|was|have been|being)\b[^.;]{0,20}\bwithdrawn\b|\bwithdrawn (?:by|due|because|for|as)\b",
    re.IGNORECASE,
)
"""What the comment of a withdrawn submission says: https://info.arxiv.org/help/withdraw.html (read 2026-11-23)."""

_ATOM = "{http://www.w3.org/2005/Atom}"
_ARXIV = "{http://arxiv.org/schemas/atom}"


def parse(body: bytes) -> list[Work]:
    """Read the works of a feed. Raises `ServiceError`; an error entry inside the feed raises `RequestRefused`."""
    root = _feed(body)
    works = []
    for entry in root.iter(f"{_ATOM}entry"):
        work = _work(entry)
        if work:
            works.append(work)
    return works


def by_arxiv_ids(calls: ServiceCalls, arxiv_ids: Sequence[str]) -> LookUp:
    """Look arXiv identifiers up, 50 to a request."""

    def ask(batch: Sequence[str]) -> Mapping[str, Work]:
        params = [("id_list", ",".join(batch)), ("max_results", str(len(batch)))]
        works = parse(list_body(calls.get(SERVICE, "/api/query", params), SERVICE))
        return {work.arxiv_id: work for work in works if work.arxiv_id in set(batch)}

    return look_up(arxiv_ids, BATCH, URL_BYTES, ask, service=SERVICE)


def _feed(body: bytes) -> ET.Element:
    if b"<!DOCTYPE" in body or b"<!ENTITY" in body:
        raise ServiceError(SERVICE, Reason.BAD_ANSWER, "a document type where a feed was hoped for")
    try:
        root = ET.fromstring(body)  # noqa: S314 - entity declarations are refused above
    except (ET.ParseError, ValueError, LookupError) as error:  # LookupError: an encoding that nobody knows
        raise ServiceError(SERVICE, Reason.BAD_ANSWER, f"no feed: {error}"[:200]) from error
    if root.tag != f"{_ATOM}feed":
        raise ServiceError(SERVICE, Reason.BAD_ANSWER, f"no feed but {root.tag[:60]}")
    return root


def _work(entry: ET.Element) -> Work | None:
    title = plain_text(_text(entry, f"{_ATOM}title"))
    address = _text(entry, f"{_ATOM}id")
    if title == "Error" or "/api/errors" in address:
        raise RequestRefused(SERVICE, 200, _text(entry, f"{_ATOM}summary"))
    arxiv_id = normalise_arxiv_id(address)
    if not title or not arxiv_id:
        return None
    names = [" ".join((one.findtext(f"{_ATOM}name") or "").split()) for one in entry.iter(f"{_ATOM}author")]
    is_withdrawn = bool(WITHDRAWN.search(_text(entry, f"{_ARXIV}comment")))
    published = _text(entry, f"{_ATOM}published")[:4]
    article = normalise_doi(_text(entry, f"{_ARXIV}doi"))
    return Work(
        title=title,
        type=WorkType.ARTICLE,
        authors=tuple(person(name) for name in names if name),
        year=int(published) if published.isdigit() else None,
        publisher="arXiv",
        doi=doi_of_arxiv_id(arxiv_id),  # the feed's own is the journal article's: another version
        arxiv_id=arxiv_id,
        url=f"https://arxiv.org/abs/{arxiv_id}",
        abstract=plain_text(_text(entry, f"{_ATOM}summary")) or None,
        relations=(Relation(kind=RelationKind.VERSION, doi=article, source=SERVICE),) if article else (),
        is_retracted=is_withdrawn,
        notices=(Notice(kind=NoticeKind.WITHDRAWAL, source=SERVICE),) if is_withdrawn else (),
        metadata_source=SERVICE,
    )


def _text(entry: ET.Element, tag: str) -> str:
    return " ".join((entry.findtext(tag) or "").split())
