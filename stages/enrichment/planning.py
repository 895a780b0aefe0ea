"""What is asked, in which order, and from how many entries on it is worth its price. Pure.

The stage and `--dry-run` decide by these alone, so that what is told beforehand is what is done.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence

from dl_lit.core.model import Reference
from dl_lit.matching.normalise import first_page
from stages import notices
from stages.sources import europepmc, openalex
from stages.sources.agencies import may_have
from stages.sources.cited import crossref as crossref_cited
from stages.sources.registry import Source

LIST_FROM = 2  # open entries of one source: the lists of what it cites take two or three requests, a search one each
FINDING_FROM = 4  # likewise where a search for the source itself comes before
COORDINATES_FROM = 3  # open entries with journal, volume, page and year, of all sources together
RECORDS_PER_REQUEST = openalex.PER_PAGE  # of a list of what is cited, at OpenAlex
CITING_PER_REQUEST = crossref_cited.BATCH  # papers whose lists come in one request, at Crossref
NOTICES_PER_REQUEST = notices.BATCH  # works that one request asks notices about
SEARCHES_PER_REQUEST = europepmc.SEARCH_BATCH  # entries that are searched for in one request
TOGETHER_FROM = 3  # open entries to be searched for together: fewer are searched for one by one, where still needed


def may_be_asked(source: Source, agency: str | None, *, is_settled: bool) -> bool:
    """Whether a source is asked for an identifier that `agency` registered (None: not known, or no DOI).

    `is_settled`: the agency itself has answered for it, and those that have it at second hand need not be asked.
    """
    return may_have(source.agencies, agency) and not (source.is_second_hand and is_settled)


def is_worth_a_list(still_open: int) -> bool:
    """Whether so many open entries of one source are worth asking what it cites."""
    return still_open >= LIST_FROM


def is_worth_finding(still_open: int) -> bool:
    """Whether they are worth a search for the source's own DOI."""
    return still_open >= FINDING_FROM


def is_worth_joining(still_open: int) -> bool:
    """Whether so many entries are worth a request of their own to a service that can search for many at once."""
    return still_open >= TOGETHER_FROM


def with_coordinates(references: Iterable[Reference]) -> list[Reference]:
    """The entries that a journal's volume and page single out."""
    return [
        one
        for one in references
        if one.container_title and one.volume and first_page(one.pages) and one.year and not one.isbn
    ]


def search_order(
    sources: Sequence[Source], wait_s: Callable[[Source], float], left: Callable[[Source], float]
) -> list[Source]:
    """The sources that can search, the cheapest first.

    The price is the seconds until its permit (`wait_s`) and what its credits are worth: the smaller the share of what
    is `left` for today (infinity: not counted), the fewer seconds of waiting elsewhere a search may save.
    """
    able = [source for source in sources if source.search]
    return sorted(able, key=lambda source: wait_s(source) + price_s(source, left(source)))


def price_s(source: Source, left: float) -> float:
    """What one search costs beside its waiting, in seconds.

    A source's own handicap holds while a thousand searches are left; with fewer, each is dearer in proportion.
    """
    if source.search_credits <= 0 or math.isinf(left):
        return source.search_handicap_s
    if left < source.search_credits:
        return math.inf
    return source.search_handicap_s * max(1.0, _PLENTY * source.search_credits / left)


_PLENTY = 1_000


def batches(count: int, size: int) -> int:
    """Requests for `count` identifiers, `size` to each."""
    return math.ceil(count / size) if count > 0 else 0
