"""The words of rows as PostgreSQL keeps them: text vectors of whole words, no dictionary, with an index each."""

# ruff: noqa: S608 - all that is put together here are names of ours

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlalchemy import Connection

from db.finding.word_index import Term
from db.tables.searched import KINDS, index_of

_FEW = 20_000
"""Rows with a word that are gathered by the index and put in order; where more have it the newest are gone through."""

_NEWEST = 20_000
"""Rows that are gone through then, before the index is asked for those behind them."""

_PAGE = 500
"""Rows that are brought at first: no more are compared with what is asked for, unless they are left out otherwise."""

_END = (1 << 63) - 1
_GONE_THROUGH = """
SELECT id FROM {} WHERE id > ? AND words @@ CAST(? AS TEXT)::tsquery AND id < ? ORDER BY id DESC LIMIT ?
"""
# What the index finds is put in order afterwards: the planner would rather go through all rows in order.
_GATHERED = """
WITH found AS MATERIALIZED (SELECT id FROM {} WHERE words @@ CAST(? AS TEXT)::tsquery)
SELECT id FROM found WHERE id < ? ORDER BY id DESC LIMIT ?
"""

# Rows come in as they are read; without a list of what is pending, which each search would have to look through.
TABLES = tuple(
    statement
    for what in KINDS
    for statement in (
        f"CREATE TABLE {index_of(what)} (id bigint PRIMARY KEY, words tsvector NOT NULL)",
        f"CREATE INDEX ix_{index_of(what)} ON {index_of(what)} USING gin (words) WITH (fastupdate = off)",
    )
)
"""The statements that make them."""


class TextVectors:
    """See `db.finding.word_index.WordIndex`."""

    def add(self, connection: Connection, what: str, rows: Sequence[tuple[int, Sequence[str]]]) -> None:
        """See `WordIndex.add`."""
        connection.exec_driver_sql(
            f"INSERT INTO {index_of(what)} (id, words) VALUES (?, array_to_tsvector(string_to_array(?, ' '))) "
            "ON CONFLICT (id) DO UPDATE SET words = excluded.words",
            [(id_, " ".join(words)) for id_, words in rows],
        )

    def ids(self, connection: Connection, what: str, terms: Sequence[Term], most: int) -> Iterator[int]:
        """See `WordIndex.ids`."""
        query = " & ".join(_said(term) for term in terms)
        behind = 0
        if min(term.number for term in terms) > _FEW:
            newest = connection.exec_driver_sql(f"SELECT max(id) FROM {index_of(what)}").scalar_one() or 0
            behind = max(0, newest - _NEWEST)
            for id_ in _paged(connection, _GONE_THROUGH.format(index_of(what)), (behind, query), _END, most):
                most -= 1
                yield id_
        yield from _paged(connection, _GATHERED.format(index_of(what)), (query,), behind + 1 if behind else _END, most)

    def has(self, connection: Connection, what: str, id_: int, word: str) -> bool:
        """See `WordIndex.has`."""
        query = f"SELECT 1 FROM {index_of(what)} WHERE id = ? AND words @@ CAST(? AS TEXT)::tsquery"
        return connection.exec_driver_sql(query, (id_, f"'{word}'")).first() is not None

    def forget(self, connection: Connection, what: str) -> None:
        """See `WordIndex.forget`."""
        connection.exec_driver_sql(f"TRUNCATE {index_of(what)}")


def _paged(connection: Connection, statement: str, values: tuple[object, ...], before: int, most: int) -> Iterator[int]:
    """At most `most` rows below `before`: a page, and what is left of them if somebody reads on."""
    for size in (_PAGE, most - _PAGE):
        wanted = min(size, most)
        found = list(connection.exec_driver_sql(statement, (*values, before, wanted)).scalars()) if wanted > 0 else []
        yield from found
        if len(found) < wanted or not found:
            return
        before = found[-1]


def _said(term: Term) -> str:
    """The term as a text query; words have no signs in them."""
    words = " | ".join(f"'{word}'" for word in term.words)
    return f"{words}:*" if term.goes_on else f"({words})"
