"""Where sources come from, in what words entries are cited, keys that stay, runs, and what people changed by hand."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Add the columns and the tables."""
    op.add_column("sources", sa.Column("kind", sa.Text(), nullable=False, server_default="pdf"))
    op.add_column("sources", sa.Column("origin", sa.Text()))  # JSON
    op.add_column("sources", sa.Column("level", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("sources", sa.Column("from_work_id", sa.Integer()))
    op.create_index(
        "ix_sources_from_work_id", "sources", ["from_work_id"], sqlite_where=sa.text("from_work_id IS NOT NULL")
    )
    op.add_column("sources", sa.Column("cut_references", sa.Integer(), nullable=False, server_default="0"))
    op.create_index("ix_sources_level", "sources", ["level"], sqlite_where=sa.text("level > 0"))
    op.add_column("entries", sa.Column("contexts", sa.Text()))  # JSON
    op.add_column("entries", sa.Column("citation_key", sa.Text()))
    op.create_index(
        "ix_entries_citation_key",
        "entries",
        [sa.text("citation_key COLLATE NOCASE")],
        sqlite_where=sa.text("citation_key IS NOT NULL"),
    )
    op.add_column("runs", sa.Column("version", sa.Text()))
    op.add_column("runs", sa.Column("settings", sa.Text()))  # JSON
    op.add_column("runs", sa.Column("exit_code", sa.Integer()))
    op.create_table(
        "run_sources",
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("source_id", sa.Integer(), nullable=False),
        sa.Column("is_new", sa.Boolean(), nullable=False),
        sa.Column("how", sa.Text(), nullable=False, server_default="given"),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name="fk_run_sources_run_id"),
        sa.ForeignKeyConstraint(["source_id"], ["sources.id"], name="fk_run_sources_source_id"),
        sa.PrimaryKeyConstraint("run_id", "source_id", name="pk_run_sources"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_run_sources_source_id", "run_sources", ["source_id"])
    op.create_table(
        "citation_keys",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("work_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("folded", sa.Text(), nullable=False),
        sa.Column("given_at", sa.Text(), nullable=False),
        sa.Column("given_by", sa.Text(), nullable=False),
        sa.Column("retired_at", sa.Text()),
        sa.PrimaryKeyConstraint("id", name="pk_citation_keys"),
    )
    op.create_index("ix_citation_keys_folded", "citation_keys", ["folded"])
    present, former = sa.text("retired_at IS NULL"), sa.text("retired_at IS NOT NULL")
    op.create_index("ix_citation_keys_present", "citation_keys", ["work_id"], unique=True, sqlite_where=present)
    op.create_index("ix_citation_keys_former", "citation_keys", ["work_id"], sqlite_where=former)
    op.create_table(
        "deeds",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("done_at", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("said", sa.Text(), nullable=False),
        sa.Column("rows", sa.Text(), nullable=False),
        sa.Column("undone_at", sa.Text()),
        sa.PrimaryKeyConstraint("id", name="pk_deeds"),
    )
    op.create_table(
        "brought_files",
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("handed_in", sa.Text()),
        sa.Column("detail", sa.Text(), nullable=False, server_default=""),
        sa.ForeignKeyConstraint(["entry_id"], ["entries.id"], name="fk_brought_files_entry_id"),
        sa.PrimaryKeyConstraint("entry_id", "path", name="pk_brought_files"),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_brought_files_waiting", "brought_files", ["entry_id"], sqlite_where=sa.text("handed_in IS NULL")
    )
    op.create_table(
        "pushed_items",
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("thing", sa.Text(), nullable=False),
        sa.Column("item_key", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer()),
        sa.Column("sent_hash", sa.Text(), nullable=False),
        sa.Column("sent", sa.Text()),  # JSON
        sa.Column("pushed_at", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("target", "thing", name="pk_pushed_items"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "pins",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("pinned_at", sa.Text(), nullable=False),
        sa.CheckConstraint("kind IN ('source', 'entry', 'work')", name="ck_pins_kind"),
        sa.PrimaryKeyConstraint("kind", "id", name="pk_pins"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "snowball",
        sa.Column("level", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("told", sa.Text(), nullable=False),
        sa.Column("looked_at", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("level", name="pk_snowball"),
        sqlite_with_rowid=False,
    )
    for room in ("with_metadata", "to_download_references"):
        op.drop_index(f"ix_{room}_ready", room)
        op.add_column(room, sa.Column("year", sa.Integer(), nullable=False, server_default="0"))
        op.execute(f"UPDATE {room} SET year = coalesce((SELECT year FROM works WHERE id = work_id), 0)")  # noqa: S608
        rank = ("priority DESC", "newest_source_id DESC", "cited_by DESC", "year DESC", "work_id")
        ready = sa.text("due_at IS NULL AND crashes < 3")
        op.create_index(f"ix_{room}_ready", room, [sa.text(part) for part in rank], sqlite_where=ready)
