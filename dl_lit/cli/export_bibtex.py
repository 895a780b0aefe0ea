"""`dl-lit export-bibtex OUT`: the library as BibTeX, its PDFs in the `file` fields as JabRef has them."""

from __future__ import annotations

from pathlib import Path

import click

from dl_lit.cli.export import command as export
from dl_lit.cli.invocation import Invocation
from dl_lit.cli.options import common_options

_INCOMPLETE = 3


@click.command()
@click.argument("out", type=click.Path(dir_okay=False, allow_dash=True, path_type=Path), metavar="OUT")
@click.option("--skip-pdf-check", is_flag=True, help="Do not look whether the PDFs are there.")
@common_options
@click.pass_context
def command(ctx: click.Context, /, *, out: Path, skip_pdf_check: bool) -> int:
    """Write the works that were recognised as BibTeX; dl-lit export knows more formats and choices.

    Ends with 3 when a PDF that the library should have is not there.
    """
    ctx.invoke(export, form="bibtex", output=out, file_form="jabref")
    return 0 if skip_pdf_check else _check(ctx.ensure_object(Invocation))


def _check(invocation: Invocation) -> int:
    """Tell which PDFs are not where they should be."""
    from db.reading.files import paths_in_library  # noqa: PLC0415 - brings SQLAlchemy, which --help need not load
    from db.reading.opening import reading  # noqa: PLC0415
    from dl_lit.app.shelving import shelf_of  # noqa: PLC0415
    from dl_lit.cli.printing import tell_first  # noqa: PLC0415

    settings = invocation.settings
    with reading(settings.database) as connection:
        shelf = shelf_of(settings)
        gone = [path for path in paths_in_library(connection) if not shelf.has(path)]
    tell_first(gone, "not in the library", rest="dl-lit doctor --files lists them, and says what to do")
    return _INCOMPLETE if gone else 0
