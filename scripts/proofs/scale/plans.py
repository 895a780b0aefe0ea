"""Which statements were run, and whether any of them reads a table that grows from one end to the other."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import event
from sqlalchemy.pool import Pool

from db.tables import metadata

BOUNDED = frozenset({
    "counts", "due_counts", "attempt_counts", "pauses", "runs", "pins", "snowball", "landing_techniques",
    "separations", "alembic_version",
})  # fmt: skip
"""Tables that do not grow with what is worked on: kinds, slots of time, hosts, decisions of a person."""

EXCEPTIONS: Mapping[str, str] = {
    "WITH chosen(id) AS (SELECT id FROM sources),": "an export of everything reads everything, once",
    "SELECT count(*) FROM (SELECT 1 FROM ": "inspect-tables counts ten thousand rows of a table at most",
}
"""How a statement that may read everything is known, and why it may."""

WALKS: Mapping[str, str] = {
    "_ready": "claims walk the index of what is ready in its order, and end with what they claim",
    "ix_attempts_rejected": "the latest failures, some of them",
    "ORDER BY id DESC LIMIT": "the last one",
    "FROM attempts NOT INDEXED": "the latest 20,000 attempts at most",
    "_suspect": "rows that were in hand at several sudden deaths",
    "SELECT min(": "the first one of an index",
    "ix_merges_undone": "merges that a person undid",
    "FROM rechecks WHERE looked_at >=": "what was looked at again in a day, which a setting bounds",
}
"""How a plan that begins at an end of an index and stops is known."""

_FROM = re.compile(r"\b(?:FROM|JOIN|UPDATE|INTO|,)\s+\"?(\w+)\"?(?:\s+(?:AS\s+)?(?!WHERE|ON|JOIN|LEFT|ORDER|GROUP|SET|CROSS|NOT|UNION|LIMIT|VALUES|AND|SELECT|INNER)(\w+))?", re.IGNORECASE)  # fmt: skip  # noqa: E501 - one expression
_EACH = re.compile(r"json_each\(.*?\) AS (\w+)", re.DOTALL)  # rows that were handed in, by another name
_STEP = re.compile(r"^SCAN (\w+)(.*)")


@contextmanager
def caught() -> Iterator[set[str]]:
    """All statements that run on connections opened while entered."""
    seen: set[str] = set()

    def listen(connection: Any, _record: object) -> None:
        connection.set_trace_callback(seen.add)

    event.listen(Pool, "connect", listen)
    try:
        yield seen
    finally:
        event.remove(Pool, "connect", listen)


def shape(statement: str) -> str:
    """The statement without its values: as many as are alike are one."""
    text = re.sub(r"'(?:[^']|'')*'", "'?'", " ".join(statement.split()))
    return re.sub(r"\b\d+(\.\d+)?\b", "#", text)


def exception(statement: str) -> str | None:
    """Why this statement may read everything; None where it may not."""
    text = " ".join(statement.split())
    return next((why for part, why in EXCEPTIONS.items() if part in text), None)


def complaints(path: Path, statements: set[str]) -> list[str]:
    """What the plans of these statements say that must not be, one line each; exceptions are left out."""
    connection = sqlite3.connect(path)
    found: dict[str, str] = {}
    try:
        for statement in sorted(statements):
            known = shape(statement)
            if known in found or not re.match(r"\s*(SELECT|WITH|UPDATE|DELETE|INSERT)", statement, re.IGNORECASE):
                continue
            if exception(statement) is None and (wrong := _wrong(connection, statement)):
                found[known] = wrong
    finally:
        connection.close()
    return [f"{wrong}: {known[:200]}" for known, wrong in sorted(found.items())]


def _wrong(connection: sqlite3.Connection, statement: str) -> str | None:
    try:
        plan = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {statement}")]
    except sqlite3.Error:
        return None  # shortened by the trace, or of another database
    return judged(plan, statement)


def judged(plan: list[str], statement: str) -> str | None:
    """What is wrong with a plan; None where nothing is."""
    if any(word in text for word in WALKS for text in (" ".join(statement.split()), *plan)):
        return None
    tables = {alias or name: name for name, alias in _FROM.findall(statement)}
    growing = set(metadata.tables) - BOUNDED
    for step in plan:
        if (scan := _STEP.match(step)) and tables.get(scan[1], scan[1]) in growing:
            return step
        is_open = re.match(r"SEARCH (\w+) .*\(\w+>\?\)$", step)  # from somewhere to the end
        if is_open and " LIMIT " not in statement and tables.get(is_open[1], is_open[1]) in growing:
            return step
    given = {"json_each", *_EACH.findall(statement)}
    is_bounded = any(
        ((scan := re.match(r"SCAN (\w+) VIRTUAL TABLE", step)) and scan[1] in given)
        or re.search(r"\((\w+_id|id)=\?\)", step)
        for step in plan
    )
    if not is_bounded and any(step.startswith("USE TEMP B-TREE") for step in plan):
        touched = [step for step in plan if (found := re.match(r"SEARCH (\w+)", step)) and tables.get(found[1], found[1]) in growing]  # fmt: skip  # noqa: E501 - a condition
        if touched:
            return f"{touched[0]}; USE TEMP B-TREE"
    return None
