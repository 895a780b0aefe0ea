"""What comes in: sources, their entries, and the rooms these are in until it is known which works they are."""

from __future__ import annotations

from sqlalchemy import (
    CheckConstraint,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from db.tables.base import arrived, due, failure, metadata, ready, stamps, suspects, waiting

_PENDING = text("state = 'pending' AND id > 0")  # as lists ask: claims are not to take this index for theirs
_ENDED = text("state <> 'pending'")
_GAPS = text("coverage_score < 1")
_FOR_REVIEW = text("needs_review <> 0")
_NOT_FOR_REVIEW = text("needs_review = 0")

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
    *waiting(),
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
    *stamps(),
    Column("kind", Text, nullable=False, server_default="pdf"),  # `SourceKind`
    Column("origin", Text),  # JSON: what was asked for, of sources that are no files that people gave
    Column("level", Integer, nullable=False, server_default="0"),  # 0: given by people; n: cited by a source of n - 1
    Column("from_work_id", Integer),  # the work whose PDF it is, or whose citing works it lists; NULL: given by people
    Column(
        "cut_references", Integer, nullable=False, server_default="0"
    ),  # read beyond those taken: `snowball.max_references`
    ready("sources", "priority DESC", "id DESC"),
    due("sources"),
    suspects("sources"),
    Index("ix_sources_pending", "id", sqlite_where=_PENDING),
    Index("ix_sources_ended", "state", "id", sqlite_where=_ENDED),
    Index("ix_sources_path", "path"),
    Index("ix_sources_title", "state", text("coalesce(title, path) COLLATE NOCASE"), "id", sqlite_where=_ENDED),
    Index(
        "ix_sources_coverage",
        "state",
        text("coverage_score IS NULL"),
        "coverage_score",
        text("id DESC"),
        sqlite_where=_ENDED,
    ),
    Index("ix_sources_length", "state", text("found_references DESC"), text("id DESC"), sqlite_where=_ENDED),
    Index("ix_sources_gaps", "id", sqlite_where=_GAPS),
    Index("ix_sources_gaps_title", text("coalesce(title, path) COLLATE NOCASE"), "id", sqlite_where=_GAPS),
    Index("ix_sources_gaps_coverage", "coverage_score", text("id DESC"), sqlite_where=_GAPS),
    Index("ix_sources_gaps_length", text("found_references DESC"), text("id DESC"), sqlite_where=_GAPS),
    Index("ix_sources_from_work_id", "from_work_id", sqlite_where=text("from_work_id IS NOT NULL")),
    Index("ix_sources_level", "level", sqlite_where=text("level > 0")),
)

failed_extractions = Table(
    "failed_extractions",
    metadata,
    Column("source_id", Integer, ForeignKey("sources.id"), primary_key=True),
    *failure(review=False),
    *stamps(),
    Index("ix_failed_extractions_reason", "reason"),
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
    Column("work_id", Integer, ForeignKey("works.id")),
    Column("matched_by", Text),
    Column("match_score", Float),
    Column("matched_as", Text),  # 'work', or 'container' where only the book of a chapter was found
    Column("contexts", Text),  # JSON: where and in what words the text cites it; NULL: nothing found
    Column("citation_key", Text),  # as the bibliography has it that the entry was brought with
    UniqueConstraint("source_id", "position"),
    Index(
        "ix_entries_citation_key",
        text("citation_key COLLATE NOCASE"),
        sqlite_where=text("citation_key IS NOT NULL"),
    ),
    Index("ix_entries_work_source", "work_id", "source_id", "position"),
)

no_metadata = Table(
    "no_metadata",
    metadata,
    Column("entry_id", Integer, ForeignKey("entries.id"), primary_key=True),
    Column("source_id", Integer, nullable=False),
    *waiting(),
    *stamps(),
    ready("no_metadata", "priority DESC", "source_id DESC", "entry_id"),
    due("no_metadata"),
    suspects("no_metadata"),
    arrived("no_metadata", "entry_id"),
)

failed_enrichments = Table(
    "failed_enrichments",
    metadata,
    Column("entry_id", Integer, ForeignKey("entries.id"), primary_key=True),
    *failure(review=True),
    *stamps(),
    Index("ix_failed_enrichments_reason", "reason"),
    Index("ix_failed_enrichments_review", "entry_id", sqlite_where=_FOR_REVIEW),
    Index("ix_failed_enrichments_ended", "entry_id", sqlite_where=_NOT_FOR_REVIEW),
)

_UNFILED = "filed IS NULL OR filed <> 'completed'"

watched_files = Table(  # what was taken from watched folders: what has not changed since need not be read again
    "watched_files",
    metadata,
    Column("path", Text, primary_key=True),
    Column("size_bytes", Integer, nullable=False),
    Column("changed_ns", Integer, nullable=False),  # of its last change, since the Unix epoch
    Column("source_id", Integer, ForeignKey("sources.id"), nullable=False, index=True),
    Column("taken_at", Text, nullable=False),
    Column("filed", Text),  # 'completed', or the reason it stands in failed/ for; NULL: not yet, or left where it is
    Column("place", Text),  # the path in completed/ or failed/ that was chosen for it, before anything is moved
    Index("ix_watched_files_unfiled", "source_id", sqlite_where=text(_UNFILED)),
    sqlite_with_rowid=False,
)

brought_files = Table(  # PDFs that came with the entries of an imported bibliography
    "brought_files",
    metadata,
    Column("entry_id", Integer, ForeignKey("entries.id"), primary_key=True),
    Column("path", Text, primary_key=True),  # absolute
    Column("handed_in", Text),  # how handing in ended; NULL: waits until the entry's work is known
    Column("detail", Text, nullable=False, server_default=""),
    Index("ix_brought_files_waiting", "entry_id", sqlite_where=text("handed_in IS NULL")),
    sqlite_with_rowid=False,
)
