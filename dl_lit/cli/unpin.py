"""`dl-lit unpin ID...`: let what is pinned wait its turn again."""

from __future__ import annotations

import click

from dl_lit.cli.invocation import Invocation
from dl_lit.cli.options import common_options, json_option


@click.command(
    epilog="""\b
Examples:
  dl-lit unpin w34 s5        these have their own rank again
  dl-lit pin                 what is pinned"""
)
@click.argument("ids", nargs=-1, required=True, metavar="ID...")
@json_option
@common_options
@click.pass_obj
def command(invocation: Invocation, *, ids: tuple[str, ...], as_json: bool) -> None:
    """Let pinned sources (s5), entries (e12) and works (w34) wait their turn again."""
    from dl_lit.app.pinning import pinned  # noqa: PLC0415 - brings SQLAlchemy, which --help need not load
    from dl_lit.cli.printing import line, print_json  # noqa: PLC0415
    from dl_lit.core.clock import SystemClock  # noqa: PLC0415

    done = pinned(invocation.settings, ids, SystemClock(), let_go=True)
    if as_json:
        print_json(done)
    else:
        line(f"{done['changed']:,} let go")
