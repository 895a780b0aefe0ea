"""Works, what they are recognised by, how they belong together, and which were taken for one."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Integer, Table, Text, text

from db.tables.base import metadata

_STANDING = text("undone_at IS NULL")  # of merges
_UNDONE = text("undone_at IS NOT NULL")

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
    ),
    Index("ix_merges_gone", "gone_work_id", unique=True, sqlite_where=_STANDING),
    Index("ix_merges_undone", "kept_work_id", "gone_work_id", sqlite_where=_UNDONE),
)

separations = Table(
    "separations",
    metadata,
    Column("one_id", Integer, primary_key=True),
    Column("other_id", Integer, primary_key=True),
    Column("said_at", Text, nullable=False),
    CheckConstraint("one_id < other_id", name="order"),
)

_PRESENT, _FORMER = text("retired_at IS NULL"), text("retired_at IS NOT NULL")

citation_keys = Table(  # given once and kept, also where a work goes because it is another one
    "citation_keys",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("work_id", Integer, nullable=False),
    Column("key", Text, nullable=False),
    Column("folded", Text, nullable=False, index=True),  # of one work for ever: whoever writes looks it up before
    Column("given_at", Text, nullable=False),
    Column("given_by", Text, nullable=False),  # `db.citing.giving.GivenBy`
    Column("retired_at", Text),  # when the work got another; it stays the work's all the same. NULL: the present one
    Index("ix_citation_keys_present", "work_id", unique=True, sqlite_where=_PRESENT),
    Index("ix_citation_keys_former", "work_id", sqlite_where=_FORMER),
)

pushed_items = Table(  # what stands in a Zotero library because we put or found it there
    "pushed_items",
    metadata,
    Column("target", Text, primary_key=True),  # which server and library
    Column("thing", Text, primary_key=True),  # 'work:12', 'source:3' (a collection), 'file:12' (an attachment)
    Column("item_key", Text, nullable=False),
    Column("version", Integer),  # the library's, when it was sent; NULL where the interface has none
    Column("sent_hash", Text, nullable=False),  # of what was sent; '' where it was there already, '?' before it is sent
    Column("sent", Text),  # JSON: a hash of each field, the collections and the tags; NULL for what has none
    Column("pushed_at", Text, nullable=False),
    sqlite_with_rowid=False,
)
