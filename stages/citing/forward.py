"""The works that cite a work, as OpenAlex knows them: the most cited first, page by page, at a credit a page.

Read 2026-11-23: https://developers.openalex.org/api-reference/works (filter `cites`, sorting),
https://developers.openalex.org/guides/page-through-results (cursors), and what `stages.sources.openalex` names.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import msgspec

from dl_lit.core.model import Name, Reference, Work
from dl_lit.core.ports import ServiceCalls
from dl_lit.core.values import dataclass
from stages.answers import decode, list_body
from stages.sources.openalex import LIST_CREDITS, PER_PAGE, SELECT, SERVICE, parse, record_of_doi

__all__ = ["SERVICE", "Citing", "citing_works", "credits_at_most", "identified", "reference_of"]

_AUTHORS = 20  # named in an entry's text


class _Meta(msgspec.Struct):
    count: int = 0
    next_cursor: str | None = None


class _Page(msgspec.Struct):
    meta: _Meta


@dataclass(frozen=True, slots=True)
class Citing:
    """Works that cite one work."""

    works: tuple[Work, ...]  # the most cited first
    known: int  # to OpenAlex; more than `works` where only so many were wanted, or it was stopped
    requests: int
    is_whole: bool  # False: it was stopped before all that were wanted had come


def credits_at_most(sources: int, most: int) -> int:
    """What asking for `most` works that cite each of so many sources costs at most."""
    return sources * math.ceil(most / PER_PAGE) * LIST_CREDITS


def identified(calls: ServiceCalls, doi: str) -> str | None:
    """OpenAlex's identifier of the work with this DOI, for no credits; None: it has none. Raises `ServiceError`."""
    found = record_of_doi(calls, doi)
    return found.openalex_id if found is not None else None


def citing_works(
    calls: ServiceCalls, openalex_id: str, most: int, should_stop: Callable[[], bool] = lambda: False
) -> Citing:
    """At most `most` works that cite the work with this identifier. Raises `ServiceError`."""
    works: dict[str, Work] = {}
    cursor: str | None = "*"
    known = seen = requests = 0
    while cursor is not None and len(works) < most:
        if should_stop():
            return Citing(tuple(works.values()), known, requests, is_whole=False)
        rows = min(PER_PAGE, most - len(works))
        params = [
            ("filter", f"cites:{openalex_id}"),
            ("sort", "cited_by_count:desc"),
            ("per_page", str(rows)),
            ("cursor", cursor),
            ("select", SELECT),
        ]
        body = list_body(calls.get(SERVICE, "/works", params, credits=LIST_CREDITS), SERVICE)
        meta, page = decode(body, _Page, SERVICE).meta, parse(body)
        requests, seen = requests + 1, seen + rows
        known = max(known, meta.count)
        works.update((work.openalex_id, work) for work in page if work.openalex_id and work.openalex_id != openalex_id)
        cursor = meta.next_cursor if page and seen < known else None
    return Citing(tuple(works.values())[:most], known, requests, is_whole=True)


def reference_of(work: Work, position: int) -> Reference:
    """A work that a service named as an entry: its text as a reader would print it, its identifiers, its fields."""
    people = "; ".join(filter(None, map(_written, work.authors[:_AUTHORS])))
    parts = (
        people,
        f"({work.year})" if work.year else "",
        work.title,
        work.container_title or "",
        f"https://doi.org/{work.doi}" if work.doi else "",
    )
    return Reference(
        position=position,
        raw=". ".join(part for part in parts if part),
        type=work.type,
        authors=work.authors[:_AUTHORS],
        title=work.title,
        container_title=work.container_title,
        year=work.year,
        volume=work.volume,
        issue=work.issue,
        pages=work.pages,
        doi=work.doi,
        arxiv_id=work.arxiv_id,
        pmid=work.pmid,
        pmcid=work.pmcid,
        isbn=work.isbn,
        openalex_id=work.openalex_id,
        confidence=1.0,
    )


def _written(name: Name) -> str:
    return name.literal or ", ".join(part for part in (name.family, name.given) if part)
