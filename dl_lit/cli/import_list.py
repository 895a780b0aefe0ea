"""`dl-lit import-list FILE|-`: works by their identifiers or titles, one in a line."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from dl_lit.cli.importing import content_of, import_all, import_options
from dl_lit.cli.invocation import Invocation


@click.command(
    epilog="""\b
Examples:
  dl-lit import-list dois.txt                  DOIs, arXiv ids, PMIDs, PMCIDs, ISBNs, OpenAlex ids, titles
  dl-lit import-list table.csv --run           its first column; work on them now
  grep -o '10\\.[0-9]*/[^ ]*' notes | dl-lit import-list -

Blank lines and those that begin with # are left out. Addresses count where they have an identifier in them."""
)
@click.argument("files", type=click.Path(path_type=Path, allow_dash=True), nargs=-1, required=True, metavar="FILE|-...")
@import_options
@click.pass_obj
def command(invocation: Invocation, /, *, files: tuple[Path, ...], **options: Any) -> int:
    """Add the works that lists name, one in a line; a pipeline recognises and fetches them.

    Every line that cannot be understood is told; the others are added. Ends with 3 when there was one.
    """
    from dl_lit.core.store import SourceKind  # noqa: PLC0415 - not for --help
    from dl_lit.exports.read_bib import decode  # noqa: PLC0415
    from dl_lit.exports.read_list import read_list  # noqa: PLC0415

    contents = [replace(content_of(path), kind=SourceKind.LIST) for path in files]
    named = " ".join(map(str, files))
    return import_all(invocation, f"import-list {named}", contents, lambda data: read_list(decode(data)), **options)
