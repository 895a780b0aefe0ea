"""`dl-lit pin ID...`: put sources, entries and works before everything else."""

from __future__ import annotations

import click

from dl_lit.cli.invocation import Invocation
from dl_lit.cli.options import common_options, json_option


@click.command(
    epilog="""\b
Examples:
  dl-lit pin w34             fetch this work before all others, and read it first when snowballing
  dl-lit pin s5              do all that comes of this source first
  dl-lit pin                 what is pinned
  dl-lit unpin w34           let it wait its turn again

What has failed does not come back by being pinned: dl-lit retry w34 does that."""
)
@click.argument("ids", nargs=-1, metavar="[ID...]")
@json_option
@common_options
@click.pass_obj
def command(invocation: Invocation, *, ids: tuple[str, ...], as_json: bool) -> None:
    """Put sources (s5), entries (e12) and works (w34), with all that comes of them, before everything else."""
    from dl_lit.app.pinning import SCHEMA, pinned  # noqa: PLC0415 - brings SQLAlchemy, which --help need not load
    from dl_lit.cli.printing import line, print_document, print_json  # noqa: PLC0415
    from dl_lit.core.clock import SystemClock  # noqa: PLC0415

    if not ids:
        from db.pins import pins  # noqa: PLC0415
        from db.reading.opening import reading  # noqa: PLC0415

        with reading(invocation.settings.database) as connection:
            found = pins(connection)
        names = [f"{kind[0]}{number}" for kind in ("source", "entry", "work") for number in found[kind]]
        if as_json:
            print_document(SCHEMA, {"pins": names})
        else:
            line(" ".join(names) or "nothing is pinned")
        return
    done = pinned(invocation.settings, ids, SystemClock())
    if as_json:
        print_json(done)
    else:
        line(f"{done['changed']:,} pinned; {done['waiting']:,} waiting go first")
