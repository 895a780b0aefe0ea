"""Works are linked and merged in a way that can be told and undone; attempts keep what was asked; one more reason."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

_FAILURES = ("failed_extractions", "failed_enrichments", "failed_downloads")


def upgrade() -> None:
    """Add columns and tables, and let the rooms of failures take the reason `offline`."""
    op.add_column("attempts", sa.Column("trail", sa.Text()))  # JSON
    op.add_column("entries", sa.Column("matched_as", sa.Text()))  # 'work', 'container'
    op.add_column("works", sa.Column("version_key", sa.Text()))  # title and author, whatever the year
    op.create_index("ix_works_version_key", "works", ["version_key"])
    op.create_table(
        "work_links",
        sa.Column("work_id", sa.Integer(), nullable=False),
        sa.Column("other_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("matched_on", sa.Text(), nullable=False),
        sa.Column("linked_at", sa.Text(), nullable=False),
        sa.CheckConstraint("kind IN ('version', 'translation')", name="ck_work_links_kind"),
        sa.CheckConstraint("work_id < other_id", name="ck_work_links_order"),
        sa.ForeignKeyConstraint(["work_id"], ["works.id"], name="fk_work_links_work_id"),
        sa.ForeignKeyConstraint(["other_id"], ["works.id"], name="fk_work_links_other_id"),
        sa.PrimaryKeyConstraint("work_id", "other_id", "kind", name="pk_work_links"),
    )
    op.create_index("ix_work_links_other_id", "work_links", ["other_id"])
    op.create_table(
        "work_aliases",
        sa.Column("work_id", sa.Integer(), nullable=False),
        sa.Column("title_key", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("language", sa.Text()),
        sa.Column("source", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["work_id"], ["works.id"], name="fk_work_aliases_work_id"),
        sa.PrimaryKeyConstraint("work_id", "title_key", name="pk_work_aliases"),
    )
    op.create_index("ix_work_aliases_title_key", "work_aliases", ["title_key"])
    op.create_table(
        "merges",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kept_work_id", sa.Integer(), nullable=False),
        sa.Column("gone_work_id", sa.Integer(), nullable=False),
        sa.Column("gone_record", sa.Text(), nullable=False),
        sa.Column("entry_ids", sa.Text(), nullable=False),
        sa.Column("keys", sa.Text(), nullable=False),
        sa.Column("matched_on", sa.Text(), nullable=False),
        sa.Column("matched_value", sa.Text(), nullable=False),
        sa.Column("merged_at", sa.Text(), nullable=False),
        sa.Column("undone_at", sa.Text()),
        sa.PrimaryKeyConstraint("id", name="pk_merges"),
    )
    op.create_index("ix_merges_kept_work_id", "merges", ["kept_work_id"])
    op.create_table(
        "separations",
        sa.Column("one_id", sa.Integer(), nullable=False),
        sa.Column("other_id", sa.Integer(), nullable=False),
        sa.Column("said_at", sa.Text(), nullable=False),
        sa.CheckConstraint("one_id < other_id", name="ck_separations_order"),
        sa.PrimaryKeyConstraint("one_id", "other_id", name="pk_separations"),
    )
    connection = op.get_bind()
    for table in _FAILURES:
        sql = connection.exec_driver_sql(
            "SELECT sql FROM sqlite_master WHERE type = 'table' AND name = ?", (table,)
        ).scalar_one()
        # A check cannot be changed in place: https://www.sqlite.org/lang_altertable.html#otheralter (read 2026-11-23).
        new = sql.replace(table, f"new_{table}", 1).replace("'budget-exhausted', ", "'budget-exhausted', 'offline', ")
        connection.exec_driver_sql(new)
        connection.exec_driver_sql(f"INSERT INTO new_{table} SELECT * FROM {table}")  # noqa: S608 - names of ours
        connection.exec_driver_sql(f"DROP TABLE {table}")
        connection.exec_driver_sql(f"ALTER TABLE new_{table} RENAME TO {table}")
