"""The tables. One room per stage, one per kind of failure, and the facts beside them.

A stage's waiting room says what is to be done; a row leaves it only in the transaction that puts it elsewhere:

    sources(pending) ─▶ no_metadata ─▶ with_metadata ─▶ to_download_references ─▶ downloaded_references
         │                  │               │                    │
    failed_extractions  failed_enrichments  └── failed_downloads ┘

Times of day are ISO 8601 text in UTC; `due_at` is a number (seconds since the Unix epoch) because it is compared and
added to. `due_at` NULL means ready now, so that ready rows have a small index of their own in rank order.
"""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from dl_lit.core.model import StageName
from dl_lit.core.reasons import Reason

SCHEMA_VERSION = "0005"
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


def _stamps() -> list[Column[object]]:
    """When the stage that put the row here began and ended, and how long it worked."""
    return [
        Column("processing_started_at", Text),
        Column("processing_timestamp", Text),
        Column("processing_duration_ms", Float),
    ]


def _waiting() -> list[Column[object]]:
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


def _failure(*, review: bool) -> list[Column[object]]:
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


def _ready(table: str, *rank: str) -> Index:
    """The claimable rows, in rank order; walked backwards it begins with those that have waited longest."""
    return Index(
        f"ix_{table}_ready",
        *(text(part) for part in rank),
        sqlite_where=text(_READY if table != "sources" else f"state = 'pending' AND {_READY}"),
        postgresql_where=text(_READY if table != "sources" else f"state = 'pending' AND {_READY}"),
    )


def _due(table: str) -> Index:
    where = "due_at IS NOT NULL"
    return Index(f"ix_{table}_due", text("due_at"), sqlite_where=text(where), postgresql_where=text(where))


def _suspects(table: str) -> Index:
    where = f"crashes >= {SUSPECT_AFTER}"
    return Index(f"ix_{table}_suspect", text("crashes"), sqlite_where=text(where), postgresql_where=text(where))


_STANDING = text("undone_at IS NULL")  # of merges
_UNDONE = text("undone_at IS NOT NULL")

_PLANNED = text("due_at IS NOT NULL")

_READY = f"due_at IS NULL AND crashes < {SUSPECT_AFTER}"

sources = Table(
    "sources",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("path", Text, nullable=False),
    Column("sha256", Text, nullable=False, unique=True),
    Column("size_bytes", Integer, nullable=False),
    Column(
        "state",
        Text,
        CheckConstraint("state IN ('pending', 'extracted', 'failed')", name="state"),
        nullable=False,
        server_default="pending",
    ),
    Column("added_at", Text, nullable=False),
    *_waiting(),
    Column("doi", Text),
    Column("title", Text),
    Column("page_count", Integer),
    Column("found_references", Integer),
    Column("expected_references", Integer),
    Column("authors", Text),  # JSON, of the citing work, as year and arxiv_id are
    Column("year", Integer),
    Column("arxiv_id", Text),
    Column("coverage_score", Float),  # of coverage, 0 to 1; NULL where nothing can be told
    Column("coverage", Text),  # JSON
    Column("short_forms", Text),  # JSON
    *_stamps(),
    _ready("sources", "priority DESC", "id DESC"),
    _due("sources"),
    _suspects("sources"),
)

failed_extractions = Table(
    "failed_extractions",
    metadata,
    Column("source_id", Integer, ForeignKey("sources.id"), primary_key=True),
    *_failure(review=False),
    *_stamps(),
)

entries = Table(
    "entries",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("source_id", Integer, ForeignKey("sources.id"), nullable=False),
    Column("position", Integer, nullable=False),
    Column("title", Text),
    Column("doi", Text),
    Column("reference", Text, nullable=False),
    Column("work_id", Integer, ForeignKey("works.id"), index=True),
    Column("matched_by", Text),
    Column("match_score", Float),
    Column("matched_as", Text),  # 'work', or 'container' where only the book of a chapter was found
    UniqueConstraint("source_id", "position"),
)

no_metadata = Table(
    "no_metadata",
    metadata,
    Column("entry_id", Integer, ForeignKey("entries.id"), primary_key=True),
    Column("source_id", Integer, nullable=False),
    *_waiting(),
    *_stamps(),
    _ready("no_metadata", "priority DESC", "source_id DESC", "entry_id"),
    _due("no_metadata"),
    _suspects("no_metadata"),
)

failed_enrichments = Table(
    "failed_enrichments",
    metadata,
    Column("entry_id", Integer, ForeignKey("entries.id"), primary_key=True),
    *_failure(review=True),
    *_stamps(),
)

