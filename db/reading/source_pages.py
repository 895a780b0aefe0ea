"""Sources a page at a time: by state, in every order, and by words. An index leads to each page.

A list of all is one of what was read and one of what failed, merged in the order that is asked for. What waits to be
read has no title, coverage or length: it comes last, the newest first.
"""

# ruff: noqa: S608 - all that is put together here are names and texts of ours

from __future__ import annotations

import json
from enum import StrEnum

from sqlalchemy import Connection

from db.finding.folding import Asked
from db.finding.looking import candidates, fitting
from db.reading.counted import Counts, rows_of
from db.reading.listing import Page
from db.reading.source_list import SourceLine, source_lines


class SourceFilter(StrEnum):
    """Which sources are wanted."""

    ALL = "all"
    WAITING = "waiting"
    READ = "read"
    GAPS = "gaps"  # known not to be read whole
    FAILED = "failed"


class SourceOrder(StrEnum):
    """In which order."""

    NEWEST = "newest"
    TITLE = "title"
    COVERAGE = "coverage"  # the least covered first
    LENGTH = "length"  # the longest bibliography first


MOST_FITTING = 500
"""Sources that are listed where words are given: of those that have them the newest."""

_COMPARED = 200  # candidates up to which all are compared with the words, so that their number is right

_TITLE = "coalesce(title, path) COLLATE NOCASE AS name"
_BY = {  # what is sorted by, and how
    SourceOrder.NEWEST: ("id AS id", "id DESC"),
    SourceOrder.TITLE: (f"id AS id, {_TITLE}", "name, id"),
    SourceOrder.COVERAGE: (
        "id AS id, coverage_score IS NULL AS unknown, coverage_score AS score",
        "unknown, score, id DESC",
    ),
    SourceOrder.LENGTH: ("id AS id, found_references AS number", "number DESC, id DESC"),
}
_STATES = {  # to the letter as the indexes have it
    SourceFilter.ALL: "TRUE",
    SourceFilter.WAITING: "state = 'pending' AND id > 0",
    SourceFilter.READ: "state <> 'pending' AND state = 'extracted'",
    SourceFilter.FAILED: "state <> 'pending' AND state = 'failed'",
    SourceFilter.GAPS: "coverage_score < 1",
}
_OF_GAPS = {
    SourceOrder.NEWEST: "ix_sources_gaps",
    SourceOrder.TITLE: "ix_sources_gaps_title",
    SourceOrder.COVERAGE: "ix_sources_gaps_coverage",
    SourceOrder.LENGTH: "ix_sources_gaps_length",
}


def page_of_sources(
    connection: Connection,
    *,
    wanted: SourceFilter = SourceFilter.ALL,
    order: SourceOrder = SourceOrder.NEWEST,
    text: str = "",
    limit: int,
    offset: int = 0,
) -> Page[SourceLine]:
    """At most `limit` sources; with a `text`, those in whose title, path, authors or DOI all its words begin words."""
    if text:
        return _fitting(connection, Asked.of(text), wanted, order, limit, offset)
    counts = Counts(rows_of(connection))
    ids: list[int] = []
    total = 0
    for states in parts_of(wanted, order):
        number = sum(_number(counts, one) for one in states)
        if len(ids) < limit:
            ids += _ids(connection, states, order, limit - len(ids), max(0, offset - total))
        total += number
    return Page(total, offset, source_lines(connection, ids))


def parts_of(wanted: SourceFilter, order: SourceOrder) -> tuple[tuple[SourceFilter, ...], ...]:
    """What is listed one after the other; what stands together is merged."""
    if wanted is SourceFilter.ALL and order is not SourceOrder.NEWEST:
        return (SourceFilter.READ, SourceFilter.FAILED), (SourceFilter.WAITING,)
    return ((wanted,),)


def _ids(
    connection: Connection, states: tuple[SourceFilter, ...], order: SourceOrder, limit: int, offset: int
) -> list[int]:
    """A page of the sources in these states in this order."""
    query, ordered = query_of(states, order)
    rows = connection.exec_driver_sql(f"{query} ORDER BY {ordered} LIMIT ? OFFSET ?", (limit, offset))
    return list(rows.scalars())


def query_of(states: tuple[SourceFilter, ...], order: SourceOrder) -> tuple[str, str]:
    """The query for the sources in these states, and what orders it: each part of it goes along an index."""
    if states == (SourceFilter.GAPS,):
        columns, ordered = _BY[order]
        if order is SourceOrder.COVERAGE:
            columns, ordered = "id AS id, coverage_score AS score", "score, id DESC"
        return f"SELECT {columns} FROM sources INDEXED BY {_OF_GAPS[order]} WHERE coverage_score < 1", ordered
    columns, ordered = _BY[SourceOrder.NEWEST if states == (SourceFilter.WAITING,) else order]
    return " UNION ALL ".join(f"SELECT {columns} FROM sources WHERE {_STATES[one]}" for one in states), ordered


def _number(counts: Counts, wanted: SourceFilter) -> int:
    """How many sources are wanted, whatever stands in them."""
    if wanted is SourceFilter.ALL:
        return counts.sources
    if wanted is SourceFilter.GAPS:
        return counts.of("bibliographies", "gaps").number
    states = {SourceFilter.WAITING: "pending", SourceFilter.READ: "extracted", SourceFilter.FAILED: "failed"}
    return counts.of("sources", states[wanted]).number


def _fitting(  # noqa: PLR0917 - what is asked for
    connection: Connection, asked: Asked, wanted: SourceFilter, order: SourceOrder, limit: int, offset: int
) -> Page[SourceLine]:
    """A page of those that have the words."""
    found = candidates(connection, "sources", asked, MOST_FITTING)
    columns, ordered = _BY[order]
    first = "" if order is SourceOrder.NEWEST or wanted is SourceFilter.GAPS else "iif(state = 'pending', -id, -1e18), "
    query = f"SELECT {columns} FROM sources WHERE id IN (SELECT value FROM json_each(?)) AND {_STATES[wanted]}"
    rows = connection.exec_driver_sql(f"{query} ORDER BY {first}{ordered}", (json.dumps(found.ids),))
    ids = list(rows.scalars())
    reach = len(ids) if len(ids) <= _COMPARED else offset + limit
    compared = set(fitting(connection, "sources", asked, ids[:reach]))
    ids = [id_ for id_ in ids[:reach] if id_ in compared] + ids[reach:]
    return Page(len(ids), offset, source_lines(connection, ids[offset : offset + limit]), is_cut=found.is_cut)
