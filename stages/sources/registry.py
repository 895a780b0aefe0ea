"""The metadata sources, in the order in which they are asked. A new source is a module here and a line below."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from dl_lit.core.model import CitedList, CitingWork, Reference, Work
from dl_lit.core.ports import ServiceCalls
from dl_lit.core.values import dataclass
from stages.answers import LookUp
from stages.sources import (
    acl,
    arxiv,
    crossref,
    datacite,
    doi_org,
    europepmc,
    hal,
    inspire,
    open_library,
    openalex,
    opencitations,
    pubmed,
    semantic_scholar,
)
from stages.sources.agencies import CROSSREF, DATACITE
from stages.sources.cited import CitedLookUp
from stages.sources.cited import crossref as crossref_cited
from stages.sources.cited import openalex as openalex_cited
from stages.sources.together import SearchedMany

BatchLookUp = Callable[[ServiceCalls, Sequence[str]], LookUp]
Search = Callable[[ServiceCalls, Reference], list[Work] | None]
"""None where the entry has nothing to search for; raises `ServiceError`."""
ByCoordinates = Callable[[ServiceCalls, Sequence[Reference]], LookUp]
"""By journal, volume, first page and year, many at once; the keys of the look-up are the entries' raw texts."""
CitedBy = Callable[[ServiceCalls, CitingWork], CitedList | None]
"""The list of works that a work cites; None where the service does not know the citing work. Raises `ServiceError`."""
CitedByMany = Callable[[ServiceCalls, Sequence[CitingWork]], CitedLookUp]
"""The lists of several citing works in fewer requests than one by one."""

SearchMany = Callable[[ServiceCalls, Sequence[Reference]], SearchedMany]


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """What one metadata service can be asked; `None` where it cannot."""

    service: str
    by_openalex_ids: BatchLookUp | None = None
    by_dois: BatchLookUp | None = None
    by_arxiv_ids: BatchLookUp | None = None
    by_pmids: BatchLookUp | None = None
    by_pmcids: BatchLookUp | None = None
    by_isbns: BatchLookUp | None = None
    by_coordinates: ByCoordinates | None = None
    cited_by: CitedBy | None = None
    cited_by_many: CitedByMany | None = None
    agencies: frozenset[str] | None = None  # the DOI registration agencies whose DOIs it has; None: all of them
    is_second_hand: bool = False  # has its DOIs from their agencies: not asked for one that the agency answered for
    is_narrow: bool = False  # has one field or kind of works: an outage of it keeps nobody waiting for long
    search: Search | None = None
    search_text: Callable[[Reference], str] | None = None  # what a search for the entry sends: one text, one answer
    search_many: SearchMany | None = None  # several entries in one request
    search_credits: int = 0  # of a day's budget, for one search
    search_lane: str = ""  # the stricter window that a search counts against
    search_handicap_s: float = 0.0  # how many seconds of waiting elsewhere its price is worth
    per_request: int = 50  # identifiers of one request
    list_credits: int = 0  # what one such request costs of a day's budget
    list_lane: str = ""  # the stricter window that it counts against


# The broad and cheap ones first, then those that know one field or kind of work, last the one that needs a key and lets
# one request a second through. OpenAlex's searches cost ten credits of the day's budget, Crossref's cost nothing: wait
# a little for Crossref. Those of one field are searched after both.
SOURCES: tuple[Source, ...] = (
    Source(
        service=openalex.SERVICE,
        by_openalex_ids=openalex.by_openalex_ids,
        by_dois=openalex.by_dois,
        by_pmids=openalex.by_pmids,
        by_pmcids=openalex.by_pmcids,
        cited_by=openalex_cited.cited_by,
        cited_by_many=openalex_cited.cited_by_many,
        search=openalex.search,
        search_text=lambda reference: openalex.search_text(reference.title or ""),
        search_credits=openalex.SEARCH_CREDITS,
        search_handicap_s=2.0,
        list_credits=openalex.LIST_CREDITS,
    ),
    Source(
        service=crossref.SERVICE,
        by_dois=crossref.by_dois,
        cited_by=crossref_cited.cited_by,
        cited_by_many=crossref_cited.cited_by_many,
        agencies=frozenset({CROSSREF}),
        search=crossref.search,
        search_text=crossref.search_text,
        search_lane=crossref.LANE,
        per_request=crossref.BATCH,
        list_lane=crossref.LANE,
    ),
    Source(
        service=datacite.SERVICE,
        by_dois=datacite.by_dois,
        by_arxiv_ids=datacite.by_arxiv_ids,
        agencies=frozenset({DATACITE}),
        search=datacite.search,
        search_text=datacite.search_text,
        search_handicap_s=5.0,
    ),
    Source(service=arxiv.SERVICE, is_narrow=True, by_arxiv_ids=arxiv.by_arxiv_ids),
    Source(service=pubmed.SERVICE, is_narrow=True, by_pmids=pubmed.by_pmids, by_coordinates=pubmed.by_coordinates),
    Source(
        service=europepmc.SERVICE,
        is_second_hand=True,
        is_narrow=True,
        by_dois=europepmc.by_dois,
        by_pmids=europepmc.by_pmids,
        by_pmcids=europepmc.by_pmcids,
        cited_by=europepmc.cited_by,
        search=europepmc.search,
        search_text=europepmc.search_text,
        search_many=europepmc.search_many,
        per_request=europepmc.BATCH,
        search_handicap_s=5.0,
    ),
    Source(
        service=inspire.SERVICE,
        is_second_hand=True,
        is_narrow=True,
        by_dois=inspire.by_dois,
        by_arxiv_ids=inspire.by_arxiv_ids,
        by_coordinates=inspire.by_coordinates,
        cited_by=inspire.cited_by,
        search=inspire.search,
        search_text=inspire.search_text,
        search_handicap_s=4.0,
    ),
    Source(
        service=hal.SERVICE,
        is_second_hand=True,
        is_narrow=True,
        by_dois=hal.by_dois,
        search=hal.search,
        search_text=hal.search_text,
        search_handicap_s=6.0,
    ),
    Source(
        service=open_library.SERVICE,
        is_narrow=True,
        by_isbns=open_library.by_isbns,
        search=open_library.search,
        # Of a title's editions the one of the year printed is chosen.
        search_text=lambda reference: f"{open_library.search_text(reference)} {reference.year}",
        search_handicap_s=4.0,
    ),
    Source(service=acl.SERVICE, is_second_hand=True, is_narrow=True, by_dois=acl.by_dois),
    Source(service=doi_org.SERVICE, by_dois=doi_org.by_dois, agencies=doi_org.AGENCIES),
    Source(
        service=opencitations.SERVICE,
        is_second_hand=True,
        is_narrow=True,
        by_dois=opencitations.by_dois,
        cited_by=opencitations.cited_by,
    ),
    Source(
        service=semantic_scholar.SERVICE,
        is_second_hand=True,
        is_narrow=True,
        by_dois=semantic_scholar.by_dois,
        by_arxiv_ids=semantic_scholar.by_arxiv_ids,
        by_pmids=semantic_scholar.by_pmids,
        cited_by=semantic_scholar.cited_by,
        search=semantic_scholar.search,
        search_text=lambda reference: semantic_scholar.search_text(reference.title or ""),
        search_handicap_s=7.0,
    ),
)


def ordered(first: Sequence[str]) -> tuple[Source, ...]:
    """All sources, those named in `first` before the others, which keep their order; unknown names are skipped."""
    by_name = {source.service: source for source in SOURCES}
    named = [by_name[name] for name in dict.fromkeys(first) if name in by_name]
    return (*named, *(source for source in SOURCES if source not in named))
