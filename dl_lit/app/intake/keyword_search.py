"""Searching for works by words: what there is, what it costs, and the finds as a source that waits to be recognised."""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from itertools import islice
from typing import Any

import msgspec

from db.connect import open_database
from db.intake import Grown, add_finds
from dl_lit.app.network import Network
from dl_lit.core.clock import Clock
from dl_lit.core.errors import ServiceError
from dl_lit.core.model import Reference
from dl_lit.core.store import NewSource, SourceKind
from dl_lit.core.values import dataclass
from dl_lit.settings import Settings
from stages.citing.forward import reference_of
from stages.keyword_search import Find, Page, Query, Sort, check, pages
from stages.sources.openalex import SERVICE

UNASKED = 1_000
"""More finds than this are fetched only where somebody says how many: they cost more than a tenth of a day's budget."""


@dataclass(frozen=True, slots=True)
class Seed:
    """A find as it is listed and kept."""

    reference: Reference
    cited_by: int | None  # works, as OpenAlex counts
    is_open: bool  # a location is known that is open


@dataclass(frozen=True, slots=True, kw_only=True)
class Searched:
    """What a search came to."""

    query: Query
    sort: Sort
    total: int  # works that the query finds
    seeds: tuple[Seed, ...]
    untitled: int = 0  # records without a title among those fetched, left out
    requests: int = 0
    remembered: int = 0  # pages that were not asked for, since they are remembered
    credits_before: float  # of the day's budget; infinity where none is counted
    credits_after: float
    error: ServiceError | None = None  # what ended it before all that was wanted had come
    is_unasked: bool = False  # there are more than `UNASKED`, and nobody said how many are wanted

    @property
    def origin(self) -> dict[str, Any]:
        """What was asked for, as the source keeps it."""
        return {
            "service": SERVICE,
            "query": self.query.text,
            "within": self.query.within.value,
            "filters": self.query.filters,
            "sort": self.sort.value,
            "total": self.total,
            "fetched": len(self.seeds),
        }


def search(
    settings: Settings,
    query: Query,
    sort: Sort,
    clock: Clock,
    *,
    most: int | None = None,
    is_all: bool = False,
    is_fresh: bool = False,
    on_page: Callable[[int, int], None] = lambda _fetched, _total: None,
) -> Searched:
    """Search, page by page; `most` finds, or all of them (`is_all`, or as long as they are not more than `UNASKED`).

    `is_fresh`: no page is taken from memory. `on_page` hears how many have come, and how many there are. Raises
    `BadInput` for a query that would be refused, and `ServiceError` where the first page cannot be had.
    """
    check(query)
    seeds: list[Seed] = []
    seen: list[Page] = []
    error: ServiceError | None = None
    is_unasked = False
    with Network(settings, clock=clock, chance=random.Random(), is_fresh=is_fresh) as network:
        before = network.calls.credits_left(SERVICE)
        try:
            for page in pages(network.calls, query, sort):
                seen.append(page)
                room = None if most is None else most - len(seeds)
                seeds += [_seed(find, len(seeds) + n) for n, find in enumerate(islice(page.finds, room), start=1)]
                on_page(len(seeds), page.total)
                is_unasked = most is None and not is_all and page.total > UNASKED
                if is_unasked or (most is not None and len(seeds) >= most):
                    break
        except ServiceError as failure:
            if not seen:
                raise
            error = failure
        after = network.calls.credits_left(SERVICE)
    return Searched(
        query=query,
        sort=sort,
        total=max(page.total for page in seen),
        seeds=tuple({seed.reference.openalex_id: seed for seed in seeds}.values()),
        untitled=sum(page.untitled for page in seen),
        requests=sum(not page.is_remembered for page in seen),
        remembered=sum(page.is_remembered for page in seen),
        credits_before=before,
        credits_after=after,
        error=error,
        is_unasked=is_unasked,
    )


def enqueue(
    settings: Settings, query: Query, origin: dict[str, Any], references: Sequence[Reference], clock: Clock
) -> Grown:
    """Keep the finds as the source of this query; what it has already is not added again."""
    asked = {"service": SERVICE, "query": " ".join(query.text.split()), "within": query.within, **query.filters}
    dated = {**origin, "date": datetime.fromtimestamp(clock.time(), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")}
    identity = msgspec.json.encode(asked, order="deterministic")
    source = NewSource(
        f"search: {asked['query']}",
        hashlib.sha256(b"search:" + identity).hexdigest(),
        0,
        SourceKind.SEARCH,
        json.dumps(dated, ensure_ascii=False),
    )
    engine = open_database(settings.database, synchronous=settings.synchronous)
    try:
        return add_finds(engine, source, references, clock)
    finally:
        engine.dispose()


def _seed(find: Find, position: int) -> Seed:
    return Seed(reference_of(find.work, position), find.cited_by, bool(find.work.locations))
