"""`dl-lit resume`: let paused stages go on."""

from __future__ import annotations

import click

from dl_lit.cli.invocation import Invocation
from dl_lit.cli.options import common_options, json_option
from dl_lit.cli.pause import STAGES, chosen, tell


@click.command(
    epilog="""\b
Examples:
  dl-lit resume                     all that is paused
  dl-lit resume download            this stage alone

A running pipeline notices at once; where none runs the next one goes on."""
)
@click.argument("stages", nargs=-1, type=STAGES, metavar="[STAGE...]")
@json_option
@common_options
@click.pass_obj
def command(invocation: Invocation, *, stages: tuple[str, ...], as_json: bool) -> None:
    """Let stages (all unless named) go on that `dl-lit pause` has stopped."""
    from db.connect import connect, open_to_read  # noqa: PLC0415 - brings SQLAlchemy, which --help need not load
    from db.pausing import paused, resume  # noqa: PLC0415

    settings = invocation.settings
    open_to_read(settings.database).dispose()  # says what is wrong with it; resuming makes no database
    engine = connect(settings.database, synchronous=settings.synchronous)
    try:
        changed = resume(engine, chosen(stages))
        with engine.connect() as connection:
            now = paused(connection)
    finally:
        engine.dispose()
    tell(settings, "resume", changed, now, as_json=as_json)
