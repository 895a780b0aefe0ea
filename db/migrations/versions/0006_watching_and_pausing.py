"""What is known of watched files is kept, stages can be paused by anybody, and attempts are counted for ever."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Add the tables."""
    op.create_table(
        "watched_files",
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("size_bytes", sa.Integer(), nullable=False),
        sa.Column("changed_ns", sa.Integer(), nullable=False),
        sa.Column("source_id", sa.Integer(), nullable=False),
        sa.Column("taken_at", sa.Text(), nullable=False),
        sa.Column("filed", sa.Text()),
        sa.Column("place", sa.Text()),
        sa.ForeignKeyConstraint(["source_id"], ["sources.id"], name="fk_watched_files_source_id"),
        sa.PrimaryKeyConstraint("path", name="pk_watched_files"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_watched_files_source_id", "watched_files", ["source_id"])
    op.create_index(
        "ix_watched_files_unfiled",
        "watched_files",
        ["source_id"],
        sqlite_where=sa.text("filed IS NULL OR filed <> 'completed'"),
    )
    op.create_table(
        "pauses",
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("since", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False, server_default=""),
        sa.PrimaryKeyConstraint("stage", name="pk_pauses"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "attempt_counts",
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("bucket", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("seconds", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("stage", "outcome", "reason", "bucket", name="pk_attempt_counts"),
        sqlite_with_rowid=False,
    )
    op.execute(
        "INSERT INTO attempt_counts (stage, outcome, reason, bucket, number, seconds) "
        "SELECT stage, outcome, reason, CASE WHEN seconds <= 0.1 THEN 0 WHEN seconds <= 0.5 THEN 1 "
        "WHEN seconds <= 1 THEN 2 WHEN seconds <= 5 THEN 3 WHEN seconds <= 15 THEN 4 WHEN seconds <= 60 THEN 5 "
        "WHEN seconds <= 300 THEN 6 ELSE 7 END, count(*), sum(seconds) FROM attempts GROUP BY 1, 2, 3, 4"
    )
    op.create_index(
        "ix_attempts_rejected",
        "attempts",
        ["id"],
        sqlite_where=sa.text("outcome = 'reject'"),
        postgresql_where=sa.text("outcome = 'reject'"),
    )
