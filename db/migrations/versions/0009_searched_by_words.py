"""Words are kept for searching, and sources are listed in every order by an index.

The words of what is there come bit by bit, from whoever answers searches: the upgrade waits for none.
"""

import sqlalchemy as sa
from alembic import op

from db.tables.searched import INDEXES, SEARCHED_BEGINNING, search_triggers

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Add tables, indexes and triggers."""
    op.create_table(
        "searched",
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("through", sa.Integer(), nullable=False, server_default="0"),
        sa.PrimaryKeyConstraint("what", name="pk_searched"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "unsearched",
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("what", "id", name="pk_unsearched"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "search_words",
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("word", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("what", "word", name="pk_search_words"),
        sqlite_with_rowid=False,
    )
    ended, last = sa.text("state <> 'pending'"), sa.text("id DESC")
    op.create_index("ix_sources_title", "sources", ["state", sa.text("coalesce(title, path) COLLATE NOCASE"), "id"])
    op.create_index(
        "ix_sources_coverage",
        "sources",
        ["state", sa.text("coverage_score IS NULL"), "coverage_score", last],
        sqlite_where=ended,
    )
    op.create_index(
        "ix_sources_length", "sources", ["state", sa.text("found_references DESC"), last], sqlite_where=ended
    )
    connection = op.get_bind()
    for statement in (*INDEXES, SEARCHED_BEGINNING, *search_triggers()):
        connection.exec_driver_sql(statement)
