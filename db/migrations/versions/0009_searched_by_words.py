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
    title, longest, last = (
        sa.text("coalesce(title, path) COLLATE NOCASE"),
        sa.text("found_references DESC"),
        sa.text("id DESC"),
    )
    ended, gaps = sa.text("state <> 'pending'"), sa.text("coverage_score < 1")
    unknown = sa.text("coverage_score IS NULL")
    op.create_index("ix_sources_title", "sources", ["state", title, "id"], sqlite_where=ended)
    op.create_index("ix_sources_coverage", "sources", ["state", unknown, "coverage_score", last], sqlite_where=ended)
    op.create_index("ix_sources_length", "sources", ["state", longest, last], sqlite_where=ended)
    op.create_index("ix_sources_gaps", "sources", ["id"], sqlite_where=gaps)
    op.create_index("ix_sources_gaps_title", "sources", [title, "id"], sqlite_where=gaps)
    op.create_index("ix_sources_gaps_coverage", "sources", ["coverage_score", last], sqlite_where=gaps)
    op.create_index("ix_sources_gaps_length", "sources", [longest, last], sqlite_where=gaps)
    connection = op.get_bind()
    for statement in (*INDEXES, SEARCHED_BEGINNING, *search_triggers()):
        connection.exec_driver_sql(statement)