works = Table(
    "works",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("type", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("year", Integer),
    Column("doi", Text),
    Column("openalex_id", Text),
    Column("title_key", Text),
    Column("version_key", Text, index=True),  # title and author, whatever the year; '' where they tell nothing
    Column("record", Text, nullable=False),
    Column("metadata_source", Text, nullable=False),
)

work_keys = Table(
    "work_keys",
    metadata,
    Column("kind", Text, primary_key=True),
    Column("value", Text, primary_key=True),
    Column("work_id", Integer, ForeignKey("works.id"), primary_key=True, index=True),
    sqlite_with_rowid=False,
)

work_links = Table(
    "work_links",
    metadata,
    Column("work_id", Integer, ForeignKey("works.id"), primary_key=True),
    Column("other_id", Integer, ForeignKey("works.id"), primary_key=True, index=True),
    Column("kind", Text, CheckConstraint("kind IN ('version', 'translation')", name="kind"), primary_key=True),
    Column("matched_on", Text, nullable=False),
    Column("linked_at", Text, nullable=False),
    CheckConstraint("work_id < other_id", name="order"),
)

work_aliases = Table(
    "work_aliases",
    metadata,
    Column("work_id", Integer, ForeignKey("works.id"), primary_key=True),
    Column("title", Text, primary_key=True),
    Column("language", Text),
    Column("title_key", Text, index=True),  # the work's own, had it this title
    Column("version_key", Text, index=True),  # likewise
    Column("source", Text, nullable=False),  # the service whose record has it
)

merges = Table(
    "merges",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("kept_work_id", Integer, nullable=False),
    Column("gone_work_id", Integer, nullable=False),
    Column("brought", Integer, nullable=False),  # how many keys the kept work had not had before
    Column("matched_on", Text, nullable=False),
    Column("matched_value", Text, nullable=False),
    Column("evidence", Text, nullable=False),  # what showed that they are one, for people
    Column("merged_at", Text, nullable=False),
    Column("undone_at", Text),
    Column("gone_record", Text, nullable=False),
    Column("entry_ids", Text, nullable=False),  # JSON: the entries that were the gone work's
    Column("keys", Text, nullable=False),  # JSON: [kind, value] by which the gone work itself was known
    Index(
        "ix_merges_members",
        "kept_work_id",
        "brought",
        "gone_work_id",
        sqlite_where=_STANDING,
        postgresql_where=_STANDING,
    ),
    Index("ix_merges_gone", "gone_work_id", unique=True, sqlite_where=_STANDING, postgresql_where=_STANDING),
    Index("ix_merges_undone", "kept_work_id", "gone_work_id", sqlite_where=_UNDONE, postgresql_where=_UNDONE),
)

separations = Table(
    "separations",
    metadata,
    Column("one_id", Integer, primary_key=True),
    Column("other_id", Integer, primary_key=True),
    Column("said_at", Text, nullable=False),
    CheckConstraint("one_id < other_id", name="order"),
)

with_metadata = Table(
    "with_metadata",
    metadata,
    Column("work_id", Integer, ForeignKey("works.id"), primary_key=True),
    Column("newest_source_id", Integer, nullable=False),
    Column("cited_by", Integer, nullable=False),
    *_waiting(),
    *_stamps(),
    _ready("with_metadata", "priority DESC", "newest_source_id DESC", "cited_by DESC", "work_id"),
    _due("with_metadata"),
    _suspects("with_metadata"),
)

to_download_references = Table(
    "to_download_references",
    metadata,
    Column("work_id", Integer, ForeignKey("works.id"), primary_key=True),
    Column("newest_source_id", Integer, nullable=False),
    Column("cited_by", Integer, nullable=False),
    Column("locations", Text, nullable=False),
    *_waiting(),
    *_stamps(),
    _ready("to_download_references", "priority DESC", "newest_source_id DESC", "cited_by DESC", "work_id"),
    _due("to_download_references"),
    _suspects("to_download_references"),
)

downloaded_references = Table(
    "downloaded_references",
    metadata,
    Column("work_id", Integer, ForeignKey("works.id"), primary_key=True),
    Column("status", Text, CheckConstraint("status LIKE 'ok%'", name="status"), nullable=False),
    Column("file_path", Text, nullable=False, unique=True),
    Column("checksum_pdf", Text, nullable=False),
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
    *_stamps(),
)

failed_downloads = Table(
    "failed_downloads",
    metadata,
    Column("work_id", Integer, ForeignKey("works.id"), primary_key=True),
    Column("stage", Text, nullable=False),
    Column("locations", Text),
    Column("held", Text),  # JSON: the file in quarantine, of a needs-review
    *_failure(review=True),
    *_stamps(),
)

rechecks = Table(
    "rechecks",
    metadata,
    Column("work_id", Integer, ForeignKey("works.id"), primary_key=True),
    Column("due_at", Float),  # NULL: none is planned
    Column("done", Integer, nullable=False, server_default="0"),  # how often it was looked at again for `reason`
    Column("reason", Text, nullable=False),  # that the rule belongs to: how it ended last
    Column("resolver", Integer),  # the landing-page finder's version at that time
    Index("ix_rechecks_due", "due_at", sqlite_where=_PLANNED, postgresql_where=_PLANNED),
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
)

runs = Table(
    "runs",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("started_at", Text, nullable=False),
    Column("ended_at", Text),
    Column("command", Text, nullable=False),
    Column("summary", Text),
)
