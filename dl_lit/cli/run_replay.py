"""`dl-lit run-replay BUNDLE`: do a bundled run again without any network, and compare."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import click

from dl_lit.cli.invocation import Invocation
from dl_lit.cli.options import common_options, json_option

_SHOWN = 50


@click.command(
    epilog="""\b
Examples:
  dl-lit run-replay review.zip                      everything in a fresh database that is thrown away again
  dl-lit run-replay review.zip --library again      keep the files
  dl-lit run-replay review.zip --json | jq .differences

Ends with 0 where all came out as in the run, and with 3 where something did not, with a list. Nothing is asked
of anybody: what is not in the bundle is told, and who needed it is put off as offline."""
)
@click.argument("bundle", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--concurrent/--sequential", default=True, show_default=True, help="All stages at once, or one item.")
@json_option
@common_options
@click.pass_obj
def command(invocation: Invocation, *, bundle: Path, concurrent: bool, as_json: bool) -> int:
    """Do a bundled run again with nothing but its bundle, and tell what came out otherwise."""
    from dl_lit import logs  # noqa: PLC0415 - with the whole program
    from dl_lit.app.outcome.replaying import replay  # noqa: PLC0415
    from dl_lit.cli.printing import line, print_document, shown  # noqa: PLC0415
    from dl_lit.runtime.signals import StopSignals  # noqa: PLC0415

    named = invocation.load().values["library"]
    library = invocation.settings.library_folder if named.origin.startswith("option") else None
    logs.configure(level="critical", form="json", file=None)
    with tempfile.TemporaryDirectory(prefix="dl-lit-replay-") as folder, StopSignals() as stop:
        done = replay(bundle, Path(folder), library, stop, sequential=not concurrent)
    if as_json:
        print_document("dl-lit/run-replay/1", done)
    else:
        for note in done.notes:
            line(f"note: {note}")
        for request in done.missing[:_SHOWN]:
            line(f"not in the bundle: {shown(request, width=300)}")
        for one in done.differences[:_SHOWN]:
            line(f"{one.what}: was {shown(json.dumps(one.was, ensure_ascii=False), width=300)}")
            line(f"{' ' * len(one.what)}  now {shown(json.dumps(one.now, ensure_ascii=False), width=300)}")
        hidden = max(0, len(done.differences) - _SHOWN) + max(0, len(done.missing) - _SHOWN)
        if hidden:
            line(f"and {hidden:,} more: --json has all")
        line(f"{done.equal:,} sources and entries as in the run, {len(done.differences):,} otherwise")
    if done.interrupted:
        return 130
    return 3 if done.differences else 0
