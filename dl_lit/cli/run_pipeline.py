"""`dl-lit run-pipeline [FILE|DIR...]`: everything that waits, and what is named besides, until nothing is left."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from dl_lit.cli.invocation import Invocation
from dl_lit.cli.running import run, run_options


@click.command(
    epilog="""\b
Examples:
  dl-lit run-pipeline                      what waits: imported entries, retried failures, runs that were cut off
  dl-lit run-pipeline paper.pdf ~/inbox    these besides"""
)
@click.argument("paths", type=click.Path(exists=True, path_type=Path), nargs=-1, metavar="[FILE|DIR]...")
@run_options
@click.pass_obj
def command(invocation: Invocation, /, *, paths: tuple[Path, ...], **options: Any) -> int:
    """Work on everything that waits in the database, and on the PDFs that are named, until nothing is left to do."""
    from dl_lit.app.intake.inbox import pdfs_in  # noqa: PLC0415 - with what runs

    files = [file for path in paths for file in (pdfs_in(path) if path.is_dir() else [path])]
    return run(invocation, files, " ".join(["run-pipeline", *map(str, paths)]), **options)
