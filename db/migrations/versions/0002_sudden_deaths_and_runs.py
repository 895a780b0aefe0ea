"""Rows know with how many sudden deaths they were alone in hand; runs and merges are found quickly."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_ROOMS = ("sources", "no_metadata", "with_metadata", "to_download_references")


def upgrade() -> None:
    """Add the column and its index to each waiting room, the index of merges, and the table of runs."""
    for room in _ROOMS:
        op.add_column(room, sa.Column("solo_crashes", sa.Integer(), nullable=False, server_default="0"))
        suspects = sa.text("crashes >= 3")
        op.create_index(
            f"ix_{room}_suspect", room, [sa.text("crashes")], sqlite_where=suspects, postgresql_where=suspects
        )
    # Taking a merged work away asks whether anything still points at it.
    op.create_index("ix_duplicate_references_existing_work_id", "duplicate_references", ["existing_work_id"])
    op.create_table(
        "runs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.Text(), nullable=False),
        sa.Column("ended_at", sa.Text()),
        sa.Column("command", sa.Text(), nullable=False),
        sa.Column("summary", sa.Text()),
        sa.PrimaryKeyConstraint("id", name="pk_runs"),
    )
