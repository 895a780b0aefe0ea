"""`dl-lit retry`: put failures back to work."""

from __future__ import annotations

import re

import click

from dl_lit.cli.invocation import Invocation
from dl_lit.cli.options import common_options, json_option
from dl_lit.core.errors import BadInput
from dl_lit.core.model import StageName
from dl_lit.core.reasons import Reason

_ID = re.compile(r"([esw]?)([1-9]\d{0,17})", re.IGNORECASE | re.ASCII)


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
    from db.retrying import Wanted, put_back  # noqa: PLC0415
    from dl_lit.cli.printing import line, print_document  # noqa: PLC0415
    from dl_lit.core.clock import SystemClock  # noqa: PLC0415

    named = _named(ids)
    wanted = Wanted(
        stages=[StageName(stage) for stage in stages],
        reasons=[reason_named(word) for word in reasons],
        every_reason=every_reason,
        sources=named["s"],
        entries=named["e"],
        works=named["w"],
    )
    settings = invocation.settings
    open_to_read(settings.database).dispose()  # says what is wrong with it; retrying makes no database
    engine = connect(settings.database, synchronous=settings.synchronous)
    try:
        done = put_back(engine, wanted, SystemClock())
    finally:
        engine.dispose()
    if as_json:
        counts = {stage.value: getattr(done, stage.value) for stage in StageName}
        print_document("dl-lit/retry/1", {"put_back": counts, "total": done.total})
        return
    for stage in StageName:
        if number := getattr(done, stage.value):
            line(f"{number:,} back to {stage.value}")
    if not done.total:
        line("nothing to put back" + ("" if ids or reasons or every_reason else ": see --reason and --all"))


def _named(ids: tuple[str, ...]) -> dict[str, list[int]]:
    named: dict[str, list[int]] = {"e": [], "w": [], "s": []}
    for text in ids:
        match = _ID.fullmatch(text)
        if match is None:
            raise BadInput(f"{text!r} is no id: e12 is an entry, w34 a work, s5 a source")
        named[match[1].lower() or "e"].append(int(match[2]))
    return named


def reason_named(word: str) -> Reason:
    """The reason of this name. Raises `BadInput` that names those like it."""
    try:
        return Reason(word)
    except ValueError:
        near = [reason.value for reason in Reason if word and word.partition("-")[0] in reason.value]
        hint = f": perhaps {', '.join(near[:5])}" if near else ": dl-lit status shows those there are"
        raise BadInput(f"{word!r} is no reason{hint}") from None
