"""`dl-lit export`: what was found, for reference managers and other programs."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from dl_lit.cli.invocation import Invocation
from dl_lit.cli.options import common_options
from dl_lit.cli.output import to_standard_output, write_output

if TYPE_CHECKING:
    from dl_lit.exports.record import ExportRecord

FORMATS = ("bibtex", "biblatex", "csl-json", "ris", "csv", "jsonl")


@click.command(
    epilog="""\b
Examples:
  dl-lit export > library.bib
  dl-lit export --format ris --downloaded-only --output library.ris
  dl-lit export --missing --format csv --output missing.csv      what is not to be had, and why
  dl-lit export --format csv --source s5 --source ~/inbox/paper.pdf --output cited.csv

Paths of PDFs are relative to the folder of the output file (of the current one without --output)."""
)
@click.option("--format", "form", type=click.Choice(FORMATS), default="bibtex", show_default=True)
@click.option(
    "--output",
    type=click.Path(dir_okay=False, allow_dash=True, path_type=Path),
    metavar="FILE",
    help="Write there, whole or not at all; - is standard output.",
)
@click.option("--missing", is_flag=True, help="Only works whose PDF could not be had, with the reason.")
@click.option("--downloaded-only", is_flag=True, help="Only works whose PDF is in the library.")
@click.option(
    "--source", "sources", multiple=True, metavar="SOURCE", help="Only works cited by this source: id or path."
)
@common_options
@click.pass_obj
def command(
    invocation: Invocation,
    *,
    form: str,
    output: Path | None,
    downloaded_only: bool,
    missing: bool,
    sources: tuple[str, ...],
) -> None:
    """Write the works that were recognised, in printed order, each once, with the paths of their PDFs."""
    from db.reading.opening import reading  # noqa: PLC0415 - brings SQLAlchemy, which --help need not load
    from db.reading.sources import sources_named  # noqa: PLC0415
    from dl_lit.app.outcome.records import export_records  # noqa: PLC0415
    from dl_lit.exports.record import ItemState  # noqa: PLC0415

    if downloaded_only and missing:
        raise click.UsageError("--downloaded-only and --missing together leave nothing")
    settings = invocation.settings
    file = None if to_standard_output(output) else output
    beside = (Path.cwd() if file is None else file.absolute().parent).resolve()
    with reading(settings.database) as connection:
        chosen = [id_ for name in sources for id_ in sources_named(connection, name)] if sources else None
        records = export_records(
            connection, settings.library.resolve(), beside, chosen, downloaded_only=downloaded_only
        )
        if missing:
            records = (one for one in records if one.state in {ItemState.FAILED, ItemState.NEEDS_REVIEW})
        tally = itertools.count()
        pieces = _written(form, (one for one, _ in zip(records, tally, strict=False)))
        if file is None:
            for piece in pieces:
                click.echo(piece, nl=False)
            return
        write_output(file, pieces)
    click.echo(f"dl-lit: {next(tally):,} works written to {file}", err=True)


def _written(form: str, records: Iterator[ExportRecord]) -> Iterator[str]:
    """The pieces of the export."""
    match form:
        case "bibtex" | "biblatex":
            from dl_lit.exports.bibtex import Dialect, bibtex  # noqa: PLC0415 - only the one that is asked for

            return bibtex(records, Dialect(form))
        case "csl-json":
            from dl_lit.exports.csl_json import csl_json  # noqa: PLC0415

            return csl_json(records)
        case "ris":
            from dl_lit.exports.ris import ris  # noqa: PLC0415

            return ris(records)
        case "csv":
            from dl_lit.exports.csv_table import csv_table  # noqa: PLC0415

            return csv_table(records)
        case _:
            from dl_lit.exports.jsonl import jsonl  # noqa: PLC0415

            return jsonl(records)
