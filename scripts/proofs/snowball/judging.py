"""What a finished run left, looked at with plain queries that share nothing with the program's own."""

from __future__ import annotations

import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from db.reading.doctor import invariants
from db.reading.opening import reading
from db.reading.prisma import prisma_numbers


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a run was allowed."""

    depth: int
    per_level: int
    max_references: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """What stands in a database after a run."""

    levels: dict[int, frozenset[str]]  # by level, the works that were read: their DOIs
    sources: dict[int, int]  # by level
    cut: int
    works: int
    entries: int


def picture(database: Path) -> Picture:
    """Look at it."""
    with closing(sqlite3.connect(database)) as connection:
        levels: dict[int, set[str]] = defaultdict(set)
        for level, doi in connection.execute(
            "SELECT s.level, w.doi FROM sources AS s JOIN works AS w ON w.id = s.from_work_id WHERE s.kind = 'pdf'"
        ):
            levels[level].add(doi)
        return Picture(
            levels={level: frozenset(dois) for level, dois in levels.items()},
            sources=dict(connection.execute("SELECT level, count(*) FROM sources WHERE kind = 'pdf' GROUP BY level")),
            cut=int(connection.execute("SELECT sum(cut_references) FROM sources").fetchone()[0]),
            works=int(connection.execute("SELECT count(*) FROM works").fetchone()[0]),
            entries=int(connection.execute("SELECT count(*) FROM entries").fetchone()[0]),
        )


def problems(database: Path, plan: Plan, run_id: int) -> Iterator[str]:
    """What is not as it was planned, or does not add up; one line each."""
    seen = picture(database)
    for level, number in seen.sources.items():
        if level > plan.depth:
            yield f"{number} sources of level {level}, beyond the depth of {plan.depth}"
        elif level and number > plan.per_level:
            yield f"{number} sources of level {level}, {plan.per_level} were planned"
    with closing(sqlite3.connect(database)) as connection:
        yield from _wrong_choice(connection, plan)
        yield from _doubled(connection)
        long = connection.execute(
            "SELECT id, found_references FROM sources WHERE level > 0 AND kind = 'pdf' AND found_references > ?",
            (plan.max_references,),
        ).fetchall()
        yield from (f"s{id_}: {number} references were taken" for id_, number in long)
        yield from _counted_otherwise(connection, database, run_id)
    with reading(database) as opened:
        yield from (f"{one.name}: {one.examples}" for one in invariants(opened) if not one.holds)


def _wrong_choice(connection: sqlite3.Connection, plan: Plan) -> Iterator[str]:
    """Level 1 has the works that most own papers cite, the newest of equals."""
    own: dict[int, set[int]] = defaultdict(set)
    for work, source in connection.execute(
        "SELECT e.work_id, e.source_id FROM entries AS e JOIN sources AS s ON s.id = e.source_id "
        "WHERE s.level = 0 AND e.work_id IS NOT NULL"
    ):
        own[work].add(source)
    years = dict(connection.execute("SELECT id, coalesce(year, 0) FROM works"))
    taken = {row[0] for row in connection.execute("SELECT from_work_id FROM sources WHERE level = 1 AND kind = 'pdf'")}
    papers = {row[0] for row in connection.execute("SELECT id FROM works WHERE doi LIKE '10.5556/own.%'")}
    proven = {
        row[0]
        for row in connection.execute("SELECT work_id FROM downloaded_references WHERE status <> 'ok-unverified'")
    }
    left = (set(own) & proven) - taken - papers
    if left and len(taken) < plan.per_level:
        yield f"{len(taken)} works of level 1 were read, {len(left)} more might have been"
    if taken and left:
        worst = min((len(own[work]), years[work]) for work in taken)
        best = max((len(own[work]), years[work]) for work in left)
        if best > worst:
            yield f"a work of level 1 is cited by {worst[0]} own papers, one that was left by {best[0]}"
    if taken & papers:
        yield f"{len(taken & papers)} own papers were read again"


def _doubled(connection: sqlite3.Connection) -> Iterator[str]:
    twice = connection.execute(
        "SELECT from_work_id, count(*) FROM sources WHERE kind = 'pdf' AND from_work_id IS NOT NULL "
        "GROUP BY from_work_id HAVING count(*) > 1"
    ).fetchall()
    yield from (f"w{work} has {number} sources" for work, number in twice)


def _counted_otherwise(connection: sqlite3.Connection, database: Path, run_id: int) -> Iterator[str]:
    """PRISMA numbers, counted here once more, in Python from the rows."""
    chosen = {row[0] for row in connection.execute("SELECT source_id FROM run_sources WHERE run_id = ?", (run_id,))}
    entries = [row for row in connection.execute("SELECT id, source_id, work_id FROM entries") if row[1] in chosen]
    works = {row[2] for row in entries if row[2] is not None}
    reasons = Counter(
        reason
        for entry, reason in connection.execute(
            "SELECT entry_id, reason FROM failed_enrichments WHERE NOT needs_review"
        )
        if entry in {row[0] for row in entries}
    )
    not_retrieved = Counter(
        reason
        for work, reason in connection.execute("SELECT work_id, reason FROM failed_downloads WHERE NOT needs_review")
        if work in works and reason != "wrong-work"
    )
    library = Counter(
        status
        for work, status in connection.execute("SELECT work_id, status FROM downloaded_references")
        if work in works
    )
    everything = {row[0] for row in connection.execute("SELECT id FROM sources")}
    if chosen != everything:
        yield f"the run has {len(chosen)} sources, the database {len(everything)}"
    with reading(database) as opened:
        told = prisma_numbers(opened, run_id)
    for what, ours, theirs in (
        ("identified", told.identified, len(entries)),
        ("duplicates", told.duplicates, sum(row[2] is not None for row in entries) - len(works)),
        ("recognised", told.recognised, len(works)),
        ("not recognised", dict(told.not_recognised), dict(reasons)),
        ("not retrieved", dict(told.not_retrieved), dict(not_retrieved)),
        ("in the library", told.included, library.total()),
    ):
        if ours != theirs:
            yield f"PRISMA says {ours} {what}, the rows {theirs}"
    yield from (f"PRISMA does not add up: {problem}" for problem in told.problems())
