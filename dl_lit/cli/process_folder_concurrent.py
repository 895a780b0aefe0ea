"""`dl-lit process-folder-concurrent DIR`: fetch every work that the PDFs of a folder cite."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from dl_lit.cli.invocation import Invocation
from dl_lit.cli.running import run, run_options


@click.command()
@click.argument("folder", type=click.Path(path_type=Path), metavar="DIR")
@run_options
@click.pass_obj
def command(invocation: Invocation, /, *, folder: Path, **options: Any) -> int:
    """Fetch every work that the PDFs of a folder cite, subfolders included; work left over from before is done too."""
    from dl_lit.app.intake.inbox import pdfs_in  # noqa: PLC0415

    return run(invocation, pdfs_in(folder), f"process-folder-concurrent {folder}", **options)
