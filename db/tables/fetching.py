"""The rooms that works are in, and what is known of fetching them: what to look at again, and what works where."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, Float, ForeignKey, Index, Integer, Table, Text, text

from db.tables.base import arrived, due, failure, metadata, ready, stamps, suspects, waiting

_PLANNED = text("due_at IS NOT NULL")
_LOOKED = text("looked_at IS NOT NULL")
_NOTICED = text("notices_due IS NOT NULL")
_FOR_REVIEW = text("needs_review <> 0")
_NOT_FOR_REVIEW = text("needs_review = 0")

WORK_RANK = ("priority DESC", "newest_source_id DESC", "cited_by DESC", "year DESC", "work_id")
"""In which order works are claimed."""

with_metadata = Table(
    "with_metadata",
    metadata,
    Column("work_id", Integer, ForeignKey("works.id"), primary_key=True),
    Column("newest_source_id", Integer, nullable=False),
    Column("cited_by", Integer, nullable=False),
    *waiting(),
    *stamps(),
    Column("year", Integer, nullable=False, server_default="0"),  # of the work, for its rank
    ready("with_metadata", *WORK_RANK),
    due("with_metadata"),
    suspects("with_metadata"),
    arrived("with_metadata", "work_id"),
)

to_download_references = Table(
    "to_download_references",
    metadata,
    Column("work_id", Integer, ForeignKey("works.id"), primary_key=True),
    Column("newest_source_id", Integer, nullable=False),
    Column("cited_by", Integer, nullable=False),
    Column("locations", Text, nullable=False),
    *waiting(),
    *stamps(),
    Column("year", Integer, nullable=False, server_default="0"),  # of the work, for its rank
    ready("to_download_references", *WORK_RANK),
    due("to_download_references"),
    suspects("to_download_references"),
    arrived("to_download_references", "work_id"),
)

downloaded_references = Table(
    "downloaded_references",
    metadata,
    Column("work_id", Integer, ForeignKey("works.id"), primary_key=True),
    Column("status", Text, CheckConstraint("status LIKE 'ok%'", name="status"), nullable=False),
    Column("file_path", Text, nullable=False, unique=True),
    Column("checksum_pdf", Text, nullable=False, index=True),
    Column("size_bytes", Integer, nullable=False),
    Column("page_count", Integer, nullable=False),
    Column("url_source", Text, nullable=False),
    Column("source_of_download", Text, nullable=False),
    Column("version", Text),
    Column("licence", Text),
    Column("identity_score", Float),  # 0 to 1: how surely the file is the work; NULL before it was judged
    Column("proof", Text),  # JSON: the judgement with its evidence
    Column("landing_url", Text),  # the page that named the file
    Column("technique", Text),  # by which it did
    Column("checksum_fetched", Text),  # SHA-256 of the file as it came, where something was written into it since
    Column("replaces", Text),  # path of the file that it came in the place of, until that one is put away
    *stamps(),
)

failed_downloads = Table(
    "failed_downloads",
    metadata,
    Column("work_id", Integer, ForeignKey("works.id"), primary_key=True),
    Column("stage", Text, nullable=False),
    Column("locations", Text),
    Column("held", Text),  # JSON: the file in quarantine, of a needs-review
    *failure(review=True),
    *stamps(),
    Index("ix_failed_downloads_reason", "stage", "reason"),
    Index("ix_failed_downloads_review", "work_id", sqlite_where=_FOR_REVIEW),
    Index("ix_failed_downloads_ended", "work_id", sqlite_where=_NOT_FOR_REVIEW),
)

rechecks = Table(
    "rechecks",
    metadata,
    Column("work_id", Integer, ForeignKey("works.id"), primary_key=True),
    Column("due_at", Float),  # NULL: none is planned
    Column("done", Integer, nullable=False, server_default="0"),  # how often it was looked at again
    Column("reason", Text, nullable=False),  # that the rule belongs to: how it ended last
    Column("resolver", Integer),  # the landing-page finder's version at that time, where a page was the end
    Column("looked_at", Float),  # when it was looked at again last
    Column("notices_due", Float),  # when it is looked up for retractions; NULL: never
    Index("ix_rechecks_due", "due_at", sqlite_where=_PLANNED),
    Index("ix_rechecks_looked", "looked_at", sqlite_where=_LOOKED),
    Index("ix_rechecks_notices", "notices_due", sqlite_where=_NOTICED),
)

refused_files = Table(
    "refused_files",
    metadata,
    Column("work_id", Integer, ForeignKey("works.id"), primary_key=True),
    Column("sha256", Text, primary_key=True),
    Column("url", Text, nullable=False),  # of the location that gave it
    Column("path", Text),  # of the file in quarantine, until it is removed
    Column("refused_at", Text, nullable=False),
    sqlite_with_rowid=False,
)

landing_techniques = Table(
    "landing_techniques",
    metadata,
    Column("host", Text, primary_key=True),  # of the landing page
    Column("technique", Text, primary_key=True),
    Column("worked", Integer, nullable=False, server_default="0"),
    Column("failed", Integer, nullable=False, server_default="0"),
    Column("failed_in_a_row", Integer, nullable=False, server_default="0"),
    Column("tried_at", Float, nullable=False),
    sqlite_with_rowid=False,
)
