"""`dl-lit retry`: put failures back to work."""

from __future__ import annotations

import click

from dl_lit.cli.invocation import Invocation
from dl_lit.cli.options import common_options, json_option
from dl_lit.core.model import StageName


@click.command(
    epilog="""\b
Examples:
  dl-lit retry                                what may have passed: time-outs, rate limits, …
  dl-lit retry --reason no-oa-location        look for open copies again
  dl-lit retry --stage download --all         fetch everything that failed again
  dl-lit retry e12 w34 s5                     these, whatever the reason

The work is done by a running pipeline at once, or by the next one."""
)
@click.argument("ids", nargs=-1, metavar="[ID...]")
@click.option("--stage", "stages", type=click.Choice([s.value for s in StageName]), multiple=True, help="Failed here.")
@click.option("--reason", "reasons", metavar="REASON", multiple=True, help="Failed for this reason.")
@click.option("--all", "every_reason", is_flag=True, help="Whatever the reason, not only what may have passed.")
@json_option
@common_options
@click.pass_obj
def command(
    invocation: Invocation,
    *,
    ids: tuple[str, ...],
    stages: tuple[str, ...],
    reasons: tuple[str, ...],
    every_reason: bool,
    as_json: bool,
) -> None:
    """Put failed sources, entries and works back to work with all attempts before them."""
    from db.connect import connect, open_to_read  # noqa: PLC0415 - brings SQLAlchemy, which --help need not load
    from db.retrying import put_back  # noqa: PLC0415
    from dl_lit.app.putting_back import failures_wanted, retried  # noqa: PLC0415
    from dl_lit.cli.printing import line, print_document  # noqa: PLC0415
    from dl_lit.core.clock import SystemClock  # noqa: PLC0415

    wanted = failures_wanted(ids, stages, reasons, every_reason=every_reason)
    settings = invocation.settings
    open_to_read(settings.database).dispose()  # says what is wrong with it; retrying makes no database
    engine = connect(settings.database, synchronous=settings.synchronous)
    try:
        done = put_back(engine, wanted, SystemClock())
    finally:
        engine.dispose()
    if as_json:
        print_document("dl-lit/retry/1", retried(done))
        return
    for stage in StageName:
        if number := getattr(done, stage.value):
            line(f"{number:,} back to {stage.value}")
    if not done.total:
        line("nothing to put back" + ("" if ids or reasons or every_reason else ": see --reason and --all"))
