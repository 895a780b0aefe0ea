"""`dl-lit process-pdf-concurrent PDF`: fetch every work that one PDF cites."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from dl_lit.cli.invocation import Invocation
from dl_lit.cli.running import run, run_options
from dl_lit.core.errors import BadInput


@click.command()
@click.argument("pdf", type=click.Path(path_type=Path), metavar="PDF")
@run_options
@click.pass_obj
def command(invocation: Invocation, /, *, pdf: Path, **options: Any) -> int:
    """Fetch every work that one PDF cites; work left over from before is done too."""
    if not pdf.exists():
        raise BadInput(f"{pdf} does not exist: name a PDF file")
    if pdf.is_dir():
        raise BadInput(f"{pdf} is a folder: use dl-lit process-folder-concurrent")
    return run(invocation, [pdf], f"process-pdf-concurrent {pdf}", **options)
