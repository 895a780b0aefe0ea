"""Searching for many entries in one request, at services whose queries can be joined by OR."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import field

from dl_lit.core.errors import RequestRefused, ServiceError
from dl_lit.core.model import Reference, Work
from dl_lit.core.values import dataclass
from dl_lit.matching.compare import title_similarity
from dl_lit.matching.normalise import title_key
from stages.answers import in_batches

TITLE_MIN = 24  # characters of the normalised title: shorter ones find so much that nothing else fits the page
TITLE_WORDS = 4
ALIKE = 0.5  # from this on a record may be what one of the entries means
ROWS_EACH = 4  # rows to ask for, for each entry


@dataclass(frozen=True, slots=True)
class SearchedMany:
    """What a joined search gave, by the entries' raw texts. What is in neither has to be searched for by itself."""

    found: Mapping[str, list[Work]] = field(default_factory=dict)  # empty: positively nothing
    unanswered: Mapping[str, ServiceError] = field(default_factory=dict)


def search_together(
    service: str,
    references: Sequence[Reference],
    search_text: Callable[[Reference], str],
    ask: Callable[[str, int], tuple[list[Work], int]],
    *,
    size: int,
    query_bytes: int,
) -> SearchedMany:
    """Join the queries of `references`, `size` to a request, and give each entry the records with a title like its own.

    `ask` takes a query and the number of rows, and gives the records and how many there are in all. Where these do not
    fit the rows the request is made again in halves; a query that fills them alone is left to a search of its own.
    """
    queries: dict[str, list[Reference]] = {}
    for one in references:
        if is_telling(one) and (query := search_text(one)):
            queries.setdefault(query, []).append(one)

    def asked(batch: Sequence[str]) -> Mapping[str, list[Work]]:
        rows = ROWS_EACH * len(batch) + 10
        works, total = ask(" OR ".join(f"({query})" for query in batch), rows)
        if total > len(works):
            raise RequestRefused(service, 200, f"{total} records do not fit {rows} rows")
        return {query: _like(queries[query][0], works) for query in batch}

    found, unanswered = in_batches(list(queries), size, query_bytes, asked, service=service)
    return SearchedMany(
        {one.raw: works for query, works in found.items() for one in queries[query]},
        {one.raw: error for query, error in unanswered.items() for one in queries[query]},
    )


def is_telling(reference: Reference) -> bool:
    """Whether the entry's title is long enough to be searched for among others."""
    title = title_key(reference.title or "")
    return len(title) >= TITLE_MIN and len(title.split()) >= TITLE_WORDS


def _like(reference: Reference, works: Sequence[Work]) -> list[Work]:
    return [work for work in works if title_similarity(reference.title or "", work.title) >= ALIKE]
