"""The whole story of one entry, work or source: what is printed, what was tried, what it was taken for, where it is."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection

from db.brought import BroughtFile, files_of_entry
from db.codec import decode_trail
from db.pins import names_of_pins
from db.reading.kin import Linked, linked_with, other_titles
from db.reading.merges import MergeView, merges, works_now
from db.reading.places import EntryView, WorkView, entries_of, works_of
from db.reading.scope import Scope
from db.reading.sources import SourceFacts, source_facts, sources_named
from dl_lit.core.errors import BadInput, NothingKnown
from dl_lit.core.identifiers import normalise_doi
from dl_lit.core.model import Alias, StageName
from dl_lit.core.trail import Trail
from dl_lit.core.values import dataclass

MOST = 20
"""Stories told at most when a name fits several things, and merges at most in one story."""

_WITH_DOI = "SELECT DISTINCT work_id FROM work_keys WHERE kind = 'doi' AND value = ? ORDER BY 1"
_ID = re.compile(r"([ews]?)([1-9]\d{0,17})", re.IGNORECASE | re.ASCII)


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try, as it was logged."""

    stage: StageName
    attempt: int  # counted from 1, anew after `retry`
    outcome: str  # done, retry, reject
    reason: str
    detail: str
    started_at: str  # ISO 8601 in UTC
    seconds: float
    trail: Trail | None  # what was asked and tried; None where the stage left none


@dataclass(frozen=True, slots=True)
class Story:
    """What is known of one thing. An entry comes with its source and work, a work with its entries."""

    id: str  # e12, w34, s5
    source: SourceFacts | None
    entry: EntryView | None
    work: WorkView | None
    cited_by: tuple[EntryView, ...]  # of a work: every entry that cites it; of a source: its entries
    attempts: tuple[Attempt, ...]  # in the order they were made
    linked: tuple[Linked, ...] = ()  # versions and translations of the work
    titles: tuple[Alias, ...] = ()  # that the work is known by beside its own
    merges: tuple[
        MergeView, ...
    ] = ()  # by which the work came to be one, at most `MOST`, the newest first, undone ones included
    brought: tuple[BroughtFile, ...] = ()  # PDFs that came with the entry
    is_pinned: bool = False  # by people: it goes before everything else


@dataclass(frozen=True, slots=True)
class Explanation:
    """All that a name fits: the stories told, and how many there would be."""

    stories: tuple[Story, ...]
    found: int


def explain(connection: Connection, name: str) -> Explanation:
    """The stories of `name`: e12, w34, s5, a number (an entry's), a DOI, or a source's path. Raises `NothingKnown`.

    The number or DOI of a work that was merged leads to the work that it is part of now.
    """
    text = name.strip()
    if match := _ID.fullmatch(text):
        kind, number = match[1].lower() or "e", int(match[2])
        return _told(connection, kind, [number], f"{kind}{number}")
    doi = normalise_doi(text)
    if doi is not None:
        works = [row[0] for row in connection.exec_driver_sql(_WITH_DOI, (doi,))]
        if works:
            return _told(connection, "w", works, doi)
        printed = connection.exec_driver_sql("SELECT id FROM entries WHERE doi = ? ORDER BY id", (doi,))
        return _told(connection, "e", [row[0] for row in printed], doi)
    try:
        return _told(connection, "s", sources_named(connection, text), text)
    except BadInput:
        raise NothingKnown(f"{name!r} is no id (e12 entry, w34 work, s5 source), no DOI and no source's path") from None


def _told(connection: Connection, kind: str, ids: list[int], name: str) -> Explanation:
    if kind == "w":
        now = works_now(connection, ids)
        ids = list(dict.fromkeys(now.get(id_, id_) for id_ in ids))
    tell = {"e": _entries, "w": _works, "s": _sources}[kind]
    pinned = set(names_of_pins(connection, -1))
    stories = [replace(one, is_pinned=one.id in pinned) for one in tell(connection, ids[:MOST])]
    if not stories:
        raise NothingKnown(f"nothing is known of {name}: dl-lit inspect-tables shows what there is")
    return Explanation(tuple(stories), len(ids))


def _entries(connection: Connection, ids: list[int]) -> list[Story]:
    scope = Scope.of_entries(ids)
    sources = {one.id: one for one in source_facts(connection, scope)}
    linked, titles = linked_with(connection, scope), other_titles(connection, scope)
    return [
        Story(
            id=f"e{entry.id}",
            source=sources[entry.source_id],
            entry=entry,
            work=entry.work,
            cited_by=(),
            attempts=(
                *_attempts(connection, (StageName.EXTRACTION,), entry.source_id),
                *_attempts(connection, (StageName.ENRICHMENT,), entry.id),
                *(_attempts_of_work(connection, entry.work.id) if entry.work else ()),
            ),
            linked=linked.get(entry.work.id, ()) if entry.work else (),
            titles=titles.get(entry.work.id, ()) if entry.work else (),
            merges=tuple(merges(connection, work_id=entry.work.id, limit=MOST)) if entry.work else (),
            brought=tuple(files_of_entry(connection, entry.id)),
        )
        for entry in entries_of(connection, scope)
    ]


def _works(connection: Connection, ids: list[int]) -> list[Story]:
    scope = Scope.of_works(ids)
    entries = entries_of(connection, scope)
    linked, titles = linked_with(connection, scope), other_titles(connection, scope)
    return [
        Story(
            id=f"w{work.id}",
            source=None,
            entry=None,
            work=work,
            cited_by=tuple(entry for entry in entries if entry.work and entry.work.id == work.id),
            attempts=_attempts_of_work(connection, work.id),
            linked=linked.get(work.id, ()),
            titles=titles.get(work.id, ()),
            merges=tuple(merges(connection, work_id=work.id, limit=MOST)),
        )
        for work in works_of(connection, scope).values()
    ]


def _sources(connection: Connection, ids: list[int]) -> list[Story]:
    scope = Scope(ids)
    entries = entries_of(connection, scope)
    return [
        Story(
            id=f"s{source.id}",
            source=source,
            entry=None,
            work=None,
            cited_by=tuple(entry for entry in entries if entry.source_id == source.id),
            attempts=_attempts(connection, (StageName.EXTRACTION,), source.id),
        )
        for source in source_facts(connection, scope)
    ]


def _attempts_of_work(connection: Connection, work_id: int) -> tuple[Attempt, ...]:
    return _attempts(connection, (StageName.QUEUEING, StageName.DOWNLOAD), work_id)


def _attempts(connection: Connection, stages: Iterable[StageName], item_id: int) -> tuple[Attempt, ...]:
    found: list[tuple[int, Attempt]] = []
    for stage in stages:
        rows = connection.exec_driver_sql(
            "SELECT id, attempt, outcome, reason, detail, started_at, seconds, trail FROM attempts "
            "WHERE stage = ? AND item_id = ?",
            (stage.value, item_id),
        )
        found += ((row[0], _attempt(stage, row)) for row in rows)
    return tuple(attempt for _, attempt in sorted(found, key=lambda pair: pair[0]))


def _attempt(stage: StageName, row: Any) -> Attempt:
    _, attempt, outcome, reason, detail, started_at, seconds, trail = row
    told = decode_trail(trail) if trail else None
    return Attempt(stage, attempt, outcome, reason, detail, started_at, seconds, told)
