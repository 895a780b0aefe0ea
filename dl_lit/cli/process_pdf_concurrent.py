"""`dl-lit process-pdf-concurrent PDF`: fetch every work that one PDF cites."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from dl_lit.cli.invocation import Invocation
from dl_lit.cli.pdf_arguments import PdfPath, require_files
from dl_lit.cli.running import run, run_options


@click.command()
@click.argument("pdf", type=PdfPath(), metavar="PDF")
@run_options
@click.pass_obj
def command(invocation: Invocation, /, *, pdf: Path, **options: Any) -> int:
    """Fetch every work that one PDF cites; work left over from before is done too."""
    require_files([pdf])
    return run(invocation, [pdf], f"process-pdf-concurrent {pdf}", **options)
