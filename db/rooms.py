"""The waiting rooms as the claiming side sees them: one statement set a stage, built once.

A ready row is found in a partial index in rank order; rows in somebody's hands are left out by id, so the cost of a
claim depends on the number of claims, not on the length of the room.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from sqlalchemy import Column, ColumnElement, Select, Table, bindparam, func, literal_column, select, text

from db.codec import decode_locations, decode_reference, decode_work
from db.hot import Hot
from db.tables import SUSPECT_AFTER, entries, no_metadata, sources, to_download_references, with_metadata, works
from db.tables.fetching import WORK_RANK
from dl_lit.core.items import DownloadItem, EntryItem, Item, SourceItem, WorkItem
from dl_lit.core.job import Claim
from dl_lit.core.model import StageName
from dl_lit.core.reasons import Reason
from dl_lit.core.values import dataclass

_REFUSED = (
    "(SELECT json_group_array(json_array(x.sha256, x.url)) FROM refused_files AS x "
    "WHERE x.work_id = to_download_references.work_id)"
)


def download_item(record: str, locations: str, refused: str) -> DownloadItem:
    """A work to be fetched, without the addresses that gave what a person refused: JSON of [SHA-256, address]."""
    places = decode_locations(locations)
    if refused == "[]":
        return DownloadItem(decode_work(record), places)
    files: list[tuple[str, str]] = json.loads(refused)
    urls = {url for _, url in files}
    others = tuple(one for one in places if one.url not in urls)
    return DownloadItem(decode_work(record), others, tuple(sha256 for sha256, _ in files))


_TURNS = frozenset({Reason.HOST_BUSY.value, Reason.RATE_LIMITED.value})


@dataclass(frozen=True, slots=True)
class Room:
    """One stage's waiting room: its table, its key, and the statements that read it."""

    stage: StageName
    table: Table
    key: Column[Any]
    best: Hot  # (held, limit) → rows, best rank first
    oldest: Hot  # (held, limit) → rows, longest waiting first
    due: Hot  # (now, held, limit) → rows whose due time has come
    suspect: Hot  # (now, held, limit) → rows that were in hand at several sudden deaths, but for those due later
    next_due: Hot  # (now) → earliest due time after now
    item: Callable[[tuple[Any, ...]], Item]

    def claim(self, row: tuple[Any, ...]) -> Claim:
        """A row of `best`, `oldest`, `due` or `suspect` as a claim."""
        ticket = row[2] if row[3] in _TURNS else None
        return Claim(self.stage, row[0], self.item(row[5:]), attempt=row[1] + 1, ticket=ticket)


_Free = Callable[[Column[Any], StageName], ColumnElement[bool]]


def _not_held(key: Column[Any], _stage: StageName) -> ColumnElement[bool]:
    return key.not_in(text("(SELECT value FROM json_each(:held))").bindparams(bindparam("held")))


def _room(  # noqa: PLR0917 - a row of the table below
    free_of: _Free,
    stage: StageName,
    table: Table,
    key: Column[Any],
    rank: tuple[str, ...],
    payload: Callable[[Select[Any]], Select[Any]],
    item: Callable[[tuple[Any, ...]], Item],
) -> Room:
    # Sources that are done keep their row. As in the index's WHERE, to the letter: with a bind parameter SQLite
    # would not use the index.
    here: tuple[ColumnElement[bool], ...] = (literal_column("sources.state = 'pending'"),) if table is sources else ()
    fit = table.c.crashes < literal_column(str(SUSPECT_AFTER))
    free = free_of(key, stage)
    held = ("held",) if free_of is _not_held else ()
    columns = (key, table.c.attempts, table.c.due_at, table.c.last_reason, table.c.solo_crashes)

    def picked(*where: Any, order: tuple[str, ...]) -> Select[Any]:
        statement = payload(select(*columns)).where(*where, *here)
        # Not `.limit()`: the SQLite dialect adds an OFFSET parameter of its own.
        limited = text("LIMIT :limit").bindparams(bindparam("limit"))
        return statement.order_by(*(text(f"{table.name}.{part}") for part in order)).suffix_with(limited)

    ready = table.c.due_at.is_(None)
    return Room(
        stage=stage,
        table=table,
        key=key,
        best=Hot(picked(ready, fit, free, order=rank), (*held, "limit")),
        oldest=Hot(picked(ready, fit, free, order=tuple(_reversed(part) for part in rank)), (*held, "limit")),
        due=Hot(picked(table.c.due_at <= bindparam("now"), fit, free, order=("due_at",)), ("now", *held, "limit")),
        suspect=Hot(
            picked(
                table.c.crashes >= literal_column(str(SUSPECT_AFTER)),
                func.coalesce(table.c.due_at, literal_column("0.0")) <= bindparam("now"),
                free,
                order=("crashes",),
            ),
            ("now", *held, "limit"),
        ),
        next_due=Hot(select(func.min(table.c.due_at)).where(table.c.due_at > bindparam("now"), *here), ("now",)),
        item=item,
    )


def _reversed(part: str) -> str:
    return part.removesuffix(" DESC") if part.endswith(" DESC") else f"{part} DESC"


def rooms(free_of: _Free = _not_held) -> dict[StageName, Room]:
    """All rooms; `free_of` says of a row's key that nobody has it in hand.

    Without one, those in hand are a parameter: JSON of their keys.
    """
    made = (
        _room(
            free_of,
            StageName.EXTRACTION,
            sources,
            sources.c.id,
            ("priority DESC", "id DESC"),
            lambda s: s.add_columns(sources.c.path, sources.c.sha256, sources.c.level),
            lambda row: SourceItem(row[0], row[1], row[2]),
        ),
        _room(
            free_of,
            StageName.ENRICHMENT,
            no_metadata,
            no_metadata.c.entry_id,
            ("priority DESC", "source_id DESC", "entry_id"),
            lambda s: s.add_columns(entries.c.source_id, entries.c.reference).join_from(no_metadata, entries),
            lambda row: EntryItem(row[0], decode_reference(row[1])),
        ),
        _room(
            free_of,
            StageName.QUEUEING,
            with_metadata,
            with_metadata.c.work_id,
            WORK_RANK,
            lambda s: s.add_columns(works.c.record).join_from(with_metadata, works),
            lambda row: WorkItem(decode_work(row[0])),
        ),
        _room(
            free_of,
            StageName.DOWNLOAD,
            to_download_references,
            to_download_references.c.work_id,
            WORK_RANK,
            lambda s: s.add_columns(
                works.c.record, to_download_references.c.locations, literal_column(_REFUSED)
            ).join_from(to_download_references, works),
            lambda row: download_item(*row),
        ),
    )
    return {room.stage: room for room in made}


ROOMS = rooms()
