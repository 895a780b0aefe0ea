"""The full-text tables with the words of rows: which rows have words, the newest first. Here SQLite's, by FTS5."""

# ruff: noqa: S608 - all that is put together here are names of ours

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

from sqlalchemy import Connection

from db.tables.searched import index_of
from dl_lit.core.values import dataclass


@dataclass(frozen=True, slots=True)
class Term:
    """What is to stand in a row: one of these words."""

    words: tuple[str, ...]
    number: int  # rows that have it
    goes_on: bool = False  # the word may be the beginning of another


class WordIndex(Protocol):
    """The full-text tables of one kind of database."""

    def add(self, connection: Connection, what: str, rows: Sequence[tuple[int, Sequence[str]]]) -> None:
        """Let these rows of `what` be found by these words, each of which is there once."""

    def ids(self, connection: Connection, what: str, terms: Sequence[Term], most: int) -> Iterator[int]:
        """At most `most` rows in which all the terms stand, the newest first; read as they are asked for."""

    def has(self, connection: Connection, what: str, id_: int, word: str) -> bool:
        """Whether this row is found by this word."""

    def forget(self, connection: Connection, what: str) -> None:
        """Forget all words."""


def word_index(connection: Connection) -> WordIndex:
    """The full-text tables of the database that the connection leads to."""
    if connection.dialect.name == "postgresql":
        from db.postgres.finding import TextVectors  # noqa: PLC0415 - which needs an extra

        return TextVectors()
    return _Fts5()


class _Fts5:
    def add(self, connection: Connection, what: str, rows: Sequence[tuple[int, Sequence[str]]]) -> None:
        connection.exec_driver_sql(
            f"INSERT INTO {index_of(what)} (rowid, words) VALUES (?, ?)",
            [(id_, " ".join(words)) for id_, words in rows],
        )

    def ids(self, connection: Connection, what: str, terms: Sequence[Term], most: int) -> Iterator[int]:
        index = index_of(what)
        statement = f"SELECT rowid FROM {index} WHERE {index} MATCH ? ORDER BY rowid DESC LIMIT ?"
        query = " AND ".join(_said(term) for term in terms)
        return iter(connection.exec_driver_sql(statement, (query, most)).scalars())

    def has(self, connection: Connection, what: str, id_: int, word: str) -> bool:
        index = index_of(what)
        query = f"SELECT 1 FROM {index} WHERE {index} MATCH ? AND rowid = ?"
        return connection.exec_driver_sql(query, (f'"{word}"', id_)).first() is not None

    def forget(self, connection: Connection, what: str) -> None:
        index = index_of(what)
        connection.exec_driver_sql(f"INSERT INTO {index} ({index}) VALUES ('delete-all')")


def _said(term: Term) -> str:
    """The term in FTS5's words."""
    words = " OR ".join(f'"{word}"' for word in term.words)
    return f"{words}*" if term.goes_on else f"({words})"
