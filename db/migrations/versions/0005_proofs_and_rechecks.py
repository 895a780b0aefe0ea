"""Files are proven to be the work, doubtful ones are held apart, and what was not to be had is looked at again."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

_FAILURES = ("failed_extractions", "failed_enrichments", "failed_downloads")

_DAYS = {
    7: (
        *("timeout-connect", "timeout-read", "dns-error", "tls-error", "connection-reset", "http-429", "http-5xx"),
        *("host-parked", "host-busy", "service-down", "rate-limited", "bad-answer", "parser-crashed", "offline"),
        *("not-set-up", "internal-error"),
    ),
    30: ("http-404",),
    90: ("no-oa-location", "no-identifier", "embargoed", "ok-preprint", "ok-accepted-version", "ok-unverified"),
}
"""After how many days works were looked at again when this was written, by how they ended."""

_PAGES = (
    *("no-pdf-link", "link-loop", "redirect-loop", "too-many-redirects", "bad-redirect", "landing-only"),
    "js-only-page",
)


def upgrade() -> None:
    """Add columns and tables, and let the rooms of failures take the reason `needs-review`."""
    op.add_column("downloaded_references", sa.Column("identity_score", sa.Float()))
    op.add_column("downloaded_references", sa.Column("proof", sa.Text()))  # JSON
    op.add_column("downloaded_references", sa.Column("landing_url", sa.Text()))
    op.add_column("downloaded_references", sa.Column("technique", sa.Text()))
    op.add_column("downloaded_references", sa.Column("checksum_fetched", sa.Text()))
    op.add_column("downloaded_references", sa.Column("replaces", sa.Text()))  # path
    op.create_index("ix_downloaded_references_checksum_pdf", "downloaded_references", ["checksum_pdf"])
    op.add_column("failed_downloads", sa.Column("held", sa.Text()))  # JSON: the file in quarantine
    op.create_table(
        "rechecks",
        sa.Column("work_id", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.Float()),
        sa.Column("done", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("resolver", sa.Integer()),
        sa.Column("looked_at", sa.Float()),
        sa.Column("notices_due", sa.Float()),
        sa.ForeignKeyConstraint(["work_id"], ["works.id"], name="fk_rechecks_work_id"),
        sa.PrimaryKeyConstraint("work_id", name="pk_rechecks"),
    )
    op.create_index("ix_rechecks_due", "rechecks", ["due_at"], sqlite_where=sa.text("due_at IS NOT NULL"))
    op.create_index("ix_rechecks_looked", "rechecks", ["looked_at"], sqlite_where=sa.text("looked_at IS NOT NULL"))
    op.create_index("ix_rechecks_notices", "rechecks", ["notices_due"], sqlite_where=sa.text("notices_due IS NOT NULL"))
    op.create_table(
        "refused_files",
        sa.Column("work_id", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("path", sa.Text()),
        sa.Column("refused_at", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["work_id"], ["works.id"], name="fk_refused_files_work_id"),
        sa.PrimaryKeyConstraint("work_id", "sha256", name="pk_refused_files"),
        sqlite_with_rowid=False,
    )
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
    _plan_rechecks(connection)
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


def _plan_rechecks(connection: sa.Connection) -> None:
    """Plan for what ended before as if it had been planned then, each number some minutes after the one before."""
    ended = "coalesce(CAST(strftime('%s', processing_timestamp) AS REAL), 0) + work_id % 4096 * 60.0"
    days = "CASE " + " ".join(f"WHEN reason IN ({_listed(words)}) THEN {n}" for n, words in _DAYS.items()) + " END"
    for table, reason, notices in (
        ("failed_downloads", "reason", "NULL"),
        ("downloaded_references", "status", "CASE WHEN w.doi IS NULL THEN NULL ELSE ended + 30 * 86400.0 END"),
    ):
        connection.exec_driver_sql(
            f"INSERT INTO rechecks (work_id, due_at, reason, resolver, notices_due) "  # noqa: S608 - text of ours
            f"SELECT e.work_id, ended + {days} * 86400.0, reason, "
            f"CASE WHEN reason IN ({_listed(_PAGES)}) THEN 0 END, {notices} "
            f"FROM (SELECT work_id, {reason} AS reason, {ended} AS ended FROM {table}) AS e "
            f"JOIN works AS w ON w.id = e.work_id"
        )


def _listed(words: tuple[str, ...]) -> str:
    return ", ".join(f"'{word}'" for word in words)
