"""`dl-lit process-folder DIR`: a folder once, or watched (`--watch`), by its older name."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from dl_lit.cli.invocation import Invocation
from dl_lit.cli.process_folder_concurrent import command as once
from dl_lit.cli.running import run_options
from dl_lit.cli.watch_folder_concurrent import command as watch


@click.command()
@click.argument("folder", type=click.Path(path_type=Path), metavar="DIR")
@click.option("--watch", "is_watched", is_flag=True, help="Go on with every PDF that appears in it, until stopped.")
@click.option("--interval", type=click.FloatRange(min=0.1), metavar="S", help="Look through it so often, with --watch.")
@run_options
@click.pass_context
def command(
    ctx: click.Context, /, *, folder: Path, is_watched: bool, interval: float | None, **options: Any
) -> int | None:
    """Fetch every work that the PDFs of a folder cite, once or as they appear.

    What process-folder-concurrent does, and with --watch what watch-folder-concurrent does.
    """
    invocation = ctx.ensure_object(Invocation)
    if interval is not None:
        if not is_watched:
            raise click.UsageError("--interval belongs to --watch")
        invocation.set("watch.poll_s", "--interval", interval)
    if is_watched:
        if not options["concurrent"] or options["dry_run"]:
            raise click.UsageError("--watch works on everything at once, and for real")
        found: int | None = ctx.invoke(watch, folders=(folder,), as_json=options["as_json"])
        return found
    done: int = ctx.invoke(once, folder=folder, **options)
    return done
