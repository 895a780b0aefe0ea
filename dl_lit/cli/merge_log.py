"""`dl-lit merge-log`: what was made one with what, and what was found to be known, newest first."""

from __future__ import annotations

import click

from dl_lit.cli.invocation import Invocation
from dl_lit.cli.options import common_options, json_option


@click.command(
    epilog="""\b
Examples:
  dl-lit merge-log                        the newest of everything
  dl-lit merge-log --action undone        merges that were taken back
  dl-lit merge-log --table duplicate_references --limit 100

dl-lit merges tells each with its evidence; dl-lit unmerge takes one back."""
)
@click.option("--limit", type=click.IntRange(min=1), default=20, show_default=True, help="At most so many.")
@click.option(
    "--action", type=click.Choice(["merged", "undone", "duplicate"]), help="Only what ended so.", metavar="ACTION"
)
@click.option(
    "--table", type=click.Choice(["merges", "duplicate_references"]), help="Only what stands there.", metavar="TABLE"
)
@json_option
@common_options
@click.pass_obj
def command(invocation: Invocation, *, limit: int, action: str | None, table: str | None, as_json: bool) -> None:
    """List merges of works, and entries whose works were known, the newest first.

    ACTION is merged, undone or duplicate; TABLE is merges or duplicate_references.
    """
    from db.reading.merge_log import merge_log  # noqa: PLC0415 - brings SQLAlchemy, which --help need not load
    from db.reading.opening import reading  # noqa: PLC0415
    from dl_lit.cli.printing import line, print_document, shown  # noqa: PLC0415

    with reading(invocation.settings.database) as connection:
        found = merge_log(connection, limit=limit, action=action, table=table)
    if as_json:
        print_document("dl-lit/merge-log/1", {"log": found})
        return
    for one in found:
        line(shown(f"{one.at}  {one.action:<9} {one.what} into w{one.into} on {one.matched_on}: {one.title}"))
    if not found:
        line("nothing was merged" if action is None and table is None else "nothing of that kind")
