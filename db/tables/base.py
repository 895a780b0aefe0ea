"""What all tables have in common: the schema's number, its naming, and the columns that rooms share.

Partial indexes have SQLite's condition alone: at PostgreSQL's keyword SQLAlchemy would bring in that dialect as well.
"""

from __future__ import annotations

from sqlalchemy import Boolean, CheckConstraint, Column, Float, Index, Integer, MetaData, Text, text

from dl_lit.core.reasons import Reason

SCHEMA_VERSION = "0009"
"""The newest migration; a database beyond it was written by a newer dl_lit."""

SUSPECT_AFTER = 3
"""Sudden deaths with a row in hand after which the row is only run alone."""

POISON_AFTER = 2
"""Sudden deaths with nothing but the row in hand after which it is quarantined."""

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(column_0_label)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def stamps() -> list[Column[object]]:
    """When the stage that put the row here began and ended, and how long it worked."""
    return [
        Column("processing_started_at", Text),
        Column("processing_timestamp", Text),
        Column("processing_duration_ms", Float),
    ]


def waiting() -> list[Column[object]]:
    """What every waiting room keeps about its rows."""
    return [
        Column("priority", Integer, nullable=False, server_default="0"),
        Column("due_at", Float),
        Column("attempts", Integer, nullable=False, server_default="0"),
        Column("last_reason", Text),
        Column("last_detail", Text),
        Column("crashes", Integer, nullable=False, server_default="0"),  # sudden deaths with it in hand
        Column("solo_crashes", Integer, nullable=False, server_default="0"),  # of these, with nothing else in hand
    ]


def failure(*, review: bool) -> list[Column[object]]:
    """What every room of failures keeps."""
    columns: list[Column[object]] = [
        Column("reason", Text, CheckConstraint(f"reason IN ({_reasons()})", name="reason"), nullable=False),
        Column("detail", Text, nullable=False, server_default=""),
        Column("evidence", Text),
        Column("attempts", Integer, nullable=False),
    ]
    if review:
        columns.append(Column("needs_review", Boolean, nullable=False, server_default=text("0")))
    return columns


def _reasons() -> str:
    return ", ".join(f"'{reason.value}'" for reason in Reason)


def ready(table: str, *rank: str) -> Index:
    """The claimable rows, in rank order; walked backwards it begins with those that have waited longest."""
    return Index(
        f"ix_{table}_ready",
        *(text(part) for part in rank),
        sqlite_where=text(_READY if table != "sources" else f"state = 'pending' AND {_READY}"),
    )


def due(table: str) -> Index:
    """The rows that were put off, by when they are due."""
    where = "due_at IS NOT NULL"
    return Index(f"ix_{table}_due", text("due_at"), sqlite_where=text(where))


def suspects(table: str) -> Index:
    """The rows that were in hand at several sudden deaths."""
    where = f"crashes >= {SUSPECT_AFTER}"
    return Index(f"ix_{table}_suspect", text("crashes"), sqlite_where=text(where))


ONE_IN = 16
"""One row in so many of a waiting room stands in the index of those that arrived first."""


def arrived(table: str, key: str) -> Index:
    """Some of the claimable rows by when they arrived: where rows were put back their ids do not tell that."""
    where = f"due_at IS NULL AND {key} % {ONE_IN} = 0"
    return Index(f"ix_{table}_arrived", "processing_timestamp", sqlite_where=text(where))


_READY = f"due_at IS NULL AND crashes < {SUSPECT_AFTER}"
