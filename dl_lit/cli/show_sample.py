"""`dl-lit show-sample`: a few rows of every table that has some."""

from __future__ import annotations

import click

from dl_lit.cli.invocation import Invocation
from dl_lit.cli.options import common_options, json_option


@click.command()
@click.option("--limit", type=click.IntRange(1, 1_000), default=3, show_default=True, help="Rows of each table.")
@json_option
@common_options
@click.pass_obj
def command(invocation: Invocation, *, limit: int, as_json: bool) -> None:
    """Print the newest rows of every table that has some; dl-lit inspect-tables --table NAME prints more."""
    from db.reading.inspect import newest_rows, table_names  # noqa: PLC0415 - brings SQLAlchemy
    from db.reading.opening import reading  # noqa: PLC0415
    from dl_lit.cli.printing import heading, line, print_document, print_rows  # noqa: PLC0415

    with reading(invocation.settings.database) as connection:
        found = [rows for name in table_names() if (rows := newest_rows(connection, name, limit)).rows]
    if as_json:
        tables = {one.table: [dict(zip(one.columns, row, strict=True)) for row in one.rows] for one in found}
        print_document("dl-lit/sample/1", {"tables": tables})
        return
    for one in found:
        heading(one.table)
        print_rows(one.columns, one.rows)
        line()
    if not found:
        line("the database is empty")
