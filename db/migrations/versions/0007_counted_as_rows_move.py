"""How many rows are where is counted as they move, and lists find their pages by an index."""

import sqlalchemy as sa
from alembic import op

from db.tables.counting_anew import FILLING
from db.tables.counting_triggers import BEGINNING, triggers

revision = "0007"
down_revision = "0006"

_ARRIVED = {"no_metadata": "entry_id", "with_metadata": "work_id", "to_download_references": "work_id"}
_FAILED = {"failed_enrichments": "entry_id", "failed_downloads": "work_id"}


def upgrade() -> None:
    """Add tables, indexes and triggers; count what is there. All in one transaction, as any migration."""
    op.create_table(
        "counts",
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("word", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("entries", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("amount", sa.Float(), nullable=False, server_default="0"),
        sa.Column("latest", sa.Text()),
        sa.PrimaryKeyConstraint("what", "word", name="pk_counts"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "due_counts",
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("slot", sa.Integer(), nullable=False),
        sa.Column("word", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("what", "slot", "word", name="pk_due_counts"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "shared_works",
        sa.Column("work_id", sa.Integer(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("cited_by", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("work_id", name="pk_shared_works"),
    )
    op.create_index("ix_shared_works_cited", "shared_works", [sa.text("cited_by DESC"), "work_id"])
    op.create_index("ix_shared_works_place", "shared_works", ["place", sa.text("cited_by DESC"), "work_id"])
    op.create_index("ix_entries_work_source", "entries", ["work_id", "source_id", "position"])
    op.drop_index("ix_entries_work_id", "entries")
    op.create_index("ix_sources_pending", "sources", ["id"], sqlite_where=sa.text("state = 'pending' AND id > 0"))
    op.create_index("ix_sources_ended", "sources", ["state", "id"], sqlite_where=sa.text("state <> 'pending'"))
    op.create_index("ix_sources_path", "sources", ["path"])
    for table, key in _ARRIVED.items():
        some = sa.text(f"due_at IS NULL AND {key} % 16 = 0")
        op.create_index(f"ix_{table}_arrived", table, ["processing_timestamp"], sqlite_where=some)
    op.create_index("ix_failed_extractions_reason", "failed_extractions", ["reason"])
    op.create_index("ix_failed_enrichments_reason", "failed_enrichments", ["reason"])
    op.create_index("ix_failed_downloads_reason", "failed_downloads", ["stage", "reason"])
    for table, key in _FAILED.items():
        op.create_index(f"ix_{table}_review", table, [key], sqlite_where=sa.text("needs_review <> 0"))
        op.create_index(f"ix_{table}_ended", table, [key], sqlite_where=sa.text("needs_review = 0"))
    connection = op.get_bind()
    for statement in (BEGINNING, *FILLING, *triggers()):
        connection.exec_driver_sql(statement)
