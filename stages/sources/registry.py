"""The metadata sources, in the order in which they are asked. A new source is a module here and a line below."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from dl_lit.core.model import Reference, Work
from dl_lit.core.ports import ServiceCalls
from stages.answers import LookUp
from stages.sources import arxiv, crossref, datacite, openalex

BatchLookUp = Callable[[ServiceCalls, Sequence[str]], LookUp]
Search = Callable[[ServiceCalls, Reference], list[Work] | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """What one metadata service can be asked; `None` where it cannot."""

    service: str
    by_dois: BatchLookUp | None = None
    by_arxiv_ids: BatchLookUp | None = None
    by_pmids: BatchLookUp | None = None
    search: Search | None = None
    search_lane: str = ""  # the stricter window that a search counts against
    search_handicap_s: float = 0.0  # how many seconds of waiting elsewhere its price is worth


# OpenAlex's searches cost ten credits of the day's budget, Crossref's cost nothing: wait a little for Crossref.
SOURCES: tuple[Source, ...] = (
    Source(
        service=openalex.SERVICE,
        by_dois=openalex.by_dois,
        by_pmids=openalex.by_pmids,
        search=openalex.search,
        search_handicap_s=2.0,
    ),
    Source(service=crossref.SERVICE, by_dois=crossref.by_dois, search=crossref.search, search_lane=crossref.LANE),
    Source(service=datacite.SERVICE, by_dois=datacite.by_dois, by_arxiv_ids=datacite.by_arxiv_ids),
    Source(service=arxiv.SERVICE, by_arxiv_ids=arxiv.by_arxiv_ids),
)
