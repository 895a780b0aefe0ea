"""`dl-lit import-bib FILE…`: entries that need no extraction, and the PDFs that came with them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from dl_lit.cli.importing import content_of, import_all, import_options
from dl_lit.cli.invocation import Invocation


@click.command(
    epilog="""\b
Examples:
  dl-lit import-bib library.bib                          its entries wait to be recognised
  dl-lit import-bib library.bib --pdf-base-dir ~/papers  and its PDFs are looked for there
  dl-lit import-bib a.ris b.json --run                   work on them now

What the file calls its PDFs is understood in JabRef's, Zotero's and EndNote's ways. A PDF gets into the library only if
it proves to be the work its entry names; a doubtful one waits for dl-lit review."""
)
@click.argument("files", type=click.Path(path_type=Path, allow_dash=True), nargs=-1, required=True, metavar="FILE...")
@click.option(
    "--pdf-base-dir",
    "pdfs",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Look for the PDFs that the entries name in this folder first.",
)
@import_options
@click.pass_obj
def command(invocation: Invocation, /, *, files: tuple[Path, ...], pdfs: Path | None, **options: Any) -> int:
    """Add the entries of BibTeX, RIS or CSL-JSON files; a pipeline recognises and fetches the works they name.

    Every entry that cannot be read is told with its line; the others are added. Ends with 3 when there was one.
    """
    from dl_lit.exports.read_bib import read_bib  # noqa: PLC0415 - brings the parsers, which --help need not load

    contents = [content_of(path) for path in files]  # all of them, before anything is written
    named = " ".join(map(str, files))
    return import_all(invocation, f"import-bib {named}", contents, read_bib, pdfs=pdfs, **options)
