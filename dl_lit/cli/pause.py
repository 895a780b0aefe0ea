"""`dl-lit pause`: let stages take no more work, until they are resumed."""

from __future__ import annotations

import getpass
import os
from typing import TYPE_CHECKING, Any

import click

from dl_lit.cli.invocation import Invocation
from dl_lit.cli.options import common_options, json_option
from dl_lit.core.model import StageName

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from db.pausing import Paused
    from dl_lit.settings import Settings

STAGES = click.Choice([stage.value for stage in StageName])


@click.command(
    epilog="""\b
Examples:
  dl-lit pause                      all stages
  dl-lit pause download             nothing is fetched; what is cited is still looked up
  dl-lit pause download --by "moving the library"

What is in hand is finished. A running pipeline notices at once; a pause outlives
restarts, and one-off runs keep to it, too: they end with what is left."""
)
@click.argument("stages", nargs=-1, type=STAGES, metavar="[STAGE...]")
@click.option("--by", metavar="WORDS", help="Who pauses, or what for; your user name unless given.")
@json_option
@common_options
@click.pass_obj
def command(invocation: Invocation, *, stages: tuple[str, ...], by: str | None, as_json: bool) -> None:
    """Let stages (all unless named) finish what is in hand and take no more work, until `dl-lit resume`."""
    from db.connect import connect, open_to_read  # noqa: PLC0415 - brings SQLAlchemy, which --help need not load
    from db.pausing import pause, paused  # noqa: PLC0415
    from dl_lit.core.clock import SystemClock  # noqa: PLC0415

    settings = invocation.settings
    open_to_read(settings.database).dispose()  # says what is wrong with it; pausing makes no database
    engine = connect(settings.database, synchronous=settings.synchronous)
    try:
        changed = pause(engine, chosen(stages), _user() if by is None else by, SystemClock())
        with engine.connect() as connection:
            now = paused(connection)
    finally:
        engine.dispose()
    tell(settings, "pause", changed, now, as_json=as_json)


def chosen(stages: Sequence[str]) -> list[StageName]:
    """The stages of these names, in pipeline order; all where none is named."""
    return [stage for stage in StageName if not stages or stage.value in stages]


def tell(settings: Settings, verb: str, changed: Sequence[StageName], now: Sequence[Paused], *, as_json: bool) -> None:
    """Say what has changed, what is paused now, and what is still in hand there."""
    from db.codec import stamp  # noqa: PLC0415 - as above
    from dl_lit.cli.printing import line, moment, print_document, shown  # noqa: PLC0415

    in_hand = _in_hand(settings)
    if as_json:
        document: dict[str, Any] = {
            "changed": [stage.value for stage in changed],
            "paused": [{"stage": one.stage.value, "since": stamp(one.since), "by": one.by} for one in now],
            "in_hand": None if in_hand is None else {one.stage.value: in_hand.get(one.stage, 0) for one in now},
        }
        print_document(f"dl-lit/{verb}/1", document)
        return
    for stage in changed if verb == "resume" else ():
        line(f"{stage.value} goes on")
    for one in now:
        running = (in_hand or {}).get(one.stage, 0)
        still = f"; {running:,} still in hand" if running else ""
        by = shown(one.by) if one.by else "nobody in particular"
        line(f"{one.stage.value} is paused by {by} since {moment(one.since)}{still}")
    if not now and not changed:
        line("nothing was paused")


def _in_hand(settings: Settings) -> Mapping[StageName, int] | None:
    """How much each stage has in hand; None where no pipeline runs or it has not told yet."""
    from dl_lit.app.now.pulse import read_pulse  # noqa: PLC0415 - as above

    pulse = read_pulse(settings.database)
    return None if pulse is None else {stage: one.running for stage, one in pulse.stages.items()}


def _user() -> str:
    """Who calls; a number where the user has no name on this machine."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return str(os.getuid())
