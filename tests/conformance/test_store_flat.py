"""What a claim costs depends on what is claimed, not on how much waits."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from db.rooms import ROOMS
from db.store import SqliteStore
from dl_lit.core.model import StageName
from tests.fakes.backends import Backend, SqliteBackend
from tests.fakes.engine import ManualClock

CLAIMING = ("best", "oldest", "due", "suspect", "next_due")
KEY = {
    StageName.EXTRACTION: "id",
    StageName.ENRICHMENT: "entry_id",
    StageName.QUEUEING: "work_id",
    StageName.DOWNLOAD: "work_id",
}


def values(statement: str) -> tuple[object, ...]:
    return {"next_due": (5.0,), "due": (5.0, "[1,2]", 8), "suspect": (5.0, "[1,2]", 8)}.get(statement, ("[1,2]", 8))


@pytest.fixture
def sqlite(backend: Backend) -> SqliteBackend:
    if type(backend) is not SqliteBackend:
        pytest.skip("asks SQLite for its plans")
    return backend


@pytest.mark.parametrize("stage", list(StageName))
@pytest.mark.parametrize("statement", CLAIMING)
def test_every_claiming_statement_walks_an_index_in_its_order(
    sqlite: SqliteBackend, stage: StageName, statement: str
) -> None:
    """No row is read that is not claimed or in hand, and nothing is sorted."""
    hot = getattr(ROOMS[stage], statement)
    connection = sqlite3.connect(sqlite.path)
    try:
        rows = hot.one(_Explaining(connection), *values(statement)).fetchall()
    finally:
        connection.close()
    plan = [row[3] for row in rows]
    table = ROOMS[stage].table.name
    own = [step for step in plan if table in step]
    assert own, plan
    assert all("USING INDEX" in step or "USING COVERING INDEX" in step for step in own), plan
    assert not [step for step in plan if "TEMP B-TREE" in step], plan
    unindexed = [step for step in plan if step.startswith("SCAN") and "INDEX" not in step and "json_each" not in step]
    assert unindexed == []
    joined = [step for step in plan if step.startswith("SEARCH") and table not in step]
    assert all("PRIMARY KEY" in step for step in joined), plan


class _Explaining:
    """A cursor that asks for the plan instead."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def execute(self, sql: str, values: object = ()) -> sqlite3.Cursor:
        return self._connection.execute(f"EXPLAIN QUERY PLAN {sql}", values)  # type: ignore[arg-type]


def fill(path: Path, stage: StageName, rows: int) -> None:
    """A room of `rows`, half of them not due yet."""
    table = ROOMS[stage].table.name
    connection = sqlite3.connect(path)
    numbers = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?) "
    works = "INSERT INTO works (id, type, title, record, metadata_source) "
    with connection:
        if stage is not StageName.EXTRACTION:
            source = "INSERT INTO sources (id, path, sha256, size_bytes, added_at) VALUES (1, '', '', 1, '')"
            connection.execute(source)
        if stage is StageName.ENRICHMENT:
            connection.execute(
                f"{numbers} INSERT INTO entries (id, source_id, position, reference) "
                """SELECT i, 1, i, '{"position": 1, "raw": "x"}' FROM n""",
                (rows,),
            )
        elif stage is not StageName.EXTRACTION:
            connection.execute(f"""{numbers} {works} SELECT i, '', '', '{{"title": "x"}}', '' FROM n""", (rows,))
        columns, selected = {
            StageName.EXTRACTION: ("path, sha256, size_bytes, added_at", "i, i, 1, ''"),
            StageName.ENRICHMENT: ("source_id", "i % 50"),
            StageName.QUEUEING: ("newest_source_id, cited_by", "i % 50, i % 7"),
            StageName.DOWNLOAD: ("newest_source_id, cited_by, locations", "i % 50, i % 7, '[]'"),
        }[stage]
        connection.execute(
            f"{numbers} INSERT INTO {table} ({KEY[stage]}, due_at, {columns}) "
            f"SELECT i, CASE i % 2 WHEN 0 THEN 9e9 + i END, {selected} FROM n",
            (rows,),
        )
    connection.close()


def steps_of_a_claim(store: SqliteStore, stage: StageName) -> int:
    """How many instructions SQLite runs for claiming 16 rows, ageing and due rows included."""
    steps = [0]

    def count() -> int:
        steps[0] += 1
        return 0

    store._due_from[stage] = 0.0
    store._since_oldest[stage] = 16
    connection = store._read.connection
    connection.set_progress_handler(count, 1)
    try:
        claims = store.claim(stage, 16)
    finally:
        connection.set_progress_handler(None, 1)
    assert len(claims) == 16
    store.release(claims)
    return steps[0]


@pytest.mark.parametrize("stage", list(StageName))
def test_a_claim_in_a_room_of_a_hundred_thousand_costs_what_it_does_in_one_of_a_thousand(
    tmp_path: Path, stage: StageName
) -> None:
    steps = {}
    for rows in (1_000, 100_000):
        (tmp_path / str(rows)).mkdir()
        database = SqliteBackend(tmp_path / str(rows), ManualClock())
        database.open().close()
        fill(database.path, stage, rows)
        steps[rows] = steps_of_a_claim(database.open(), stage)
        database.close()
    assert steps[100_000] < 1.2 * steps[1_000], steps
