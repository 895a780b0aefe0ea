"""`dl-lit unmerge ID`: make two works again of what was taken for one."""

from __future__ import annotations

import click

from dl_lit.cli.invocation import Invocation
from dl_lit.cli.options import common_options, json_option


@click.command(
    epilog="""\b
Examples:
  dl-lit merges                  which merges there are
  dl-lit unmerge 12              undo merge 12

The work that was merged is back under its number with its entries, is looked up and fetched
by a running pipeline at once, or by the next one, and is never merged with the other again.
The file of the work that stayed is left where it is."""
)
@click.argument("merge", type=click.IntRange(min=1), metavar="ID")
@json_option
@common_options
@click.pass_obj
def command(invocation: Invocation, *, merge: int, as_json: bool) -> None:
    """Undo a merge, for good."""
    from db.connect import connect, open_to_read  # noqa: PLC0415 - brings SQLAlchemy, which --help need not load
    from db.unmerging import unmerge  # noqa: PLC0415
    from dl_lit.app.recognising import RECOGNISER  # noqa: PLC0415
    from dl_lit.cli.printing import line, print_document, shown  # noqa: PLC0415
    from dl_lit.core.clock import SystemClock  # noqa: PLC0415

    settings = invocation.settings
    open_to_read(settings.database).dispose()  # says what is wrong with it; undoing makes no database
    engine = connect(settings.database, synchronous=settings.synchronous)
    try:
        done = unmerge(engine, merge, RECOGNISER, SystemClock())
    finally:
        engine.dispose()
    if as_json:
        print_document("dl-lit/unmerge/1", done)
        return
    entries = f"{done.entries} {'entry' if done.entries == 1 else 'entries'}"
    line(f"w{done.work_id} is back with {entries}, apart from w{done.kept_work_id}: {shown(done.title, width=100)}")
