"""Keeping the words of what is searched, a handful of rows at a time, so that nobody who writes waits for long.

The recorder knows nothing of it: words follow what is there. What they have not reached yet is looked through.
"""

# ruff: noqa: S608 - all that is put together here are names and texts of ours

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable

from sqlalchemy import Connection, Engine

from db.finding.texts import texts, words_in
from db.finding.word_index import word_index
from db.tables.searched import KINDS

LOT = 200
"""Rows whose words are added in one transaction: some ten milliseconds."""

_SAMPLE = 50

_CHANGED = "SELECT id FROM unsearched WHERE what = ? ORDER BY id DESC LIMIT ?"
_WORDS = """
INSERT INTO search_words (what, word, number)
SELECT CAST(? AS TEXT), j.value ->> 0, CAST(j.value ->> 1 AS INTEGER) FROM json_each(?) AS j WHERE TRUE
ON CONFLICT (what, word) DO UPDATE SET number = number + excluded.number
"""
_REACHED = "SELECT through FROM searched WHERE what = ?"
_REACH = "UPDATE searched SET through = ? WHERE what = ?"
_DONE = "DELETE FROM unsearched WHERE what = ? AND id IN (SELECT value FROM json_each(?))"


def is_behind(connection: Connection) -> bool:
    """Whether there are rows whose words are not kept as they are now."""
    if connection.exec_driver_sql("SELECT 1 FROM unsearched LIMIT 1").first() is not None:
        return True
    query = "SELECT coalesce(max(id), 0) FROM {}"
    return any(
        connection.exec_driver_sql(query.format(what)).scalar_one()
        > connection.exec_driver_sql(_REACHED, (what,)).scalar_one()
        for what in KINDS
    )


def keep_up(
    engine: Engine, *, should_stop: Callable[[], bool] = lambda: False, rest: Callable[[], None] = lambda: None
) -> int:
    """Add the words of all that has come or changed, `rest` between two transactions; how many rows that were.

    Ends early when `should_stop`; the next call goes on from there.
    """
    added = 0
    while not should_stop():
        with engine.begin() as connection:
            lot = next((number for what in KINDS if (number := _add(connection, what))), 0)
        if not lot:
            break
        added += lot
        rest()
    return added


def _add(connection: Connection, what: str) -> int:
    """Add the words of some rows of `what`: what changed first; how many rows that were."""
    changed = list(connection.exec_driver_sql(_CHANGED, (what, LOT)).scalars())
    if changed:
        chosen = json.dumps(changed)
        query = f"{texts(what)} WHERE id IN (SELECT value FROM json_each(?))"
        _enter(connection, what, query, chosen)
        connection.exec_driver_sql(_DONE, (what, chosen))
        return len(changed)
    through = connection.exec_driver_sql(_REACHED, (what,)).scalar_one()
    ids = _enter(connection, what, f"{texts(what)} WHERE id > ? ORDER BY id LIMIT {LOT}", through)
    if ids:
        connection.exec_driver_sql(_REACH, (ids[-1], what))
    return len(ids)


def _enter(connection: Connection, what: str, query: str, value: object) -> list[int]:
    rows = connection.exec_driver_sql(query, (value,)).all()
    lines = [(row[0], list(dict.fromkeys(words_in(what, row)))) for row in rows]
    if lines:
        word_index(connection).add(connection, what, lines)
        counts = Counter(word for _, words in lines for word in words)
        connection.exec_driver_sql(_WORDS, (what, json.dumps(list(counts.items()), ensure_ascii=False)))
    return [id_ for id_, _ in lines]


def lost(connection: Connection) -> list[str]:
    """Rows whose words should be kept and are not, among some of each kind spread over all of them: s1, w2, e3."""
    return [
        f"{what[0]}{id_}" for what in KINDS for id_ in _sample(connection, what) if not _is_kept(connection, what, id_)
    ]


def _sample(connection: Connection, what: str) -> list[int]:
    """Some of the rows whose words are kept."""
    through = connection.exec_driver_sql(_REACHED, (what,)).scalar_one()
    starts = json.dumps(sorted({1 + through * part // _SAMPLE for part in range(_SAMPLE)}))
    query = (
        f"SELECT DISTINCT first FROM (SELECT (SELECT id FROM {what} WHERE id >= CAST(j.value AS INTEGER) "
        "ORDER BY id LIMIT 1) AS first FROM json_each(?) AS j) AS found "
        "WHERE first <= ? AND first NOT IN (SELECT id FROM unsearched WHERE what = ?) ORDER BY first"
    )
    return list(connection.exec_driver_sql(query, (starts, through, what)).scalars())


def _is_kept(connection: Connection, what: str, id_: int) -> bool:
    row = connection.exec_driver_sql(f"{texts(what)} WHERE id = ?", (id_,)).one()
    if not (words := words_in(what, row)):
        return True
    return word_index(connection).has(connection, what, id_, max(words, key=len))


def begin_anew(engine: Engine) -> None:
    """Forget all words, so that `keep_up` adds them again."""
    with engine.begin() as connection:
        for what in KINDS:
            word_index(connection).forget(connection, what)
        connection.exec_driver_sql("DELETE FROM search_words")
        connection.exec_driver_sql("DELETE FROM unsearched")
        connection.exec_driver_sql("UPDATE searched SET through = 0")
