"""Works are linked and merged in a way that can be told and undone; attempts keep what was asked; one more reason."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

_KEYS = {
    "doi": "doi",
    "openalex": "openalex_id",
    "arxiv": "record ->> '$.arxiv_id'",
    "pmid": "record ->> '$.pmid'",
    "pmcid": "record ->> '$.pmcid'",
    "isbn": "CASE WHEN type IN ('book', 'thesis', 'report') THEN record ->> '$.isbn' END",
    "title-author-year": "title_key",
}
"""What a work of before is recognised by, as it is stored."""

_REASONS = "'budget-exhausted', 'offline', 'not-set-up', "
_FAILURES = ("failed_extractions", "failed_enrichments", "failed_downloads")


def upgrade() -> None:
    """Add columns and tables, and let the rooms of failures take the reasons `offline` and `not-set-up`."""
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
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("language", sa.Text()),
        sa.Column("title_key", sa.Text()),
        sa.Column("version_key", sa.Text()),
        sa.Column("source", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["work_id"], ["works.id"], name="fk_work_aliases_work_id"),
        sa.PrimaryKeyConstraint("work_id", "title", name="pk_work_aliases"),
    )
    op.create_index("ix_work_aliases_title_key", "work_aliases", ["title_key"])
    op.create_index("ix_work_aliases_version_key", "work_aliases", ["version_key"])
    op.create_table(
        "merges",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kept_work_id", sa.Integer(), nullable=False),
        sa.Column("gone_work_id", sa.Integer(), nullable=False),
        sa.Column("brought", sa.Integer(), nullable=False),
        sa.Column("matched_on", sa.Text(), nullable=False),
        sa.Column("matched_value", sa.Text(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("merged_at", sa.Text(), nullable=False),
        sa.Column("undone_at", sa.Text()),
        sa.Column("gone_record", sa.Text(), nullable=False),
        sa.Column("entry_ids", sa.Text(), nullable=False),
        sa.Column("keys", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_merges"),
    )
    standing, undone = sa.text("undone_at IS NULL"), sa.text("undone_at IS NOT NULL")
    op.create_index("ix_merges_members", "merges", ["kept_work_id", "brought", "gone_work_id"], sqlite_where=standing)
    op.create_index("ix_merges_gone", "merges", ["gone_work_id"], unique=True, sqlite_where=standing)
    op.create_index("ix_merges_undone", "merges", ["kept_work_id", "gone_work_id"], sqlite_where=undone)
    op.add_column("duplicate_references", sa.Column("merge_id", sa.Integer()))
    op.create_table(
        "separations",
        sa.Column("one_id", sa.Integer(), nullable=False),
        sa.Column("other_id", sa.Integer(), nullable=False),
        sa.Column("said_at", sa.Text(), nullable=False),
        sa.CheckConstraint("one_id < other_id", name="ck_separations_order"),
        sa.PrimaryKeyConstraint("one_id", "other_id", name="pk_separations"),
    )
    connection = op.get_bind()
    _renew_keys(connection)
    for table in _FAILURES:
        sql = connection.exec_driver_sql(
            "SELECT sql FROM sqlite_master WHERE type = 'table' AND name = ?", (table,)
        ).scalar_one()
        # A check cannot be changed in place: https://www.sqlite.org/lang_altertable.html#otheralter (read 2026-11-23).
        new = sql.replace(table, f"new_{table}", 1).replace("'budget-exhausted', ", _REASONS)
        connection.exec_driver_sql(new)
        connection.exec_driver_sql(f"INSERT INTO new_{table} SELECT * FROM {table}")  # noqa: S608 - names of ours
        connection.exec_driver_sql(f"DROP TABLE {table}")
        connection.exec_driver_sql(f"ALTER TABLE new_{table} RENAME TO {table}")


def _renew_keys(connection: sa.Connection) -> None:
    """Let several works have one key, and give every work its keys, whether it was looked for open copies or not.

    The keys of titles are as they were computed when the work was found. `works.version_key` stays NULL here: the
    next start of a pipeline fills it, since it knows how.
    """
    op.create_table(
        "new_work_keys",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("work_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["work_id"], ["works.id"], name="fk_work_keys_work_id"),
        sa.PrimaryKeyConstraint("kind", "value", "work_id", name="pk_work_keys"),
        sqlite_with_rowid=False,
    )
    connection.exec_driver_sql("INSERT INTO new_work_keys SELECT kind, value, work_id FROM work_keys")
    connection.exec_driver_sql("DROP TABLE work_keys")
    connection.exec_driver_sql("ALTER TABLE new_work_keys RENAME TO work_keys")
    op.create_index("ix_work_keys_work_id", "work_keys", ["work_id"])
    connection.exec_driver_sql("UPDATE works SET doi = lower(doi) WHERE doi <> lower(doi)")
    for kind, value in _KEYS.items():
        connection.exec_driver_sql(
            f"INSERT OR IGNORE INTO work_keys SELECT '{kind}', {value}, id FROM works WHERE {value} <> ''"  # noqa: S608 - names of ours
        )
