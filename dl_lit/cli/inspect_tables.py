"""`dl-lit inspect-tables`: rows of the tables, and where work is stuck."""

from __future__ import annotations

import click

from dl_lit.cli.invocation import Invocation
from dl_lit.cli.options import common_options, json_option


@click.command(
    epilog="""\b
Examples:
  dl-lit inspect-tables                                  rows of every table, and hints
  dl-lit inspect-tables --exact                          the same, every row counted anew
  dl-lit inspect-tables --table failed_downloads         the newest failures
  dl-lit inspect-tables --table attempts --limit 100 --json"""
)
@click.option("--table", metavar="NAME", help="Print rows of this table, the newest first.")
@click.option("--limit", type=click.IntRange(1, 1_000_000), default=20, show_default=True, help="Rows at most.")
@click.option("--exact", is_flag=True, help="Count every row anew, however long that takes.")
@json_option
@common_options
@click.pass_obj
def command(invocation: Invocation, *, table: str | None, limit: int, exact: bool, as_json: bool) -> None:
    """Print how many rows each table has and where work is stuck, or the newest rows of one table."""
    from db.reading.inspect import newest_rows  # noqa: PLC0415 - brings SQLAlchemy, which --help need not load
    from db.reading.opening import reading  # noqa: PLC0415
    from dl_lit.cli.printing import print_document, print_rows  # noqa: PLC0415

    if table is None:
        _overview(invocation, exact=exact, as_json=as_json)
        return
    with reading(invocation.settings.database) as connection:
        found = newest_rows(connection, table, limit)
    if as_json:
        rows = [dict(zip(found.columns, row, strict=True)) for row in found.rows]
        print_document("dl-lit/table/1", {"table": found.table, "rows": rows})
    else:
        print_rows(found.columns, found.rows)


def _overview(invocation: Invocation, *, exact: bool, as_json: bool) -> None:
    from db.brought import waiting_files  # noqa: PLC0415 - as above
    from db.reading.inspect import MOST_COUNTED, hints, table_counts  # noqa: PLC0415 - as above
    from db.reading.opening import reading  # noqa: PLC0415
    from db.reading.status import status  # noqa: PLC0415
    from dl_lit.cli.printing import line, print_document, print_table  # noqa: PLC0415
    from dl_lit.core.clock import SystemClock  # noqa: PLC0415

    database = invocation.settings.database
    with reading(database) as connection:
        counts = table_counts(connection, most=None if exact else MOST_COUNTED)
        now = SystemClock().time()
        said = hints(status(connection, database, now), brought=waiting_files(connection))
    if as_json:
        print_document("dl-lit/tables/1", {"tables": counts.rows, "more": counts.more, "hints": said})
        return
    print_table(
        ("table", "rows"),
        ((name, f"more than {number:,}" if name in counts.more else number) for name, number in counts.rows.items()),
    )
    line()
    for hint in said or ["Nothing waits."]:
        line(hint)
