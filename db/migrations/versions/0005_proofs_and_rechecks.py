"""Files are proven to be the work, doubtful ones are held apart, and what was not to be had is looked at again."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

_FAILURES = ("failed_extractions", "failed_enrichments", "failed_downloads")


def upgrade() -> None:
    """Add columns and tables, and let the rooms of failures take the reason `needs-review`."""
    op.add_column("downloaded_references", sa.Column("identity_score", sa.Float()))
    op.add_column("downloaded_references", sa.Column("proof", sa.Text()))  # JSON
    op.add_column("downloaded_references", sa.Column("landing_url", sa.Text()))
    op.add_column("downloaded_references", sa.Column("technique", sa.Text()))
    op.create_index("ix_downloaded_references_checksum_pdf", "downloaded_references", ["checksum_pdf"])
    op.add_column("failed_downloads", sa.Column("held", sa.Text()))  # JSON: the file in quarantine
    op.create_table(
        "rechecks",
        sa.Column("work_id", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.Float()),
        sa.Column("done", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("resolver", sa.Integer()),
        sa.ForeignKeyConstraint(["work_id"], ["works.id"], name="fk_rechecks_work_id"),
        sa.PrimaryKeyConstraint("work_id", name="pk_rechecks"),
    )
    op.create_index("ix_rechecks_due", "rechecks", ["due_at"], sqlite_where=sa.text("due_at IS NOT NULL"))
    op.create_table(
        "landing_techniques",
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("technique", sa.Text(), nullable=False),
        sa.Column("worked", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("failed", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("failed_in_a_row", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("tried_at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("host", "technique", name="pk_landing_techniques"),
        sqlite_with_rowid=False,
    )
    connection = op.get_bind()
    for table in _FAILURES:
        sql = connection.exec_driver_sql(
            "SELECT sql FROM sqlite_master WHERE type = 'table' AND name = ?", (table,)
        ).scalar_one()
        # A check cannot be changed in place: https://www.sqlite.org/lang_altertable.html#otheralter (read 2026-11-23).
        new = sql.replace(table, f"new_{table}", 1).replace("'wrong-work', ", "'wrong-work', 'needs-review', ")
        connection.exec_driver_sql(new)
        connection.exec_driver_sql(f"INSERT INTO new_{table} SELECT * FROM {table}")  # noqa: S608 - names of ours
        connection.exec_driver_sql(f"DROP TABLE {table}")
        connection.exec_driver_sql(f"ALTER TABLE new_{table} RENAME TO {table}")
