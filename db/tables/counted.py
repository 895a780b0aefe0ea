"""How many rows are where: triggers count in the transaction that moves them; counting a million takes seconds.

Whoever moves a row, be it the recorder, a command or a person with a shell, the counts move with it; `dl-lit doctor`
holds them against the rows.
"""

from __future__ import annotations

from sqlalchemy import Column, Float, Index, Integer, Table, Text, text

from db.tables.base import metadata

counts = Table(
    "counts",
    metadata,
    Column("what", Text, primary_key=True),  # a table, 'bibliographies' or 'shared_works'
    Column("word", Text, primary_key=True),  # which of its rows; '' where all are alike
    Column("number", Integer, nullable=False, server_default="0"),
    Column(
        "entries", Integer, nullable=False, server_default="0"
    ),  # of works that ended: that cite them; of bibliographies: in them
    Column("amount", Float, nullable=False, server_default="0"),  # of files: bytes; of judged bibliographies: scores
    Column("latest", Text),  # of files: when the last one came, also where it has gone since
    sqlite_with_rowid=False,
)

due_counts = Table(  # rows that were put off, by when they are due
    "due_counts",
    metadata,
    Column("what", Text, primary_key=True),  # a waiting room, or 'rechecks'
    Column("slot", Integer, primary_key=True, autoincrement=False),  # due_at in whole `SLOT_S` since the Unix epoch
    Column("word", Text, primary_key=True),  # why they were put off
    Column("number", Integer, nullable=False),
    sqlite_with_rowid=False,
)

shared_works = Table(  # works that several entries cite; all others are cited by one
    "shared_works",
    metadata,
    Column("work_id", Integer, primary_key=True),
    Column("place", Text, nullable=False),  # waiting, downloaded, needs_review, failed
    Column("cited_by", Integer, nullable=False),
    Index("ix_shared_works_cited", text("cited_by DESC"), "work_id"),
    Index("ix_shared_works_place", "place", text("cited_by DESC"), "work_id"),
)
