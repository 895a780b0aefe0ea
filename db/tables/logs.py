"""What is written down beside the rooms: duplicates, attempts, runs."""

from __future__ import annotations

from sqlalchemy import Boolean, CheckConstraint, Column, Float, ForeignKey, Index, Integer, Table, Text, text

from db.tables.base import metadata
from dl_lit.core.model import StageName

_REJECTED = text("outcome = 'reject'")

duplicate_references = Table(
    "duplicate_references",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("entry_id", Integer, ForeignKey("entries.id"), nullable=False, index=True),
    Column("existing_work_id", Integer, ForeignKey("works.id"), nullable=False, index=True),
    Column("matched_on_field", Text, nullable=False),
    Column("original_record", Text, nullable=False),
    Column("date_detected", Text, nullable=False),
    Column("merge_id", Integer),  # of `merges`; NULL for what was joined before these were logged
)

attempts = Table(
    "attempts",
    metadata,
    Column("id", Integer, primary_key=True),
    Column(
        "stage",
        Text,
        CheckConstraint("stage IN ({})".format(", ".join(f"'{s.value}'" for s in StageName)), name="stage"),
        nullable=False,
    ),
    Column("item_id", Integer, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("outcome", Text, CheckConstraint("outcome IN ('done', 'retry', 'reject')", name="outcome"), nullable=False),
    Column("reason", Text, nullable=False),
    Column("detail", Text, nullable=False, server_default=""),
    Column("started_at", Text, nullable=False),
    Column("seconds", Float, nullable=False),
    Column("trail", Text),  # JSON: what was asked and tried
    Index("ix_attempts_item", "stage", "item_id"),
    Index("ix_attempts_rejected", "id", sqlite_where=_REJECTED),  # the latest are shown
)

runs = Table(
    "runs",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("started_at", Text, nullable=False),
    Column("ended_at", Text),
    Column("command", Text, nullable=False),
    Column("summary", Text),  # JSON
    Column("version", Text),  # of dl_lit
    Column("settings", Text),  # JSON: those that are not as they are by default, secrets left out
    Column("exit_code", Integer),
)

run_sources = Table(  # what a run was given or found left over
    "run_sources",
    metadata,
    Column("run_id", Integer, ForeignKey("runs.id"), primary_key=True),
    Column("source_id", Integer, ForeignKey("sources.id"), primary_key=True, index=True),
    Column("is_new", Boolean, nullable=False),  # its content had not been known before
    Column("how", Text, nullable=False, server_default="given"),  # "given", "left over", "found" by snowballing
    sqlite_with_rowid=False,
)

pins = Table(  # what people want before everything else
    "pins",
    metadata,
    Column("kind", Text, CheckConstraint("kind IN ('source', 'entry', 'work')", name="kind"), primary_key=True),
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("pinned_at", Text, nullable=False),
    sqlite_with_rowid=False,
)

snowball = Table(  # how each level stood when it was looked at last
    "snowball",
    metadata,
    Column("level", Integer, primary_key=True, autoincrement=False),
    Column("told", Text, nullable=False),  # JSON
    Column("looked_at", Text, nullable=False),
    sqlite_with_rowid=False,
)

deeds = Table(  # what people changed by hand, with what is needed to undo it
    "deeds",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("done_at", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("said", Text, nullable=False),  # what was done, for people
    Column("rows", Text, nullable=False),  # JSON: the rows concerned, as they were and as they were made
    Column("undone_at", Text),
)

attempt_counts = Table(  # of all that were ever made, forgotten ones included: counters never fall
    "attempt_counts",
    metadata,
    Column("stage", Text, primary_key=True),
    Column("outcome", Text, primary_key=True),
    Column("reason", Text, primary_key=True),
    Column("bucket", Integer, primary_key=True, autoincrement=False),  # of how long they took; `db.counting`
    Column("number", Integer, nullable=False),
    Column("seconds", Float, nullable=False),  # of all together
    sqlite_with_rowid=False,
)

pauses = Table(
    "pauses",
    metadata,
    Column("stage", Text, primary_key=True),
    Column("since", Text, nullable=False),
    Column("by", Text, nullable=False, server_default=""),  # who paused it, in words
    sqlite_with_rowid=False,
)
