"""`dl-lit status`: how much is where, what is wrong, and how things stand with the services."""

from __future__ import annotations

import click

from dl_lit.cli.bringing import without_rich
from dl_lit.cli.invocation import Invocation
from dl_lit.cli.options import common_options, json_option


@click.command(
    epilog="""\b
Examples:
  dl-lit status --watch            full screen, until q or Ctrl-C
  dl-lit status --check            one line; exit code 0 well, 1 degraded, 2 broken, 3 cannot be told
  dl-lit status --json | jq '.conditions, .eta_s'"""
)
@click.option("--recent", type=click.IntRange(0, 1000), default=5, show_default=True, help="Recent failures shown.")
@click.option("--watch", is_flag=True, help="Show it live on the whole screen; without a terminal a line now and then.")
@click.option("--check", is_flag=True, help="Print one line and end as monitoring wants it: 0, 1, 2 or 3.")
@json_option
@common_options
@click.pass_obj
def command(invocation: Invocation, *, recent: int, watch: bool, check: bool, as_json: bool) -> int:
    """Show per stage what waits, runs, is done and failed, what is wrong and what to do, and what each service allows.

    What is told of the services holds for all dl-lit processes of this machine together.
    """
    with without_rich():
        from dl_lit.app.now.snapshot import Snapshots, snapshot  # noqa: PLC0415 - all that --help need not load
    from dl_lit.core.clock import SystemClock  # noqa: PLC0415

    if sum((watch, check, as_json)) > 1:
        raise click.UsageError("--watch, --check and --json are three ways to tell it: choose one")
    settings, clock = invocation.settings, SystemClock()
    if check:
        return _check(invocation)
    if watch:
        from dl_lit.cli.live.screen import watch_it  # noqa: PLC0415 - brings rich

        watch_it(Snapshots(settings, clock, recent=max(recent, 20)).take)
        return 0
    now = snapshot(settings, clock, recent=recent)
    if as_json:
        from dl_lit.cli.printing import print_json  # noqa: PLC0415 - as above

        print_json(now.document())
    else:
        from dl_lit.cli.status_text import tell  # noqa: PLC0415 - as above

        tell(now)
    return 0


def _check(invocation: Invocation) -> int:
    """One line for monitoring, and its exit code: those of Nagios' plugins, since what runs this knows these."""
    from dl_lit.app.now.snapshot import snapshot  # noqa: PLC0415 - as above
    from dl_lit.core.clock import SystemClock  # noqa: PLC0415
    from dl_lit.core.conditions import Severity  # noqa: PLC0415
    from dl_lit.core.errors import DlLitError  # noqa: PLC0415

    try:
        now = snapshot(invocation.settings, SystemClock(), recent=0)
    except DlLitError as error:
        click.echo(f"dl-lit UNKNOWN: {error}")
        return 3
    said = "; ".join(one.says for one in now.conditions if one.severity is not Severity.NOTICE)
    waiting = sum(one.room.waiting for one in now.stages)
    numbers = " ".join(f"{one.stage.value}={one.room.waiting}" for one in now.stages)
    word, code = {"well": ("OK", 0), "degraded": ("WARNING", 1), "broken": ("CRITICAL", 2)}[now.health]
    click.echo(f"dl-lit {word}: {said or f'{waiting:,} waiting'} | {numbers}")
    return code
