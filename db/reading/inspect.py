"""The tables as they are, and in plain words where work is stuck."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, select

from db.reading.counted import Counts, rows_of
from db.reading.status import StageStatus, Status
from db.tables import metadata
from dl_lit.core.errors import BadInput
from dl_lit.core.model import StageName
from dl_lit.core.values import dataclass

MOST_COUNTED = 10_000
"""Rows of one table that are counted by going through them."""

_WAITS = {
    StageName.EXTRACTION: ("source waits", "sources wait"),
    StageName.ENRICHMENT: ("entry waits", "entries wait"),
    StageName.QUEUEING: ("work waits", "works wait"),
    StageName.DOWNLOAD: ("work waits", "works wait"),
}
_BECAUSE = {
    "rate-limited": "a service's rate limit is used up",
    "host-busy": "it is not yet their host's turn",
    "service-down": "a service does not answer",
    "budget-exhausted": "a service's budget for the day is used up",
    "offline": "the last run was told to stay offline",
    "not-set-up": "no service that could answer is switched on",
    "http-429": "their host asked to wait",
    "host-parked": "their host is left alone for a while",
    "disk-full": "the disk is full",
    "duplicate": "what they were taken for was told apart just now",
}


@dataclass(frozen=True, slots=True)
class TableRows:
    """Rows of one table, the newest first."""

    table: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]


def table_names() -> tuple[str, ...]:
    """Every table, in the order of the pipeline."""
    return tuple(metadata.tables)


@dataclass(frozen=True, slots=True)
class TableCounts:
    """How many rows the tables have."""

    rows: dict[str, int]  # by table
    more: tuple[str, ...]  # tables that have more than was counted


def table_counts(connection: Connection, *, most: int | None = MOST_COUNTED) -> TableCounts:
    """The number of rows of every table: as they are counted when they move, of others `most` of them at most.

    With `most` None every row is counted anew, however long that takes.
    """
    known = {} if most is None else _known(Counts(rows_of(connection)))
    found, more = {}, []
    for name in table_names():
        if name in known:
            found[name] = known[name]
            continue
        number = connection.exec_driver_sql(
            f"SELECT count(*) FROM (SELECT 1 FROM {name} LIMIT ?)",  # noqa: S608 - names of ours
            (-1 if most is None else most + 1,),
        ).scalar_one()
        if most is not None and number > most:
            more.append(name)
        found[name] = number if most is None else min(number, most)
    return TableCounts(found, tuple(more))


def _known(counts: Counts) -> dict[str, int]:
    """Tables whose rows are counted as they move."""
    rooms = ("no_metadata", "with_metadata", "to_download_references")
    ends = ("failed_extractions", "failed_enrichments", "failed_downloads", "downloaded_references", "shared_works")
    return {
        "sources": counts.sources,
        "entries": counts.entries,
        "works": counts.works,
        **{name: counts.of(name).number for name in rooms},
        **{name: sum(one.number for one in counts.each(name).values()) for name in ends},
    }


def newest_rows(connection: Connection, table: str, limit: int) -> TableRows:
    """At most `limit` rows of `table`, those with the highest key first; raises `BadInput` for an unknown table."""
    known = metadata.tables.get(table)
    if known is None:
        raise BadInput(f"there is no table {table!r}: one of {', '.join(table_names())}")
    order = [column.desc() for column in known.primary_key.columns]
    result = connection.execute(select(known).order_by(*order).limit(limit))
    return TableRows(table, tuple(result.keys()), tuple(tuple(row) for row in result))


def hints(status: Status, *, brought: int = 0) -> list[str]:
    """Where work is stuck and what to do, a sentence each; empty when nothing waits and nothing failed in vain.

    `brought`: how many PDFs wait that came with bibliographies.
    """
    said = [_waiting(one) for one in status.stages if one.waiting]
    said += [
        f"{_number(one.suspect, 'row', 'rows')} for {one.stage.value} ended the process repeatedly and will run alone"
        for one in status.stages
        if one.suspect
    ]
    if any(one.ready for one in status.stages) and status.worked_on_by is None:
        said.append("Nothing is at work here: start dl-lit run-pipeline or watch-folder-concurrent")
    review = sum(one.needs_review for one in status.stages)
    if review:
        said.append(f"{_number(review, 'case waits', 'cases wait')} for your decision: dl-lit review goes through them")
    if brought:
        waits = _number(brought, "PDF that came with a bibliography waits", "PDFs that came with bibliographies wait")
        said.append(f"{waits} until it is known which works they are of")
    if held := status.rechecks.in_quarantine:
        said.append(
            f"{_number(held, 'file waits', 'files wait')} in the library's quarantine: dl-lit review shows them"
        )
    return said


def _waiting(one: StageStatus) -> str:
    singular, plural = _WAITS[one.stage]
    text = f"{_number(one.waiting, singular, plural)} for {one.stage.value}"
    if not one.later:
        return text
    reason, number = next(iter(one.put_off.items()))
    why = _BECAUSE.get(reason, reason or "they were put off")
    until = f", the first until {_when(one.next_due)}" if one.next_due is not None else ""
    text += " because" if number == one.waiting else f", {number:,} of them because"
    return f"{text} {why}{f' ({reason})' if reason in _BECAUSE else ''}{until}"


def _number(count: int, singular: str, plural: str) -> str:
    return f"{count:,} {singular if count == 1 else plural}"


def _when(epoch_s: float) -> str:
    return datetime.fromtimestamp(epoch_s, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
