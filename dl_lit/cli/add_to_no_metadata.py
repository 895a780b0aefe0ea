"""`dl-lit add-to-no-metadata --json-file FILE`: references that another program has read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from dl_lit.cli.importing import content_of, import_all, import_options
from dl_lit.cli.invocation import Invocation


@click.command(
    epilog="""\b
Examples:
  dl-lit extract paper.pdf --json | dl-lit add-to-no-metadata --json-file -
  dl-lit add-to-no-metadata --json-file references.json --source-pdf paper.pdf

A reference is an object with the usual names (title, authors, year, doi, journal, volume, pages), or raw, its text."""
)
@click.option(
    "--json-file", "file", type=click.Path(path_type=Path, allow_dash=True), required=True, metavar="FILE|-",
    help="The references, as JSON.",
)  # fmt: skip
@click.option("--source-pdf", "pdf", metavar="NAME", help="What they were read from, for people to know them by.")
@import_options
@click.pass_obj
def command(invocation: Invocation, /, *, file: Path, pdf: str | None, **options: Any) -> int:
    """Add the references of a JSON file, ready to be recognised; process-pdf-concurrent reads PDFs itself."""
    from dl_lit.core.store import SourceKind  # noqa: PLC0415 - not for --help
    from dl_lit.exports.read_references import read_references  # noqa: PLC0415

    content = content_of(file)
    named = content.named(pdf, SourceKind.LIST) if pdf else content
    return import_all(invocation, f"add-to-no-metadata {file}", [named], read_references, **options)
